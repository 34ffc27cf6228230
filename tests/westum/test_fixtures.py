"""The reference data is complete and true to its papers: what they do not print is empty."""

import json

import pytest
from django.conf import settings
from django.core.management import call_command

from consortium.models import (
    ActivityType,
    BudgetCategory,
    EsfCode,
    EsfOperation,
    Goal,
    GoalAudience,
    Municipality,
    NetworkMembership,
    Organisation,
    OrganisationKind,
    OrganisationName,
    Project,
    ProjectMember,
)
from consortium.models.organisations import checked_organisation_number
from mobilities import rate_edits
from mobilities.models import FundedDayTier
from westum.management.commands.load_fixtures import ORDER

FOLDER = settings.FIXTURE_DIRS[0]


def load_by_django():
    call_command("loaddata", *ORDER, verbosity=0)


def load_by_us():
    call_command("load_fixtures", verbosity=0)


@pytest.fixture(params=[load_by_django, load_by_us])
def load(request, db):
    request.param()
    return request.param


@pytest.fixture
def loaded(db):
    load_by_us()


@pytest.fixture
def project(loaded):
    return Project.objects.get(slug="ka1-2015")


def rows(name):
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def test_each_file_is_loaded_in_order():
    assert sorted(path.stem for path in FOLDER.glob("*.json")) == sorted(ORDER)


def test_everything_is_there_every_time(load):
    def counts():
        return [
            model.objects.count()
            for model in (
                Municipality,
                ActivityType,
                BudgetCategory,
                EsfCode,
                Organisation,
                OrganisationName,
                NetworkMembership,
                ProjectMember,
            )
        ]

    assert counts() == [290, 16, 10, 74, 21, 8, 19, 32]
    load()
    assert counts() == [290, 16, 10, 74, 21, 8, 19, 32]


def test_each_row_keeps_the_rules(load):
    for name in ORDER:
        for row in rows(name):
            app, model = row["model"].split(".")
            found = {cls._meta.model_name: cls for cls in _models()}[model]._base_manager.get(pk=row["pk"])
            found.full_clean()


def _models():
    from django.apps import apps

    return [*apps.get_app_config("consortium").get_models(), *apps.get_app_config("mobilities").get_models()]


def test_municipalities_have_their_counties(loaded):
    assert len(set(Municipality.objects.values_list("county_code", flat=True))) == 21
    assert Municipality.objects.get(pk="1494").county_name == "Västra Götalands län"


def test_limits_that_no_source_gives_are_empty(loaded):
    unknown = ActivityType.objects.filter(min_days=None, max_days=None)
    assert set(unknown.values_list("key", flat=True)) == {"erasmuspro-2018", "planning-visit-2018", "preparatory-visit"}
    assert set(ActivityType.objects.filter(source="").values_list("key", "status")) == {
        ("erasmuspro-2018", "unverified")
    }


def test_reference_data_has_names_in_both_languages_and_a_source(loaded):
    for row in [*ActivityType.objects.exclude(status="unverified"), *BudgetCategory.objects.all()]:
        assert row.name_sv
        assert row.name_en
        assert row.source


def test_the_association_has_the_number_that_is_printed(loaded):
    association = Organisation.objects.get(pk=1)
    checked_organisation_number(association.organisation_number)
    assert (association.legal_name, association.organisation_number, association.kind) == (
        "NÄTVERK WESTUM",
        "802414-8689",
        OrganisationKind.OTHER,
    )


def test_thirteen_stated_thirteen_printed_twelve_members(project):
    members = list(project.members.select_related("organisation"))
    assert project.members_stated == 13
    assert sum(member.times_printed for member in members) == 13
    assert len(members) == 12
    assert [member.printed_name for member in members if member.times_printed == 2] == ["Alingsås"]
    assert {member.role for member in members} == {"member"}
    assert all(member.printed_name == member.organisation.name for member in members)


def test_members_stand_for_their_municipalities(project):
    stands_for = {str(member): {town.name for town in member.municipalities.all()} for member in project.members.all()}
    assert stands_for.pop("Kunskapsförbundet Väst") == {"Trollhättan", "Vänersborg"}
    assert all(towns == {name} for name, towns in stands_for.items())


def test_period_and_awarded_places_are_those_of_the_paper(project):
    first, last = project.period
    assert (first.isoformat(), last.isoformat()) == ("2015-06-01", "2017-05-31")
    lines = project.decision.lines.values_list("activity_type__audience", "places")
    assert dict(lines) == {"learner": 101, "staff": 124}


def test_three_goals_permeate_and_one_of_five_areas_is_chosen(project):
    assert project.goals.overarching().count() == 3
    assert project.goals.focus_areas().count() == 5
    assert project.goal_rule.min_focus_areas == 1
    staff_only = project.goals.exclude(audience=GoalAudience.EVERYONE)
    assert list(staff_only.values_list("code", "audience")) == [("5", GoalAudience.STAFF)]


def test_texts_are_there_in_both_languages(project):
    for goal in project.goals.all():
        assert all([goal.title_sv, goal.title_en, goal.text_sv, goal.text_en])
        for who in ("staff", "learners", "supervisors"):
            assert bool(getattr(goal, f"aim_{who}_sv")) == bool(getattr(goal, f"aim_{who}_en"))
    assert project.texts.count() == 4
    for text in project.texts.all():
        assert all([text.heading_sv, text.heading_en, text.text_sv, text.text_en, text.source_sv, text.source_en])


def test_supervisors_have_aims_of_their_own(project):
    assert set(project.goals.exclude(aim_supervisors_sv="").values_list("code", flat=True)) == {"1", "2"}


# What no paper prints. Whoever fills one of these brings a source, and takes it from this list.
EMPTY = {
    "consortium.project": ["reference"],
    "consortium.decision": ["decided_on", "file"],
    "consortium.awardedline": ["days", "amount", "category"],
    "consortium.projectmember": ["contact"],
    "consortium.projecttext": ["as_of"],
    "consortium.goal": ["parent"],
}
EMPTY_OF_MEMBERS = ["legal_name", "organisation_number", "oid", "street", "postal_code", "city"]


def test_nothing_is_invented():
    filled = [
        (row["model"], row["pk"], field)
        for row in rows("ka1_2015")
        for field in EMPTY.get(row["model"], [])
        if row["fields"][field] not in (None, "")
    ]
    filled += [
        (row["fields"]["name"], field)
        for row in rows("organisations")
        for field in (EMPTY_OF_MEMBERS if row["fields"]["kind"] == "member" else ["oid", "street", "latitude"])
        if row["fields"][field] not in (None, "")
    ]
    assert filled == []


def test_no_person_is_named():
    texts = {name: (FOLDER / f"{name}.json").read_text(encoding="utf-8").replace("VET@work", "") for name in ORDER}
    assert [name for name, text in texts.items() if "@" in text] == []
    assert "consortium.user" not in {row["model"] for name in ORDER for row in rows(name)}


def test_each_row_with_history_has_its_first_line(loaded):
    for model in (Organisation, OrganisationName, Project, ProjectMember, EsfOperation):
        lines = model.history.values_list("id", "history_type", "history_change_reason")
        assert sorted(lines) == [
            (pk, "+", "loaded this from the reference data")
            for pk in model.objects.values_list("pk", flat=True).order_by("pk")
        ]


def test_loading_again_keeps_what_was_edited(loaded):
    goal = Goal.objects.get(pk=1)
    goal.title_sv = "Ändrad"
    goal.save()
    load_by_us()
    assert Goal.objects.get(pk=1).title_sv == "Ändrad"
    assert Organisation.history.count() == 21


def test_own_rows_are_numbered_above_the_fixtures(loaded):
    assert Organisation.objects.create(name="Ny medlem").pk > 1000
    load_by_us()
    assert Organisation.objects.create(name="En till").pk > 1001


def test_members_belong_to_the_network_since_a_day_that_no_paper_says(loaded):
    found = NetworkMembership.objects.all()
    assert {row.organisation for row in found} == set(Organisation.objects.members())
    assert {(row.joined_on, row.left_on) for row in found} == {(None, None)}
    assert all(row.source_sv and row.source_en for row in found)


def rates_now(model):
    return set(model.objects.values_list("pk", "call_year"))


def test_loading_again_leaves_removed_rates_away(loaded):
    for model in rate_edits.TABLES:
        rate_edits.remove(row=model.objects.order_by("pk").first(), reason="Not of this call.", by=None)
    left = {model: rates_now(model) for model in rate_edits.TABLES}
    load_by_us()
    assert {model: rates_now(model) for model in rate_edits.TABLES} == left


def test_loading_again_keeps_rates_that_were_entered_by_hand(loaded):
    """Also those for a case of the shipped tables whose row nobody remembers."""
    for model in rate_edits.TABLES:
        row = model.objects.order_by("pk").first()
        model.objects.filter(pk=row.pk).delete()
        model.history.filter(id=row.pk).delete()
        row.pk = 5000
        row.save(force_insert=True)
    left = {model: rates_now(model) for model in rate_edits.TABLES}
    load_by_us()
    assert {model: rates_now(model) for model in rate_edits.TABLES} == left


def test_loading_again_leaves_a_series_as_it_is(loaded):
    tier = FundedDayTier.objects.order_by("pk").first()
    series = {"call_year": tier.call_year, "audience": tier.audience}
    FundedDayTier.objects.filter(**series).delete()
    FundedDayTier.history.filter(**series).delete()
    FundedDayTier.objects.create(day_from=1, day_to=600, percent=100, **series)
    load_by_us()
    assert FundedDayTier.objects.filter(**series).count() == 1
