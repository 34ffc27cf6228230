import pytest
from django.urls import reverse

from consortium import project_texts
from consortium.models import ProjectText
from consortium.permissions import NotAllowed
from tests import factories
from tests.consortium.conftest import fields
from westum.base.history import lines_of


def page(name, project, *args):
    return reverse(f"consortium:{name}", args=[project.slug, *args])


@pytest.fixture
def texts(project):
    return [
        ProjectText.objects.create(project=project, position=n * 2, heading_sv=f"Rubrik {n}", heading_en=f"Heading {n}")
        for n in (1, 2, 3)
    ]


def in_order(project):
    return list(project.texts.values_list("heading_en", flat=True))


def test_text_is_written_in_both_languages_and_read_on_the_public_page(
    sign_in, coordinator, client, project, texts, send
):
    page_after = send(
        sign_in(coordinator),
        page("text_new", project),
        heading_sv="Syfte",
        heading_en="Purpose",
        text_sv="Att lära.\n\n- av andra",
        text_en="To learn.",
        source_en="The paper",
        as_of="2019-05-06",
    )
    assert page_after.redirect_chain == [(page("texts", project), 302)]
    assert [row["text"].heading for row in page_after.context["rows"]] == [
        "Heading 1",
        "Heading 2",
        "Heading 3",
        "Purpose",
    ]
    assert "<li>av andra</li>" in client.get(project.get_absolute_url(), headers={"Accept-Language": "sv"}).text
    public = client.get(project.get_absolute_url(), headers={"Accept-Language": "en"}).text
    for words in ("Purpose", "To learn.", "The paper", "6 May 2019"):
        assert words in public
    line = lines_of(project)[0]
    assert (line.what, line.detail, line.who) == ("added a text", "Syfte", "Sara Exempelsson")


def test_changed_text_has_its_history(sign_in, coordinator, project, texts, send):
    client = sign_in(coordinator)
    send(client, page("text_edit", project, texts[0].pk), text_en="New words.")
    texts[0].refresh_from_db()
    assert (texts[0].text_en, texts[0].position, texts[0].version) == ("New words.", 2, 1)
    found = client.get(page("text_edit", project, texts[0].pk))
    assert found.context["lines"][0].detail == "Changed: text in English."


def test_second_editor_sees_both_values(sign_in, coordinator, project, texts, send):
    client = sign_in(coordinator)
    address = page("text_edit", project, texts[0].pk)
    mine = fields(client.get(address).context["form"], text_en="Mine.")
    send(client, address, text_en="Theirs.")
    assert [(line["mine"], line["theirs"]) for line in client.post(address, mine).context["form"].conflict] == [
        ("Mine.", "Theirs.")
    ]


@pytest.mark.parametrize(
    ("number", "direction", "order"),
    [
        (0, "down", [2, 1, 3]),
        (2, "up", [1, 3, 2]),
        (1, "up", [2, 1, 3]),
        (0, "up", [1, 2, 3]),
        (2, "down", [1, 2, 3]),
    ],
)
def test_text_moves_one_place(number, direction, order, sign_in, coordinator, project, texts):
    client = sign_in(coordinator)
    row = client.get(page("texts", project)).context["rows"][number]
    token = (row["up"] or row["down"])["form_token"].value()
    sent = {"direction": direction, "form_token": token}
    for _twice in range(2):  # a double click moves once
        answer = client.post(page("text_move", project, texts[number].pk), sent)
        assert (answer.status_code, answer["Location"]) == (302, page("texts", project))
    assert in_order(project) == [f"Heading {n}" for n in order]
    assert list(project.texts.values_list("position", flat=True)) == [1, 2, 3]


def test_first_cannot_go_up_and_last_not_down(sign_in, coordinator, project, texts):
    rows = sign_in(coordinator).get(page("texts", project)).context["rows"]
    assert [(row["up"] is None, row["down"] is None) for row in rows] == [(True, False), (False, False), (False, True)]


def test_deleted_text_is_gone_and_told(sign_in, coordinator, client, project, texts, send):
    after = send(sign_in(coordinator), page("text_delete", project, texts[1].pk))
    assert "“Heading 2” is deleted." in after.text
    assert in_order(project) == ["Heading 1", "Heading 3"]
    assert "Heading 2" not in client.get(project.get_absolute_url(), headers={"Accept-Language": "en"}).text
    assert (lines_of(project)[0].what, lines_of(project)[0].detail) == ("deleted a text", "Rubrik 2")
    assert ProjectText.history.filter(id=texts[1].pk, history_type="-").count() == 1


def test_texts_of_an_ended_project_stay(sign_in, coordinator, project, texts):
    project.state = "ended"
    project.save()
    client = sign_in(coordinator)
    shown = client.get(page("texts", project)).text
    assert "The project has ended and can only be read." in shown
    assert page("text_edit", project, texts[0].pk) not in shown
    for act in (
        lambda: project_texts.save(text=texts[0], by=coordinator),
        lambda: project_texts.save(text=ProjectText(project=project, heading_sv="x", heading_en="x"), by=coordinator),
        lambda: project_texts.move(text=texts[0], up=False, by=coordinator),
        lambda: project_texts.delete(text=texts[0], by=coordinator),
    ):
        with pytest.raises(NotAllowed, match="Reopen it"):
            act()
    moved = client.post(page("text_move", project, texts[0].pk), {"direction": "down"}, follow=True)
    assert "Reopen it to change anything." in moved.text
    assert in_order(project) == ["Heading 1", "Heading 2", "Heading 3"]


def test_nobody_else_finds_them(sign_in, staff, auditor, contact, outsider, project, texts):
    for user in (staff, auditor, contact, outsider):
        client = sign_in(user)
        for name in ("text_edit", "text_delete", "text_move"):
            assert client.post(page(name, project, texts[0].pk), {"direction": "down"}).status_code == 404
        assert (
            client.get(page("texts", project)).status_code == client.get(page("text_new", project)).status_code == 404
        )


def test_text_is_found_in_its_own_project_alone(sign_in, coordinator, project, texts, association):
    other = factories.ProjectFactory(owner=association)
    assert sign_in(coordinator).get(page("text_edit", other, texts[0].pk)).status_code == 404


def test_record_of_another_owner_keeps_its_texts(sign_in, coordinator):
    record = factories.ProjectFactory(is_reference_record=True)
    text = ProjectText.objects.create(project=record, position=1, heading_sv="Syfte", heading_en="Purpose")
    assert sign_in(coordinator).get(page("text_edit", record, text.pk)).status_code == 404


def test_list_takes_the_same_queries_for_any_number_of_texts(
    sign_in, coordinator, association, django_assert_max_num_queries
):
    client = sign_in(coordinator)
    counted = []
    for n in (1, 3, 50):
        project = factories.ProjectFactory(owner=association)
        for position in range(n):
            ProjectText.objects.create(project=project, position=position, heading_sv="x", heading_en="x")
        with django_assert_max_num_queries(20) as queries:
            assert len(client.get(page("texts", project)).context["rows"]) == n
        counted.append(len(queries))
    assert len(set(counted)) == 1
