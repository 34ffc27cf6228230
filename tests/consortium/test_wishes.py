from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from consortium import steps, wishes
from consortium.models import AnswerState, ProjectMember, ProjectState, Wish, WishAnswer, WishRequest
from consortium.permissions import NotAllowed
from tests import factories
from tests.consortium.conftest import fields
from westum.base.forms import Changed
from westum.base.history import lines_of
from westum.base.models import Letter


@pytest.fixture
def planned(association, member_a, member_b, learners, db):
    project = factories.ProjectFactory(
        slug="planned", state="planned", call_year=2025, owner=association, name_en="Next year"
    )
    factories.ActivityTypeFactory(staff=True)
    for organisation in (member_a, member_b):
        factories.ProjectMemberFactory(project=project, organisation=organisation)
    return project


@pytest.fixture
def member(planned, member_a):
    return planned.members.get(organisation=member_a)


@pytest.fixture
def fellow_member(planned, member_b):
    return planned.members.get(organisation=member_b)


def answer(member, learners, places=3, days=14, purpose="Care", **more):
    return wishes.answer(member=member, wishes={learners: (places, days, purpose)}, note="", by=None, **more)


def table_of(project):
    return wishes.Table(ProjectMember.objects.filter(project=project).in_order())


def page(name, project, *args):
    return reverse(f"consortium:{name}", args=[project.slug, *args])


def test_answer_is_kept_changed_and_its_history_read(member, learners):
    found = answer(member, learners)
    assert (found.state, found.version) == (AnswerState.ANSWERED, 1)
    answer(member, learners, places=5, version=1)
    assert list(Wish.objects.values_list("places", "days", "purpose")) == [(5, 14, "Care")]
    assert [line.what for line in lines_of(found)] == ["answered about wishes"] * 2


def test_wish_that_is_left_out_is_gone(member, learners):
    answer(member, learners)
    shadowing = factories.ActivityTypeFactory(staff=True)
    member = ProjectMember.objects.get(pk=member.pk)
    wishes.answer(member=member, wishes={shadowing: (1, 5, "Visit")}, note="", by=None)
    assert Wish.objects.get().activity_type == shadowing


def test_not_this_year_is_an_answer(member, learners):
    answer(member, learners)
    found = wishes.decline(member=member, note="", by=None)
    assert found.state == AnswerState.DECLINED
    assert not Wish.objects.exists()


def test_nothing_wished_for_is_no_answer(member):
    with pytest.raises(NotAllowed, match="press “Not this year”"):
        wishes.answer(member=member, wishes={}, note="", by=None)


def test_second_answer_at_once_is_a_conflict(member, learners):
    answer(member, learners, version=0)
    with pytest.raises(Changed):
        answer(member, learners, places=9, version=0)


@pytest.mark.parametrize(
    "fields",
    [{"state": ProjectState.RUNNING}, {"is_reference_record": True}, {"programme": "ESF"}, {"programme": "KA120-VET"}],
)
def test_project_that_is_not_being_applied_for_refuses(fields, planned, member, learners):
    for name, value in fields.items():
        setattr(planned, name, value)
    planned.save()
    for act in (lambda: answer(member, learners), lambda: wishes.decline(member=member, note="", by=None)):
        with pytest.raises(NotAllowed, match="while the project is planned"):
            act()


# Asking and reminding


def test_all_are_asked_once_and_the_silent_reminded(planned, member, fellow_member, learners, contact, other_contact):
    until = timezone.localdate() + timedelta(14)
    assert wishes.ask(project=planned, answer_by=until, by=None) == 2
    assert wishes.ask(project=planned, answer_by=until, by=None) == 0
    assert sorted(Letter.objects.values_list("to", flat=True)) == [other_contact.email, contact.email]
    assert all(f"/wishes/{one.pk}/" in letter for one, letter in [(member, Letter.objects.get(to=contact.email).body)])
    answer(member, learners)
    assert [str(one) for one in wishes.silent(planned)] == ["Björkby lärcentrum"]
    assert wishes.remind(project=planned, by=None) == 1
    assert Letter.objects.filter(subject__startswith="Reminder").get().to == other_contact.email
    assert WishAnswer.objects.get(member=fellow_member).reminded_at


def test_day_that_has_passed_is_refused(planned, member):
    with pytest.raises(NotAllowed) as refused:
        wishes.ask(project=planned, answer_by=factories.day(-1), by=None)
    assert list(refused.value.message_dict) == ["answer_by"]


def test_page_shows_number_names_and_sample_before_anything_is_sent(
    sign_in, coordinator, planned, contact, other_contact, send
):
    client = sign_in(coordinator)
    shown = client.get(page("ask_wishes", planned))
    for word in ("2 mails, 2 members", contact.email, "Berit Björkberg", "What do you wish for in Next year?"):
        assert word in shown.text
    assert not Letter.objects.exists()
    send(client, page("ask_wishes", planned), answer_by=factories.day(10))
    shown = client.get(page("remind_wishes", planned))
    sent = fields(shown.context["form"])
    assert "Reminder: what do you wish for in Next year?" in shown.text
    assert [client.post(page("remind_wishes", planned), sent).status_code for _click in range(2)] == [302, 302]
    assert Letter.objects.count() == 4


def test_member_without_a_contact_is_named(sign_in, coordinator, planned):
    assert "no contact person, gets no mail" in sign_in(coordinator).get(page("ask_wishes", planned)).text


# The contact person's page


def test_contact_answers_on_the_page(sign_in, contact, planned, member, send):
    shown = send(
        sign_in(contact),
        page("wish", planned, member.pk),
        **{"places-short-learning": 4, "days-short-learning": 21, "purpose-short-learning": "Kitchen"},
    )
    assert "The answer of Almby lärcentrum is saved." in shown.text
    assert Wish.objects.get().member == member
    assert WishAnswer.objects.get().answered_by == contact


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"places": 4}, "days"),
        ({"places": 4, "days": 21}, "purpose"),
        ({"days": 21, "purpose": "x"}, "places"),
        ({"places": 4, "days": 5, "purpose": "x"}, "days"),  # fewer than the ten that the activity needs
        ({"places": -1}, "places"),
    ],
)
def test_wrong_input_is_said_at_its_field(typed, field, sign_in, contact, planned, member, send):
    shown = send(
        sign_in(contact),
        page("wish", planned, member.pk),
        **{f"{part}-short-learning": value for part, value in typed.items()},
    )
    assert f"{field}-short-learning" in shown.context["form"].errors
    assert not Wish.objects.exists()


def test_not_this_year_is_one_press(sign_in, contact, planned, member):
    client = sign_in(contact)
    sent = fields(client.get(page("wish", planned, member.pk)).context["decline_form"])
    shown = client.post(page("decline_wish", planned, member.pk), sent, follow=True)
    assert "Almby lärcentrum: not this year." in shown.text
    assert WishAnswer.objects.get().state == AnswerState.DECLINED


def test_last_answer_stands_beside_and_is_copied(sign_in, contact, planned, member, project, member_a, learners):
    former = project.members.get(organisation=member_a)
    Wish(member=former, activity_type=learners, places=6, days=20, purpose="Nursing").save()
    client = sign_in(contact)
    shown = client.get(page("wish", planned, member.pk))
    assert "In Example project: 6 places of 20 days. Nursing" in shown.text
    assert shown.context["form"]["places-short-learning"].value() is None
    copied = client.get(page("wish", planned, member.pk) + "?copy=1")
    assert copied.context["form"]["places-short-learning"].value() == 6


def test_conflict_shows_both_values_and_may_be_saved_again(sign_in, contact, planned, member, learners):
    client, url = sign_in(contact), page("wish", planned, member.pk)
    mine = fields(
        client.get(url).context["form"],
        **{"places-short-learning": 4, "days-short-learning": 14, "purpose-short-learning": "Care"},
    )
    answer(member, learners)
    shown = client.post(url, mine)
    assert [(line["mine"], line["theirs"]) for line in shown.context["form"].conflict] == [("4", "3")]
    assert client.post(url, fields(shown.context["form"])).status_code == 302
    assert Wish.objects.get().places == 4


def test_contact_of_another_member_finds_nothing(sign_in, other_contact, planned, member):
    assert sign_in(other_contact).get(page("wish", planned, member.pk)).status_code == 404


# The request


def test_sum_of_each_activity_is_frozen_as_it_was(
    sign_in, coordinator, contact, planned, member, fellow_member, learners, send
):
    answer(member, learners, places=3, days=14)
    client = sign_in(coordinator)
    assert "Without an answer: Björkby lärcentrum." in client.get(page("wish_request", planned)).text
    send(client, page("wish_request", planned))
    kept = WishRequest.objects.get()
    assert [(row["key"], row["places"], row["days"]) for row in kept.rows] == [("short-learning", 3, 42)]
    assert kept.rows[0]["members"][0] | {"organisation": 0} == {
        "organisation": 0, "name": "Almby lärcentrum", "places": 3, "days": 14, "purpose": "Care",
    }  # fmt: skip
    assert kept.silent == ["Björkby lärcentrum"]
    Wish.objects.unkept("what is changed elsewhere").update(places=99)
    shown = client.get(page("wish_request", planned))
    assert "99" not in shown.text.split("<main")[1].split("</main")[0]
    with pytest.raises(NotAllowed):
        answer(fellow_member, learners)
    own = sign_in(contact).get(page("wish", planned, member.pk))
    assert 'name="places-short-learning"' not in own.text
    with pytest.raises(NotAllowed):
        wishes.freeze(project=planned, sent_on=timezone.localdate(), by=coordinator)


def test_request_of_nothing_or_of_tomorrow_is_refused(planned, member, learners):
    with pytest.raises(NotAllowed, match="Nobody has wished"):
        wishes.freeze(project=planned, sent_on=timezone.localdate(), by=None)
    answer(member, learners)
    with pytest.raises(NotAllowed, match="still to come"):
        wishes.freeze(project=planned, sent_on=factories.day(1), by=None)


def test_sums_equal_the_members_rows(planned, member, fellow_member, learners):
    answer(member, learners, places=3, days=14)
    answer(fellow_member, learners, places=2, days=21)
    table = table_of(planned)
    assert [(found.places, found.days) for found in table.sums] == [(5, 84)]
    assert table.answered == 2


# Steps


def test_steps_lead_to_the_page(planned, member, contact, other_contact, coordinator, learners):
    assert steps.waiting(contact) == []
    assert [step.url for step in steps.waiting(coordinator)] == [page("ask_wishes", planned)]
    wishes.ask(project=planned, answer_by=factories.day(9), by=coordinator)
    (own,) = steps.waiting(contact)
    assert (own.mine, own.what, own.url) == (
        True,
        "Answer what you wish for in Next year",
        page("wish", planned, member.pk),
    )
    assert [(step.mine, step.count) for step in steps.waiting(coordinator)] == [(False, 2)]
    for one in planned.members.all():
        answer(one, learners)
    assert steps.waiting(contact) == []
    assert [step.url for step in steps.waiting(coordinator)] == [page("wish_request", planned)]


def test_step_is_the_contact_persons_own_in_the_own_member_alone(planned, member, contact, learners):
    """Somebody who is contact person in one member and audits the project sees the other members' steps as theirs."""
    factories.MembershipFactory(
        user=contact, role="auditor", organisation=planned.owner, project=planned, to_date=factories.day(90)
    )
    wishes.ask(project=planned, answer_by=factories.day(9), by=None)
    assert [(step.mine, step.count, step.url) for step in steps.waiting(contact)] == [
        (True, 1, page("wish", planned, member.pk)),
        (False, 1, page("wishes", planned)),
    ]


def test_asking_reads_the_answers_of_all_members_at_once(planned):
    """What is read before the rows are written: as much for one member as for many."""

    def reads():
        with CaptureQueriesContext(connection) as asked:
            wishes.ask(project=planned, answer_by=factories.day(9), by=None)
        return len([query for query in asked if query["sql"].startswith("SELECT") and "wishanswer" in query["sql"]])

    few = reads()
    for _member in range(5):
        factories.ProjectMemberFactory(project=planned)
    assert reads() == few


def test_start_page_shows_the_step(sign_in, contact, planned):
    wishes.ask(project=planned, answer_by=factories.day(9), by=None)
    assert "Answer what you wish for in Next year" in sign_in(contact).get("/").text


@pytest.mark.parametrize("number", [1, 3, 50])
def test_table_asks_as_much_for_any_number_of_members(
    number, sign_in, coordinator, association, learners, django_assert_num_queries
):
    project = factories.ProjectFactory(state="planned", call_year=2025, owner=association)
    for _member in range(number):
        answer(factories.ProjectMemberFactory(project=project), learners)
    client = sign_in(coordinator)
    with django_assert_num_queries(QUERIES):
        shown = client.get(page("wishes", project))
    assert len(shown.context["table"].rows) == number


QUERIES = 11
