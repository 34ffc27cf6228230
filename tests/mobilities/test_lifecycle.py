"""State × verb: what may happen, what happens then, and that nothing happens otherwise."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from consortium.models import Allocation, Organisation, ProjectState
from consortium.permissions import NotAllowed
from mobilities import lifecycle, places
from mobilities.models import FunderState, Mobility, MobilityState
from tests import factories
from westum.base.forms import Changed
from westum.base.models import Letter

ENDED = "The project has ended. Its mobilities stay as they are."


def call(verb, mobility, by, **options):
    """The verb as pages and tasks call it."""
    if verb in lifecycle.BY_CALENDAR:
        return getattr(lifecycle, verb)(mobility=mobility)
    if verb in {"amend", "correct"}:
        options.setdefault("goals", list(mobility.goals.all()))
    if verb in {"withdraw", "cancel"}:
        options.setdefault("reason", "Ill since Monday.")
    if verb == "send_back":
        options.setdefault("comment", "Which ward is it?")
    return getattr(lifecycle, verb)(mobility=mobility, by=by, **options)


# Verb → from which state to which; everything that is not here is refused.
LEADS = {
    "amend": {"draft": "draft", "submitted": "submitted", "queued": "queued"},
    "submit": {"draft": "submitted"},
    "withdraw": {"draft": "withdrawn", "submitted": "withdrawn", "queued": "withdrawn"},
    "send_back": {"submitted": "draft", "queued": "draft"},
    "give_place": {"queued": "submitted"},
    "accept": {"submitted": "accepted"},
    "correct": {"accepted": "accepted", "ongoing": "ongoing", "completed": "completed"},
    "cancel": {"accepted": "cancelled", "ongoing": "cancelled"},
    "begin": {"accepted": "ongoing"},
    "complete": {"ongoing": "completed"},
    "report": {"completed": "reported"},
    "close": {"reported": "closed"},
}
ALL = [*MobilityState.values, "queued"]


def in_state(mobility_of, shown):
    """A mobility that its next verb finds ready: its report is accepted, the funder's system is complete."""
    state = "submitted" if shown == "queued" else shown
    ready = {"has_place": False} if shown == "queued" else {}
    if shown == "completed":
        ready["placement_report"] = "accepted"
    if shown == "reported":
        ready["funder_state"] = "complete"
    return mobility_of(state, **ready)


def kept(mobility):
    return (
        Mobility.objects.filter(pk=mobility.pk).values().get(),
        list(Allocation.objects.order_by("pk").values_list("places_taken", flat=True)),
        mobility.history.count(),
    )


@pytest.mark.parametrize("shown", ALL)
@pytest.mark.parametrize("verb", LEADS)
def test_each_verb_in_each_state(mobility_of, coordinator, verb, shown):
    mobility = in_state(mobility_of, shown)
    before = kept(mobility)
    allowed = shown in LEADS[verb]
    assert lifecycle.allows(mobility, verb) == allowed

    if allowed:
        after = call(verb, mobility, coordinator)
        row = Mobility.objects.get(pk=mobility.pk)
        assert row.shown_state == after.shown_state == LEADS[verb][shown]
        assert row.version == before[0]["version"] + 1
        assert row.history.first().history_change_reason
        assert row.history.count() == before[2] + 1
        assert sum(Allocation.objects.values_list("places_taken", flat=True)) == int(row.has_place)
    else:
        with pytest.raises(NotAllowed):
            call(verb, mobility, coordinator)
        assert kept(mobility) == before


@pytest.mark.parametrize("verb", LEADS)
def test_in_an_ended_project_nothing_moves_but_the_calendar(mobility_of, coordinator, project, verb):
    shown = next(iter(LEADS[verb]))
    mobility = in_state(mobility_of, shown)
    project.state = ProjectState.ENDED
    project.save()
    moves = verb in lifecycle.BY_CALENDAR
    assert lifecycle.allows(Mobility.objects.get(pk=mobility.pk), verb) == moves
    if moves:
        call(verb, mobility, coordinator)
    else:
        with pytest.raises(NotAllowed, match=ENDED):
            call(verb, mobility, coordinator)


# Registering and submitting


def a_draft(project, traveller, **fields):
    return Mobility(project=project, participant=traveller, sending_organisation=traveller.organisation, **fields)


def test_registered_mobility_belongs_to_the_participants_member(project, traveller, member_b, contact):
    mobility = a_draft(project, traveller)
    mobility.sending_organisation, mobility.state, mobility.has_place = member_b, "draft", False
    lifecycle.register(mobility=mobility, goals=[], by=contact)
    assert mobility.sending_organisation == traveller.organisation
    assert [line.history_change_reason for line in mobility.history.all()] == ["registered"]


def test_focus_areas_of_a_new_mobility_are_kept(project, traveller, contact):
    care = project.goals.get(code="1")
    mobility = lifecycle.register(mobility=a_draft(project, traveller), goals=[care], by=contact)
    assert list(mobility.goals.all()) == [care]


def test_member_outside_the_project_registers_nothing(project, contact):
    stranger = factories.ParticipantFactory()
    with pytest.raises(NotAllowed, match="not a member of the project"):
        lifecycle.register(mobility=a_draft(project, stranger), goals=[], by=contact)
    assert not Mobility.objects.exists()


@pytest.mark.parametrize("state", [state for state in ProjectState.values if state != ProjectState.RUNNING])
def test_project_that_does_not_run_takes_nothing(project, traveller, mobility_of, contact, state):
    draft = mobility_of("draft")
    project.state = state
    project.save()
    with pytest.raises(NotAllowed, match="does not take mobilities now"):
        lifecycle.register(mobility=a_draft(project, traveller), goals=[], by=contact)
    with pytest.raises(NotAllowed):
        lifecycle.submit(mobility=draft, by=contact)


def test_draft_with_gaps_is_kept_and_not_submitted(project, traveller, contact):
    draft = lifecycle.register(mobility=a_draft(project, traveller), goals=[], by=contact)
    with pytest.raises(NotAllowed) as refusal:
        lifecycle.submit(mobility=draft, by=contact)
    assert set(refusal.value.message_dict) == {
        "activity_type", "receiving_organisation", "start_date", "end_date", "goals",
    }  # fmt: skip


def test_wrong_draft_is_refused_at_once(project, traveller, contact, host):
    wrong = a_draft(project, traveller, activity_type=factories.ActivityTypeFactory(staff=True))
    with pytest.raises(NotAllowed) as refusal:
        lifecycle.register(mobility=wrong, goals=[], by=contact)
    assert set(refusal.value.message_dict) == {"activity_type"}


def test_submitted_mobility_says_who_and_when_and_forgets_the_comment(mobility_of, contact):
    draft = mobility_of("draft", returned_comment="Which ward?")
    after = lifecycle.submit(mobility=draft, by=contact)
    assert (after.submitted_by, after.returned_comment, after.has_place) == (contact, "", True)
    assert after.submitted_at is not None


@pytest.mark.parametrize(
    ("verb", "state"), [("register", None), ("amend", "draft"), ("amend", "submitted"), ("correct", "accepted")]
)
def test_host_that_was_merged_away_meanwhile_is_refused_at_its_field(
    verb, state, mobility_of, project, traveller, contact, coordinator
):
    gone = factories.OrganisationFactory(host=True)
    mobility = a_draft(project, traveller) if state is None else in_state(mobility_of, state)
    mobility.receiving_organisation = gone
    Organisation.objects.get(pk=gone.pk).delete()
    with pytest.raises(NotAllowed) as refusal:
        getattr(lifecycle, verb)(mobility=mobility, goals=[], by=coordinator)
    assert refusal.value.message_dict == {
        "receiving_organisation": ["This host was merged with another one meanwhile. Nothing was saved."]
    }


# Places and the queue


def fill(project, member_a, *, staff=False, places=0):
    return factories.share_out(
        project=project,
        organisation=member_a,
        activity_type=factories.ActivityTypeFactory(staff=staff),
        places=places,
    )


def test_full_share_leads_into_the_queue_and_a_person_decides(mobility_of, project, member_a, contact, coordinator):
    fill(project, member_a)
    first, second = (
        lifecycle.submit(
            mobility=mobility_of(participant=factories.ParticipantFactory(organisation=member_a)), by=contact
        )
        for _number in range(2)
    )
    assert [mobility.shown_state for mobility in (first, second)] == ["queued", "queued"]
    assert [places.queue_number(mobility) for mobility in (first, second)] == [1, 2]
    with pytest.raises(NotAllowed, match="The share is still full"):
        lifecycle.give_place(mobility=second, by=coordinator)
    with pytest.raises(NotAllowed, match="has no place yet"):
        lifecycle.accept(mobility=second, by=coordinator)

    fill(project, member_a, places=1)
    newcomer = lifecycle.submit(
        mobility=mobility_of(participant=factories.ParticipantFactory(organisation=member_a)), by=contact
    )
    assert newcomer.shown_state == "queued"  # others wait: nobody slips past them
    lifecycle.give_place(mobility=second, by=coordinator)
    assert places.queue_number(newcomer) == 2
    with pytest.raises(NotAllowed, match="already has a place"):
        lifecycle.give_place(mobility=second, by=coordinator)


def test_member_without_a_share_stands_in_the_queue(mobility_of, project, contact):
    Allocation.objects.all().delete()
    queued = lifecycle.submit(mobility=mobility_of(), by=contact)
    assert queued.shown_state == "queued"
    assert places.share_of(queued) is None


@pytest.mark.parametrize("verb", ["withdraw", "cancel", "send_back"])
def test_place_is_free_at_once(mobility_of, coordinator, verb):
    mobility = mobility_of("accepted" if verb == "cancel" else "submitted")
    call(verb, mobility, coordinator)
    assert sum(Allocation.objects.values_list("places_taken", flat=True)) == 0
    assert not Mobility.objects.get(pk=mobility.pk).has_place


def to_other_activity(mobility, project, member_a, *, places):
    """The mobility, in memory, with another activity for learners of which the member has so many places."""
    other = factories.ActivityTypeFactory(key="long-learning", ec_code="LM-LONG", min_days=10, max_days=365)
    share = factories.AllocationFactory(
        member=project.members.get(organisation=member_a), activity_type=other, places=places
    )
    mobility.activity_type = other
    return share


def taken():
    return dict(Allocation.objects.filter(places_taken__gt=0).values_list("activity_type__key", "places_taken"))


@pytest.mark.parametrize(("places_there", "shown"), [(1, "submitted"), (0, "queued")])
def test_changed_activity_moves_the_place_or_lines_up_anew(
    mobility_of, project, member_a, contact, places_there, shown
):
    mobility = mobility_of("submitted")
    to_other_activity(mobility, project, member_a, places=places_there)
    after = lifecycle.amend(mobility=mobility, goals=list(mobility.goals.all()), by=contact)
    assert after.shown_state == shown
    assert taken() == ({"long-learning": 1} if places_there else {})


def test_changed_activity_lines_up_behind_those_who_wait_there(mobility_of, project, member_a, contact):
    early, late = timezone.now() - timedelta(days=2), timezone.now() - timedelta(days=1)
    mobility = mobility_of("submitted", has_place=False, submitted_at=early)
    share = to_other_activity(mobility, project, member_a, places=0)
    waiting = mobility_of("submitted", has_place=False, submitted_at=late, activity_type=share.activity_type)
    amended = lifecycle.amend(mobility=mobility, goals=list(mobility.goals.all()), by=contact)
    assert [places.queue_number(row) for row in (waiting, amended)] == [1, 2]


def test_corrected_activity_moves_the_place_past_the_queue(mobility_of, project, member_a, coordinator):
    mobility = mobility_of("accepted", funder_state="complete")
    share = to_other_activity(mobility, project, member_a, places=1)
    mobility_of(
        "submitted",
        has_place=False,
        activity_type=share.activity_type,
        participant=factories.ParticipantFactory(organisation=member_a),
    )
    after = lifecycle.correct(mobility=mobility, goals=list(mobility.goals.all()), by=coordinator)
    assert taken() == {"long-learning": 1}
    assert after.funder_state == FunderState.DIFFERS


def test_corrected_activity_without_a_place_changes_nothing(mobility_of, project, member_a, coordinator):
    mobility = mobility_of("accepted")
    to_other_activity(mobility, project, member_a, places=0)
    before = kept(mobility)
    with pytest.raises(NotAllowed, match="The share for this activity is full"):
        lifecycle.correct(mobility=mobility, goals=list(mobility.goals.all()), by=coordinator)
    assert kept(mobility) == before


# Changing


def test_submitted_mobility_stays_complete(mobility_of, contact):
    mobility = mobility_of("submitted")
    mobility.start_date = None
    with pytest.raises(NotAllowed, match="Give the first day"):
        lifecycle.amend(mobility=mobility, goals=list(mobility.goals.all()), by=contact)


def test_person_project_and_member_stay(mobility_of, contact, member_a):
    mobility = mobility_of("draft")
    mobility.participant = factories.ParticipantFactory(organisation=member_a)
    with pytest.raises(NotAllowed, match="Register a new mobility instead"):
        lifecycle.amend(mobility=mobility, goals=[], by=contact)


def test_who_comes_second_writes_nothing_over(mobility_of, contact):
    mobility = mobility_of("draft")
    stale = Mobility.objects.get(pk=mobility.pk)
    lifecycle.amend(mobility=mobility, goals=[], by=contact)
    stale.travel_mode = "green"
    with pytest.raises(Changed):
        lifecycle.amend(mobility=stale, goals=[], by=contact)
    assert Mobility.objects.get().travel_mode == "standard"


@pytest.mark.parametrize(
    ("state", "field", "offset", "sentence"),
    [
        ("ongoing", "start_date", 1, "The stay has begun"),
        ("completed", "end_date", 0, "The stay is over"),
    ],
)
def test_correction_agrees_with_what_has_come(mobility_of, coordinator, state, field, offset, sentence):
    mobility = mobility_of(state, end_date=factories.day(20 if state == "ongoing" else -10))
    setattr(mobility, field, factories.day(offset))
    with pytest.raises(NotAllowed, match=sentence) as refusal:
        lifecycle.correct(mobility=mobility, goals=list(mobility.goals.all()), by=coordinator)
    assert set(refusal.value.message_dict) == {field}


def test_who_came_home_earlier_is_corrected_afterwards(mobility_of, coordinator):
    mobility = mobility_of("completed")
    mobility.end_date = factories.day(-12)
    after = lifecycle.correct(mobility=mobility, goals=list(mobility.goals.all()), by=coordinator)
    assert after.days == 13


# Accepting, sending back


def test_acceptance_invites_a_new_traveller_once(mobility_of, member_a, coordinator):
    person = factories.ParticipantFactory(organisation=member_a, email="ny@example.org")
    first, second = (mobility_of("submitted", participant=person) for _number in range(2))
    lifecycle.accept(mobility=first, by=coordinator)
    lifecycle.accept(mobility=second, by=coordinator)
    person.refresh_from_db()
    assert person.user.email == "ny@example.org"
    assert Letter.objects.filter(to="ny@example.org").count() == 1
    assert (first.history.first().history_change_reason, Mobility.objects.get(pk=first.pk).accepted_by) == (
        "accepted",
        coordinator,
    )


def test_traveller_without_an_address_is_accepted_and_not_invited(mobility_of, member_a, coordinator):
    person = factories.ParticipantFactory(organisation=member_a, email="")
    assert lifecycle.accept(mobility=mobility_of("submitted", participant=person), by=coordinator).state == "accepted"
    assert not Letter.objects.exists()


def test_closed_account_keeps_nobody_from_travelling(mobility_of, member_a, coordinator, deactivated):
    person = factories.ParticipantFactory(organisation=member_a, email=deactivated.email)
    assert lifecycle.accept(mobility=mobility_of("submitted", participant=person), by=coordinator).state == "accepted"
    person.refresh_from_db()
    assert person.user is None
    assert not Letter.objects.exists()


@pytest.mark.parametrize("verb", ["accept", "correct"])
@pytest.mark.parametrize("by_login", [True, False])
def test_nobody_decides_about_the_own_journey(mobility_of, member_a, coordinator, verb, by_login):
    person = factories.ParticipantFactory(
        organisation=member_a,
        email="" if by_login else coordinator.email.upper(),
        user=coordinator if by_login else None,
    )
    mobility = mobility_of("submitted" if verb == "accept" else "accepted", participant=person)
    with pytest.raises(NotAllowed, match="Somebody else must"):
        call(verb, mobility, coordinator)


def test_sent_back_mobility_tells_its_sender_without_the_comment(mobility_of, contact, coordinator):
    mobility = mobility_of("submitted", submitted_by=contact)
    after = lifecycle.send_back(mobility=mobility, comment="Which ward is it?", by=coordinator)
    letter = Letter.objects.get(to=contact.email)
    assert (after.returned_comment, after.submitted_by, after.submitted_at) == ("Which ward is it?", None, None)
    assert after.get_absolute_url() in letter.body
    assert "ward" not in letter.body
    assert str(after.participant) not in letter.subject + letter.body


# The end


def test_nothing_is_reported_or_closed_too_early(mobility_of, coordinator):
    waiting = mobility_of("completed", placement_report="submitted")
    with pytest.raises(NotAllowed, match="has not been accepted yet"):
        lifecycle.report(mobility=waiting, by=coordinator)
    unsettled = mobility_of("reported")
    assert not lifecycle.allows(unsettled, "close")
    with pytest.raises(NotAllowed, match="not complete in the funder's system"):
        lifecycle.close(mobility=unsettled, by=coordinator)


def test_reason_stays_with_what_was_withdrawn(mobility_of, contact):
    after = lifecycle.withdraw(mobility=mobility_of("draft"), reason="Changed school.", by=contact)
    assert after.ended_reason == "Changed school."
    assert after.history.first().history_change_reason == "withdrew\nChanged school."


def test_refusals_are_validation_errors_for_forms():
    assert issubclass(NotAllowed, ValidationError)
