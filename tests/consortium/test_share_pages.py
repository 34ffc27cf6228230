import pytest
from django.urls import reverse

from consortium import shares
from consortium.models import Allocation, ProjectState
from tests import factories
from tests.consortium.conftest import fields


@pytest.fixture
def member(project, member_a):
    return project.members.get(organisation=member_a)


def page_of(project):
    return reverse("consortium:shares", args=[project.slug])


def share_page(member, activity="short-learning"):
    return reverse("consortium:share", args=[member.project.slug, member.pk, activity])


def test_coordinator_sees_every_members_share_with_links(sign_in, coordinator, project, member_a, member_b):
    page = sign_in(coordinator).get(page_of(project))
    assert [str(member) for member, _cells in page.context["table"].rows] == [str(member_a), str(member_b)]
    for member in project.members.all():
        assert share_page(member) in page.text
        assert share_page(member, "job-shadowing") in page.text


def test_contact_person_sees_the_own_members_row_alone(sign_in, contact, project, member_b):
    page = sign_in(contact).get(page_of(project))
    assert [str(member) for member, _cells in page.context["table"].rows] == ["Almby lärcentrum"]
    assert "Björkby" not in page.text
    assert "All 1" not in page.text


@pytest.mark.parametrize("who", ["staff", "auditor"])
def test_readers_see_all_and_change_nothing(who, request, sign_in, project, member):
    client = sign_in(request.getfixturevalue(who))
    assert len(client.get(page_of(project)).context["table"].rows) == 2
    page = client.get(share_page(member))
    assert 'name="places"' not in page.text
    assert client.post(share_page(member), {"places": 3, "reason": "x"}).status_code == 404
    assert shares.share_of(member, factories.ActivityTypeFactory()).places == 10


def test_contact_person_reads_how_the_own_share_came_about(sign_in, coordinator, contact, other_contact, member, send):
    send(sign_in(coordinator), share_page(member), places=12, reason="They asked for two more.")
    page = sign_in(contact).get(share_page(member))
    assert "They asked for two more." in page.text
    assert 'name="places"' not in page.text
    assert sign_in(other_contact).get(share_page(member)).status_code == 404
    assert sign_in(contact).post(share_page(member), {}).status_code == 404


@pytest.mark.parametrize("who", ["outsider", "participant"])
def test_strangers_find_no_page(who, request, sign_in, project, member):
    client = sign_in(request.getfixturevalue(who))
    assert client.get(page_of(project)).status_code == 404
    assert client.get(share_page(member)).status_code == 404


def test_saving_says_what_changed(sign_in, coordinator, project, member, learners, send):
    page = send(sign_in(coordinator), share_page(member), places=12, reason="They asked for two more.")
    assert page.redirect_chain == [(page_of(project), 302)]
    assert "Almby lärcentrum, Short placement: the share was 10 and is now 12 places." in page.text
    assert shares.share_of(member, learners).places == 12


def test_first_share_is_given_on_the_page(sign_in, coordinator, project, association, learners, send):
    member = factories.ProjectMemberFactory(project=project, organisation=association)
    client = sign_in(coordinator)
    assert "Give places" in client.get(page_of(project)).text
    page = send(client, share_page(member), places=4, reason="New here.")
    assert "the share was 0 and is now 4 places" in page.text


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"places": 5000}, "places", "The member can have at most 990: it has 10, and of the award 980 are left."),
        ({"places": 10}, "places", "The share is that large already. Write another number, or go back."),
        ({"places": -1}, "places", None),
        ({"places": ""}, "places", None),
        ({"places": 12, "reason": " "}, "reason", None),
    ],
)
def test_wrong_input_is_said_at_its_field_and_kept(changes, field, sentence, sign_in, coordinator, member, send):
    page = send(sign_in(coordinator), share_page(member), **({"reason": "Kept words."} | changes))
    form = page.context["form"]
    assert list(form.errors) == [field]
    if sentence:
        assert form.errors[field] == [sentence]
    if field != "reason":
        assert "Kept words." in page.text
    assert page.text.count("<title>Error:") == 1
    assert Allocation.objects.get(member=member, activity_type__key="short-learning").places == 10


def test_share_is_not_made_smaller_than_what_is_taken(sign_in, coordinator, member, member_a, project, learners, send):
    shares.take_place(project=project, organisation=member_a, activity_type=learners)
    page = send(sign_in(coordinator), share_page(member), places=0, reason="x")
    assert page.context["form"].errors["places"] == [
        "1 place is already taken. Write at least that number, or withdraw a mobility first."
    ]


def test_second_editor_sees_both_values_and_may_save_again(sign_in, coordinator, member, learners, send):
    client = sign_in(coordinator)
    mine = fields(client.get(share_page(member)).context["form"], places=15, reason="Mine.")
    send(client, share_page(member), places=12, reason="Theirs.")
    page = client.post(share_page(member), mine)
    assert [(line["mine"], line["theirs"]) for line in page.context["form"].conflict] == [("15", "12")]
    assert "Mine." in page.text
    assert shares.share_of(member, learners).places == 12
    page = client.post(share_page(member), fields(page.context["form"]), follow=True)
    assert "the share was 12 and is now 15 places" in page.text


def test_two_first_shares_at_once_are_a_conflict_too(sign_in, coordinator, project, association, learners, send):
    member = factories.ProjectMemberFactory(project=project, organisation=association)
    client = sign_in(coordinator)
    mine = fields(client.get(share_page(member)).context["form"], places=5, reason="Mine.")
    send(client, share_page(member), places=4, reason="Theirs.")
    page = client.post(share_page(member), mine)
    assert [(line["mine"], line["theirs"]) for line in page.context["form"].conflict] == [("5", "4")]
    page = client.post(share_page(member), fields(page.context["form"]), follow=True)
    assert "the share was 4 and is now 5 places" in page.text


def test_first_share_that_came_in_the_very_moment_is_a_conflict(
    sign_in, coordinator, project, association, learners, monkeypatch
):
    """The form found no share; before it is saved there is one."""
    member = factories.ProjectMemberFactory(project=project, organisation=association)
    client, give = sign_in(coordinator), shares.give_places

    def late(**wanted):
        monkeypatch.setattr(shares, "give_places", give)
        give(**wanted | {"places": 4})
        return give(**wanted)

    mine = fields(client.get(share_page(member)).context["form"], places=5, reason="Mine.")
    monkeypatch.setattr(shares, "give_places", late)
    page = client.post(share_page(member), mine)
    assert page.status_code == 200
    assert shares.share_of(member, learners).pk is None  # what the other one did went with this transaction
    assert page.context["form"].non_field_errors()


def test_double_click_gives_once(sign_in, coordinator, member, learners):
    client = sign_in(coordinator)
    sent = fields(client.get(share_page(member)).context["form"], places=12, reason="Once.")
    first, second = client.post(share_page(member), sent), client.post(share_page(member), sent)
    assert (first.status_code, second.status_code, second["Location"]) == (302, 302, first["Location"])
    assert shares.share_of(member, learners).version == 1


def test_ended_project_is_read_alone(sign_in, coordinator, project, member):
    project.state = ProjectState.ENDED
    project.save()
    client = sign_in(coordinator)
    assert "Shares can be changed only while the project is running." in client.get(page_of(project)).text
    assert 'name="places"' not in client.get(share_page(member)).text
    page = client.post(share_page(member), {"places": 12, "reason": "x", "version": 0})
    assert page.context["form"].non_field_errors() == ["Shares can be changed only while the project is running."]


def test_project_without_award_says_so(sign_in, coordinator, association):
    project = factories.ProjectFactory(owner=association)
    assert "No places to share out" in sign_in(coordinator).get(page_of(project)).text


def test_project_without_members_says_so(sign_in, coordinator, association):
    project = factories.running_project(owner=association)
    assert "No members yet" in sign_in(coordinator).get(page_of(project)).text


def test_share_of_an_activity_without_award_is_not_there(sign_in, coordinator, member):
    factories.ActivityTypeFactory(key="long-learning")
    assert sign_in(coordinator).get(share_page(member, "long-learning")).status_code == 404


def test_share_is_found_in_its_own_project_alone(sign_in, coordinator, member, association):
    other = factories.running_project(owner=association)
    address = reverse("consortium:share", args=[other.slug, member.pk, "short-learning"])
    assert sign_in(coordinator).get(address).status_code == 404


def test_table_takes_the_same_queries_for_any_number_of_members(
    sign_in, coordinator, association, django_assert_num_queries, django_assert_max_num_queries
):
    client = sign_in(coordinator)
    counted = []
    for n in (1, 3, 50):
        project = factories.running_project(members=factories.OrganisationFactory.create_batch(n), owner=association)
        with django_assert_max_num_queries(20) as queries:
            page = client.get(page_of(project))
        assert len(page.context["table"].rows) == n
        counted.append(len(queries))
    assert len(set(counted)) == 1
