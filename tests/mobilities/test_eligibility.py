"""What can never be right, and what is missing: each with its field and its sentence."""

import pytest

from consortium.models import GoalAudience
from mobilities import eligibility
from tests import factories


def said(shortfalls):
    return [(shortfall.field, shortfall.sentence) for shortfall in shortfalls]


def wrong(mobility, goals=None):
    return said(eligibility.wrong(mobility, list(mobility.goals.all()) if goals is None else goals))


def test_whole_mobility_has_no_shortfall(mobility_of):
    mobility = mobility_of("draft")
    goals = list(mobility.goals.all())
    assert (eligibility.wrong(mobility, goals), eligibility.missing(mobility, goals)) == ([], [])


def test_empty_draft_is_not_wrong_and_lacks_all(mobility_of):
    empty = mobility_of("draft", activity_type=None, receiving_organisation=None, start_date=None, end_date=None)
    assert wrong(empty, []) == []
    assert said(eligibility.missing(empty, [])) == [
        ("activity_type", "Choose an activity."),
        ("receiving_organisation", "Choose where the stay takes place."),
        ("start_date", "Give the first day."),
        ("end_date", "Give the last day."),
        ("goals", "Choose at least one focus area."),
    ]


@pytest.mark.parametrize(
    ("start", "end", "fields"),
    [
        (-181, -165, ["start_date"]),
        (-200, -186, ["start_date", "end_date"]),
        (-180, -166, []),
        (525, 540, []),
        (526, 541, ["end_date"]),
        (541, 555, ["start_date", "end_date"]),
    ],
)
def test_days_lie_within_the_project(mobility_of, start, end, fields):
    mobility = mobility_of("draft", start_date=factories.day(start), end_date=factories.day(end))
    found = wrong(mobility)
    assert [field for field, _sentence in found] == fields
    assert all(sentence.startswith("The project runs from ") for _field, sentence in found)


def test_project_without_a_decision_has_no_period_to_leave(mobility_of):
    bare = factories.ProjectFactory()
    mobility = mobility_of("draft")
    mobility.project = bare
    assert [field for field, _sentence in wrong(mobility, [])] == []
    assert eligibility.missing(mobility, []) == []  # no rule, so no focus area is asked for


@pytest.mark.parametrize(
    ("staff", "days", "sentence"),
    [
        (False, 9, "This activity takes at least 10 days; these are 9. Choose a later day."),
        (False, 10, None),
        (False, 89, None),
        (False, 90, "This activity takes at most 89 days; these are 90. Choose an earlier day."),
        (True, 1, "This activity takes at least 2 days; these are 1. Choose a later day."),
        (True, 2, None),
        (True, 61, "This activity takes at most 60 days; these are 61. Choose an earlier day."),
    ],
)
def test_stay_is_as_long_as_the_activity_asks(mobility_of, member_a, staff, days, sentence):
    person = factories.ParticipantFactory(organisation=member_a, group="staff" if staff else "learner")
    mobility = mobility_of("draft", participant=person, start_date=factories.day(30), end_date=factories.day(29 + days))
    assert wrong(mobility) == ([("end_date", sentence)] if sentence else [])


def test_activity_without_limits_takes_any_days(mobility_of):
    mobility = mobility_of(
        "draft", activity_type=factories.ActivityTypeFactory(key="free", min_days=None, max_days=None)
    )
    assert wrong(mobility) == []


def test_end_before_start_is_left_to_the_table(mobility_of):
    mobility = mobility_of("draft")
    mobility.end_date = factories.day(10)
    assert wrong(mobility) == []


@pytest.mark.parametrize(
    ("group", "staff", "sentence"),
    [
        ("learner", True, "This activity is for staff. Choose one for learners."),
        ("staff", False, "This activity is for learners. Choose one for staff."),
        ("supervisor", False, "This activity is for learners. Choose one for staff."),
        ("supervisor", True, None),
    ],
)
def test_activity_is_for_the_group(mobility_of, member_a, group, staff, sentence):
    mobility = mobility_of(
        "draft",
        participant=factories.ParticipantFactory(organisation=member_a, group=group),
        activity_type=factories.ActivityTypeFactory(staff=staff),
    )
    assert wrong(mobility, []) == ([("activity_type", sentence)] if sentence else [])


@pytest.mark.parametrize(("year", "is_right"), [(2020, False), (2021, True), (2027, True), (2028, False)])
def test_activity_is_funded_by_the_call(mobility_of, year, is_right):
    mobility = mobility_of("draft")
    mobility.project.call_year = year
    sentence = f"The call of {year} does not fund this activity. Choose another one."
    assert wrong(mobility) == ([] if is_right else [("activity_type", sentence)])


def test_stay_is_abroad(mobility_of, member_a):
    mobility = mobility_of("draft", receiving_organisation=factories.OrganisationFactory(host=True, country="SE"))
    sentence = "The stay takes place in another country. Choose a host there."
    assert wrong(mobility) == [("receiving_organisation", sentence)]


def test_learner_in_a_focus_area_of_staff_only(mobility_of, project):
    mobility = mobility_of("draft")
    sentence = "“Guidance” is for staff only. Choose another focus area."
    assert wrong(mobility, [project.goals.get(code="2")]) == [("goals", sentence)]


def test_staff_in_a_focus_area_of_learners_only(mobility_of, project, member_a):
    area = factories.GoalFactory(project=project, title_en="Practice", audience=GoalAudience.LEARNERS)
    mobility = mobility_of("draft", participant=factories.ParticipantFactory(organisation=member_a, group="staff"))
    assert wrong(mobility, [area]) == [("goals", "“Practice” is for learners only. Choose another focus area.")]


def test_goal_that_nobody_ticks_and_goal_of_another_project(mobility_of, project):
    overarching, foreign = project.goals.get(code="A"), factories.GoalFactory(title_en="Elsewhere")
    assert wrong(mobility_of("draft"), [overarching, foreign]) == [
        ("goals", "“Broader views” is no focus area of this project. Choose another one."),
        ("goals", "“Elsewhere” is no focus area of this project. Choose another one."),
    ]


def test_several_focus_areas_may_be_asked_for(mobility_of, project):
    project.goal_rule.min_focus_areas = 2
    mobility = mobility_of("draft")
    assert said(eligibility.missing(mobility, list(mobility.goals.all()))) == [
        ("goals", "Choose at least 2 focus areas.")
    ]


def test_all_sentences_of_a_refusal_stand_at_their_fields():
    refusal = eligibility.Incomplete(
        [
            eligibility.Shortfall("goals", "A."),
            eligibility.Shortfall("goals", "B."),
            eligibility.Shortfall("end_date", "C."),
        ]
    )
    assert refusal.message_dict == {"goals": ["A.", "B."], "end_date": ["C."]}
    assert refusal.sentence == "A."


def test_goal_that_only_gathers_its_parts(mobility_of, project):
    whole = factories.GoalFactory(project=project, title_en="Whole")
    part = factories.GoalFactory(project=project, parent=whole)
    assert wrong(mobility_of("draft"), [whole, part]) == [("goals", "“Whole” has parts. Choose one of them.")]
    assert whole not in project.goals.choosable()
    assert part in project.goals.choosable()


def test_goal_about_receiving_counts_no_outgoing_mobility(mobility_of, project):
    area = factories.GoalFactory(project=project, title_en="Receiving", counts_mobilities=False)
    sentence = "No mobilities count towards “Receiving”. Choose another focus area."
    assert wrong(mobility_of("draft"), [area]) == [("goals", sentence)]
    assert area not in project.goals.choosable()
