"""The data of the paper Participant count: it agrees with itself and names no person."""

import json

import pytest

from reporting import codes, participant_count
from tests import factories

pytestmark = pytest.mark.django_db


def whole(row):
    return {key: row[key]["learners"] + row[key]["staff"] for key in ("registered", "accepted", "completed")}


def summed(rows):
    return {key: sum(whole(row)[key] for row in rows) for key in ("registered", "accepted", "completed")}


def test_members_and_countries_add_up_to_the_project(journeys, project):
    data = participant_count.snapshot(project)
    assert whole(data["totals"]) == {"registered": 3, "accepted": 4, "completed": 2}
    assert summed(data["members"]) == whole(data["totals"]) == summed(data["countries"])
    assert [row["name"] for row in data["members"]] == ["Almby lärcentrum", "Björkby lärcentrum"]
    assert {row["code"]: whole(row)["accepted"] for row in data["countries"]} == {"PT": 3, "ES": 1}
    assert data["approved"] == {"learners": 1000, "staff": 1000}


def test_a_member_without_anybody_stands_there_too(project):
    data = participant_count.snapshot(project)
    assert [whole(row)["accepted"] for row in data["members"]] == [0, 0]
    assert data["countries"] == []


def test_paper_adds_up_what_is_shared_out_and_names_the_rest(journeys, project, order):
    report, _is_new = order()
    said = participant_count.context(report)
    assert sum(row["places"].all for row in said["members"]) == said["shared_out"].all
    assert said["shared_out"].all + said["kept_back"] == said["approved"].all


def test_paper_of_a_project_without_a_decision_knows_no_rest(project, order):
    report, _is_new = order()
    report.snapshot["approved"] = {"learners": None, "staff": None}
    assert participant_count.context(report)["kept_back"] is None


def test_each_figure_leads_to_its_own_rows(project):
    assert [url.partition("?")[2] for _name, url in participant_count.rows(project)] == [
        f"project={project.slug}&counted={key}" for key in ("registered", "accepted", "completed")
    ]


def test_goals_with_parts_and_goals_about_receiving_count_no_mobilities(journeys, project):
    whole = factories.GoalFactory(project=project, code="7")
    factories.GoalFactory(project=project, code="7.1", parent=whole)
    factories.GoalFactory(project=project, code="8", counts_mobilities=False)
    goals = participant_count.snapshot(project)["goals"]
    assert [goal["code"] for goal in goals["focus_areas"]] == ["7.1", "1", "2"]


def test_goals_are_the_focus_areas_and_overarching_ones_are_only_named(journeys, project):
    goals = participant_count.snapshot(project)["goals"]
    assert [(goal["code"], whole(goal)["accepted"]) for goal in goals["focus_areas"]] == [("1", 4), ("2", 0)]
    assert goals["overarching"] == [{"sv": "Vidare vyer", "en": "Broader views"}]
    journeys[5].goals.clear()
    assert whole(participant_count.snapshot(project)["goals"]["none"])["accepted"] == 1


def test_who_sends_without_being_a_member_is_counted_by_name(journeys, project, member_b):
    project.members.get(organisation=member_b).allocations.all().delete()
    project.members.get(organisation=member_b).delete()
    data = participant_count.snapshot(project)
    assert summed(data["members"]) == whole(data["totals"])
    assert data["members"][-1]["name"] == "Björkby lärcentrum"
    assert data["members"][-1]["places"] == {"learners": None, "staff": None}


def test_no_person_is_in_the_data(journeys, project):
    text = json.dumps(participant_count.snapshot(project))
    for mobility in journeys:
        assert mobility.participant.last_name not in text


def test_data_does_not_depend_on_the_language(journeys, project):
    from django.utils import translation

    found = set()
    for language in ("sv", "en"):
        with translation.override(language):
            found.add(codes.fingerprint(participant_count.snapshot(project)))
    assert len(found) == 1


def test_data_survives_the_database(journeys, project, order):
    report, _is_new = order()
    report.refresh_from_db()
    assert codes.fingerprint(report.snapshot) == report.snapshot_hash


@pytest.mark.parametrize("count", [1, 30])
def test_as_many_queries_for_thirty_members_as_for_one(count, project, django_assert_num_queries):
    factories.ProjectMemberFactory.create_batch(count, project=project)
    with django_assert_num_queries(8):
        participant_count.snapshot(project)
