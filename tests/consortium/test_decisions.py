from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from consortium import budget_shares, decision_comparisons, decisions, shares
from consortium.models import AwardedLine, BudgetCategory, Decision, ProjectState
from consortium.permissions import NotAllowed
from tests import factories
from tests.consortium.conftest import fields
from westum.base.formats import day
from westum.base.forms import Changed
from westum.base.history import lines_of


@pytest.fixture
def travel(db):
    return BudgetCategory.objects.create(key="travel", name_sv="Resebidrag", name_en="Travel", status="verified")


@pytest.fixture
def shadowing(project):
    return factories.ActivityTypeFactory(staff=True)


def enter(project, lines, **more):
    """A decision that follows the newest one, or the one that is given."""
    before = decisions.newest(project)
    follows = more.pop("follows", before and before.pk)
    decision = Decision(starts_on=factories.day(-180), ends_on=factories.day(900), **more)
    return decisions.enter(project=project, decision=decision, lines=lines, follows=follows, by=None)


def places(activity_type, number):
    return AwardedLine(activity_type=activity_type, places=number)


def test_amendment_counts_and_keeps_what_is_shared_out(project, line, learners, shadowing):
    decision = enter(project, [places(learners, 20), places(shadowing, 25)])
    assert (decision.number, decision.kind) == (2, "amendment")
    assert decisions.newest(project) == decision
    assert [(one.places, one.places_shared) for one in decision.lines.all()] == [(20, 20), (25, 20)]
    line.refresh_from_db()
    assert (line.places, line.places_shared) == (30, 20)
    assert decision.history.get().history_change_reason == "entered the decision"
    assert [one.history.count() for one in decision.lines.all()] == [1, 1]


def test_first_decision_is_the_agreement(db, learners):
    project = factories.ProjectFactory(state=ProjectState.PLANNED)
    decision = enter(project, [places(learners, 3)])
    assert (decision.number, decision.kind, decision.lines.get().places_shared) == (1, "agreement", 0)


def test_impossible_days_are_said_at_their_fields(sign_in, coordinator, project, line, learners, shadowing, send):
    lines = [places(learners, 30), places(shadowing, 30)]
    enter(project, lines, decided_on=factories.day(-10))
    address = reverse("consortium:new_decision", args=[project.slug])
    sent = {"starts_on": "2026-01-01", "decided_on": factories.day(-11).isoformat()}
    after = send(sign_in(coordinator), address, ends_on="2036-01-01", **sent)
    long = "No project of Erasmus+ or of the Social Fund is longer than 10 years. Look at the year of both days."
    assert after.context["form"].errors == {
        "decided_on": [
            f"The decision before this one is of {day(factories.day(-10))}. An amendment is decided on that day or later."
        ],
        "ends_on": [long],
    }
    assert after.context["form"]["ends_on"].value() == "2036-01-01"
    send(sign_in(coordinator), address, ends_on="2035-12-31", starts_on="2026-01-01", decided_on=factories.day(-10))
    newest = decisions.newest(project)
    assert (newest.number, newest.decided_on) == (3, factories.day(-10))
    newest.decided_on = factories.day(1)
    with pytest.raises(ValidationError) as refused:
        decisions.change(decision=newest, lines=lines, by=None)
    assert refused.value.message_dict == {
        "decided_on": ["This day has not come yet. Write the day on which the funder decided."]
    }
    newest.decided_on = factories.day(-11)
    with pytest.raises(ValidationError, match="on that day or later"):
        decisions.change(decision=newest, lines=lines, by=None)
    newest.decided_on = factories.day(0)
    assert decisions.change(decision=newest, lines=lines, by=None).decided_on == factories.day(0)


@pytest.mark.parametrize("short", ["fewer", "none", "no line"])
def test_award_smaller_than_what_is_shared_out_is_refused_at_its_field(short, project, line, learners, shadowing):
    wanted = {"fewer": [places(learners, 19)], "none": [AwardedLine(activity_type=learners, days=4)], "no line": []}
    with pytest.raises(ValidationError) as refused:
        enter(project, [*wanted[short], places(shadowing, 20)])
    assert refused.value.message_dict == {
        "places-short-learning": [
            "Short placement: 20 places are shared out. Award at least that number, or make the shares smaller first."
        ]
    }
    assert project.decisions.count() == 1


def test_decision_that_was_written_on_an_older_one_is_refused(project, line, learners, shadowing):
    lines = [places(learners, 30), places(shadowing, 30)]
    seen = project.decision.pk
    enter(project, lines)
    with pytest.raises(Changed):
        enter(project, [places(learners, 40), places(shadowing, 30)], follows=seen)


def test_project_that_has_ended_takes_no_decision(project, line):
    project.state = ProjectState.ENDED
    project.save()
    with pytest.raises(NotAllowed, match="has ended"):
        enter(project, [])
    with pytest.raises(NotAllowed, match="has ended"):
        decisions.change(decision=project.decision, lines=[], by=None)


def test_change_writes_what_differs_alone(project, line, learners, shadowing, travel):
    decision = Decision.objects.get(project=project)
    untouched = decision.lines.get(activity_type=shadowing)
    before = untouched.history.count()
    decision.ends_on = factories.day(600)
    lines = [places(learners, 31), places(shadowing, 1000), AwardedLine(category=travel, amount=Decimal("10.50"))]
    decisions.change(decision=decision, lines=lines, by=None)
    assert [(str(one), one.places, one.places_shared, one.amount) for one in decision.lines.all()] == [
        ("Short placement", 31, 20, None),
        ("Job shadowing", 1000, 20, None),
        ("Travel", None, 0, Decimal("10.50")),
    ]
    assert untouched.history.count() == before
    decisions.change(decision=decision, lines=lines[:2], by=None)
    assert not decision.lines.filter(category=travel).exists()
    assert AwardedLine.history.filter(category=travel, history_type="-").count() == 1


def test_change_below_what_is_shared_out_is_refused(project, line, learners, shadowing):
    with pytest.raises(ValidationError) as refused:
        decisions.change(decision=project.decision, lines=[places(learners, 30)], by=None)
    assert list(refused.value.message_dict) == ["places-job-shadowing"]


def test_older_decision_is_not_changed(project, line, learners, shadowing):
    old = project.decision
    lines = [places(learners, 30), places(shadowing, 30)]
    enter(project, lines)
    with pytest.raises(NotAllowed, match="Only the decision that counts can be changed or removed"):
        decisions.change(decision=old, lines=lines, by=None)


def test_two_who_change_one_decision_overwrite_nothing(project, line, learners, shadowing):
    mine, theirs = Decision.objects.get(project=project), Decision.objects.get(project=project)
    lines = [places(learners, 30), places(shadowing, 30)]
    decisions.change(decision=theirs, lines=lines, by=None)
    with pytest.raises(Changed):
        decisions.change(decision=mine, lines=lines, by=None)


def test_share_is_given_of_the_decision_that_counts_now(project, member_a, line, learners, shadowing):
    enter(project, [places(learners, 21), places(shadowing, 30)])
    member = project.members.get(organisation=member_a)
    give = {"member": member, "activity_type": learners, "reason": "They asked.", "by": None}
    with pytest.raises(NotAllowed, match="at most 11"):
        shares.give_places(places=12, **give)
    shares.give_places(places=11, **give)
    assert decisions.newest(project).lines.get(activity_type=learners).places_shared == 21


def test_decisions_are_compared_line_by_line(project, learners, shadowing, travel):
    before = [
        AwardedLine(activity_type=learners, places=10, days=200),
        AwardedLine(category=travel, amount=Decimal("1000.50")),
        AwardedLine(activity_type=shadowing, places=3),
    ]
    now = [AwardedLine(activity_type=learners, places=12), AwardedLine(category=travel, amount=Decimal("900.00"))]
    found = [
        (str(row.line), str(row.label), row.before_shown, row.now_shown, row.difference, row.is_changed)
        for row in decision_comparisons.compared(now, before)
    ]
    assert found == [
        ("Short placement", "Places", "10", "12", "+2", True),
        ("Short placement", "Days", "200", "", "", True),
        ("Travel", "Amount", "€1,000.50", "€900", "−€100.50", True),
        ("Job shadowing", "Places", "3", "", "", True),
    ]


def test_amount_that_is_new_or_gone_is_all_difference(learners, travel):
    awarded = [AwardedLine(category=travel, amount=Decimal("1500.50"))]
    assert [row.difference for row in decision_comparisons.compared(awarded, [])] == ["+€1,500.50"]
    assert [row.difference for row in decision_comparisons.compared([], awarded)] == ["−€1,500.50"]
    assert [row.difference for row in decision_comparisons.compared([places(learners, 3)], [])] == [""]


def test_amounts_in_two_currencies_have_no_difference(travel):
    before = [AwardedLine(category=travel, amount=Decimal("10"), currency="SEK")]
    now = [AwardedLine(category=travel, amount=Decimal("1"))]
    found = [(row.before_shown, row.now_shown, row.difference) for row in decision_comparisons.compared(now, before)]
    assert found == [("SEK\xa010", "", ""), ("", "€1", "")]


@pytest.mark.parametrize(("days", "said"), [(1, "1 day later"), (-30, "30 days earlier"), (0, "")])
def test_move_of_a_date_is_said_in_days(days, said):
    assert decision_comparisons.moved(factories.day(0), factories.day(days)) == said
    assert decision_comparisons.moved(None, factories.day(days)) == ""


# Pages


def page(name, project, *args):
    return reverse(f"consortium:{name}", args=[project.slug, *args])


def test_project_without_a_decision_says_so_and_asks_for_the_agreement(sign_in, coordinator, db):
    project = factories.ProjectFactory(state=ProjectState.PLANNED)
    page = sign_in(coordinator).get(reverse("consortium:decisions", args=[project.slug])).content.decode()
    assert "No decision yet" in page
    assert f"/desk/{project.slug}/decisions/new/" in page


def test_amendment_starts_with_what_counts_and_is_shown_beside_it(sign_in, coordinator, project, line, travel, send):
    client = sign_in(coordinator)
    form = client.get(page("new_decision", project)).context["form"]
    assert form["places-short-learning"].value() == 30
    assert form["starts_on"].value() == project.decision.starts_on
    sent = {"places-short-learning": 45, "amount-all--travel": "2500.50", "decided_on": "2026-03-01"}
    shown = send(client, page("new_decision", project), **sent)
    assert shown.redirect_chain == [(page("decisions", project), 302)]
    assert "Amendment 2 is saved and counts from now on." in shown.text
    newest, first = shown.context["rows"]
    rows = [(str(row.line), row.before_shown, row.now_shown, row.difference) for row in newest["lines"]]
    assert rows == [
        ("Short placement", "30", "45", "+15"),
        ("Job shadowing", "1,000", "1,000", "0"),
        ("Travel", "", "€2,500.50", "+€2,500.50"),
    ]
    assert first["before"] is None
    assert shown.text.count("replaced by a later one") == 1
    assert page("edit_decision", project, 2) in shown.text
    assert page("edit_decision", project, 1) not in shown.text


def test_decimal_comma_is_read_in_swedish(sign_in, coordinator, project, line, travel, send):
    client = sign_in(coordinator)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "sv"
    send(client, page("new_decision", project), **{"amount-all--travel": "2500,50"})
    assert decisions.newest(project).lines.get(category=travel).amount == Decimal("2500.50")


def test_smaller_award_is_said_at_its_field_and_all_else_kept(sign_in, coordinator, project, line, send):
    shown = send(sign_in(coordinator), page("new_decision", project), **{"places-short-learning": 5})
    assert list(shown.context["form"].errors) == ["places-short-learning"]
    assert "20 places are shared out" in shown.text
    assert project.decisions.count() == 1


def test_second_coordinator_sees_that_another_decision_came(sign_in, coordinator, project, line, send):
    client = sign_in(coordinator)
    mine = fields(client.get(page("new_decision", project)).context["form"], **{"places-short-learning": 50})
    send(client, page("new_decision", project), **{"places-short-learning": 40})
    shown = client.post(page("new_decision", project), mine)
    assert shown.status_code == 200
    assert shown.context["form"].non_field_errors()
    assert project.decisions.count() == 2
    client.post(page("new_decision", project), fields(shown.context["form"]))
    assert decisions.newest(project).lines.get(activity_type__key="short-learning").places == 50


def test_second_editor_of_a_line_sees_both_numbers(sign_in, coordinator, project, line, send):
    client, url = sign_in(coordinator), page("edit_decision", project, 1)
    mine = fields(client.get(url).context["form"], **{"places-short-learning": 50})
    send(client, url, **{"places-short-learning": 40})
    shown = client.post(url, mine)
    assert [(one["mine"], one["theirs"]) for one in shown.context["form"].conflict] == [("50", "40")]
    client.post(url, fields(shown.context["form"]))
    line.refresh_from_db()
    assert (line.places, line.places_shared) == (50, 20)


def a_pdf(content=factories.PDF):
    return SimpleUploadedFile("agreement.pdf", content, content_type="application/pdf")


def test_file_is_kept_and_given_to_the_association_alone(sign_in, coordinator, auditor, contact, project, line, send):
    shown = send(sign_in(coordinator), page("edit_decision", project, 1), file=a_pdf())
    url = page("decision_file", project, 1)
    assert url in shown.text
    assert b"".join(sign_in(auditor).get(url).streaming_content) == factories.PDF
    assert sign_in(contact).get(url).status_code == 404
    assert url not in sign_in(contact).get(page("decisions", project)).text
    send(sign_in(coordinator), page("edit_decision", project, 1), ends_on=factories.day(700))
    assert Decision.objects.get(project=project).file.name == "agreement.pdf"  # no new one was chosen


def test_other_kinds_of_files_are_refused(sign_in, coordinator, project, line, send):
    shown = send(sign_in(coordinator), page("new_decision", project), file=a_pdf(b"<!doctype html><p>x"))
    assert list(shown.context["form"].errors) == ["file"]


def test_decision_without_a_file_has_none_to_give(sign_in, coordinator, project):
    assert sign_in(coordinator).get(page("decision_file", project, 1)).status_code == 404


def test_ended_project_shows_its_decisions_and_no_form(sign_in, coordinator, project, line):
    project.state = ProjectState.ENDED
    project.save()
    client = sign_in(coordinator)
    assert page("new_decision", project) not in client.get(page("decisions", project)).text
    shown = client.get(page("new_decision", project)).text
    assert "Reopen it to change anything." in shown
    assert 'name="starts_on"' not in shown


def test_page_of_an_older_decision_leads_to_the_newest(sign_in, coordinator, project, line, send):
    client = sign_in(coordinator)
    send(client, page("new_decision", project))
    shown = client.get(page("edit_decision", project, 1)).text
    assert "A newer decision counts now." in shown
    assert 'name="starts_on"' not in shown


@pytest.mark.parametrize("rows", [1, 3, 50])
def test_list_asks_the_same_number_of_queries(rows, sign_in, coordinator, project, line, django_assert_num_queries):
    for number in range(2, rows + 1):
        newer = factories.DecisionFactory(project=project, number=number, kind="amendment")
        factories.AwardedLineFactory(decision=newer)
    client = sign_in(coordinator)
    client.get(page("decisions", project))
    with django_assert_num_queries(QUERIES):
        shown = client.get(page("decisions", project))
    assert len(shown.context["rows"]) == rows


QUERIES = 9


# An amount for an activity and a budget category


def test_line_of_an_activity_and_a_category_is_begun(sign_in, coordinator, project, line, learners, travel, send):
    begun = {"activity-1": learners.pk, "category-1": travel.pk, "begun-1": "1200.50"}
    shown = send(sign_in(coordinator), page("edit_decision", project, 1), **begun)
    assert shown.redirect_chain == [(page("decisions", project), 302)]
    found = decisions.newest(project).lines.get(category=travel)
    assert (found.activity_type, found.amount, found.currency) == (learners, Decimal("1200.50"), "EUR")
    form = sign_in(coordinator).get(page("edit_decision", project, 1)).context["form"]
    assert form["amount-short-learning--travel"].value() == Decimal("1200.50")
    assert [decisions.named_in_full(one) for one, _fields in form.crossed_rows] == ["Short placement, Travel"]
    send(sign_in(coordinator), page("new_decision", project), **{"amount-short-learning--travel": "1300"})
    assert decisions.newest(project).lines.get(category=travel).amount == 1300


@pytest.mark.parametrize(
    ("parts", "field", "sentence"),
    [
        (
            ["activity"],
            "category-1",
            "Give activity, budget category and amount of this line, or leave all three empty.",
        ),
        (
            ["category", "begun"],
            "activity-1",
            "Give activity, budget category and amount of this line, or leave all three empty.",
        ),
        (
            ["activity", "category"],
            "begun-1",
            "Give activity, budget category and amount of this line, or leave all three empty.",
        ),
        (["wrong"], "begun-1", "This is no amount. Write it as in 2500.50."),
    ],
)
def test_half_a_line_is_said_at_its_field(
    parts, field, sentence, sign_in, coordinator, project, line, learners, travel, send
):
    whole = {"activity": learners.pk, "category": travel.pk, "begun": "10", "wrong": "much"}
    sent = {f"{'begun' if part == 'wrong' else part}-1": whole[part] for part in parts}
    shown = send(sign_in(coordinator), page("edit_decision", project, 1), **sent)
    assert shown.context["form"].errors == {field: [sentence]}
    assert decisions.newest(project).lines.count() == 2


def test_line_is_begun_once(sign_in, coordinator, project, line, learners, travel, send):
    twice = {
        f"{part}-{n}": value for n in (1, 2) for part, value in [("activity", learners.pk), ("category", travel.pk)]
    }
    shown = send(sign_in(coordinator), page("edit_decision", project, 1), **twice, **{"begun-1": "1", "begun-2": "2"})
    sentence = "This activity has that budget category already. Write the amount there."
    assert shown.context["form"].errors == {"category-2": [sentence]}


def test_amount_of_an_activity_alone_is_refused_with_the_way_out(project, line, learners, shadowing):
    wanted = [AwardedLine(activity_type=learners, places=30, amount=Decimal("5")), places(shadowing, 1000)]
    with pytest.raises(ValidationError) as refused:
        enter(project, wanted)
    assert refused.value.message_dict == {
        "amount-short-learning": [
            "Short placement: an amount needs a budget category to be shared out. Write it at the activity with its category."
        ]
    }


def test_old_amount_of_an_activity_alone_is_kept_and_can_be_changed(
    sign_in, coordinator, project, line, learners, shadowing, send
):
    line.amount = Decimal("5")
    line.save()
    client = sign_in(coordinator)
    form = client.get(page("edit_decision", project, 1)).context["form"]
    assert [str(label) for label in form.activity_labels] == ["Places", "Days", "Amount"]
    send(client, page("edit_decision", project, 1), **{"amount-short-learning": "6"})
    line.refresh_from_db()
    assert line.amount == 6
    assert "amount-job-shadowing" not in form.fields


# Removing what was entered by mistake


def test_removed_amendment_gives_its_counters_back(
    sign_in, coordinator, contact, project, line, learners, shadowing, send
):
    money = factories.AwardedMoneyFactory(decision=project.decision, amount=100)
    amendment = enter(
        project,
        [places(learners, 50), places(shadowing, 1000), AwardedLine(category=money.category, amount=Decimal("500"))],
    )
    shares.give_places(
        member=project.members.first(), activity_type=learners, places=18, reason="More wanted.", by=coordinator
    )
    newest = amendment.lines.get(category=money.category)
    budget_shares.give_money(
        member=project.members.first(), line=newest, amount=Decimal("90"), reason="For travel.", by=coordinator
    )
    client = sign_in(coordinator)
    assert page("remove_decision", project, 2) in client.get(page("decisions", project)).text
    assert "Grant agreement 1 counts again, with the places" in client.get(page("remove_decision", project, 2)).text
    shown = send(client, page("remove_decision", project, 2), reason="Entered in the wrong project")
    assert [(one.who, one.what, one.detail) for one in shown.context["removed"]] == [
        (
            str(coordinator),
            "removed amendment 2",
            f"First day {day(factories.day(-180))}, last day {day(factories.day(900))}. "
            "Reason: Entered in the wrong project",
        )
    ]
    assert "Removed decisions" in shown.text
    assert "Removed decisions" not in sign_in(contact).get(page("decisions", project)).text
    assert "Amendment 2 is removed. Grant agreement 1 counts again." in shown.text
    line.refresh_from_db()
    money.refresh_from_db()
    assert (line.places, line.places_shared, money.amount_shared) == (30, 28, 90)
    assert decisions.newest(project).number == 1
    told = lines_of(project)[0]
    assert (told.what, told.detail) == ("removed the decision", "amendment 2: Entered in the wrong project")
    kept = Decision.history.filter(id=amendment.pk).latest("history_id")
    assert (kept.history_type, kept.history_change_reason) == (
        "-",
        "removed the decision\nEntered in the wrong project",
    )
    assert enter(project, [places(learners, 40), places(shadowing, 1000), money_of(money, 300)]).number == 3


def money_of(line, amount):
    return AwardedLine(category=line.category, amount=Decimal(amount))


def test_amendment_that_alone_covers_a_share_stays(sign_in, coordinator, project, line, learners, shadowing):
    money = factories.AwardedMoneyFactory(decision=project.decision, amount=100)
    amendment = enter(project, [places(learners, 50), places(shadowing, 1000), money_of(money, 500)])
    member = project.members.first()
    shares.give_places(member=member, activity_type=learners, places=21, reason="More.", by=coordinator)
    budget_shares.give_money(
        member=member, line=amendment.lines.get(category=money.category), amount=Decimal("101"), reason="More.", by=None
    )
    client = sign_in(coordinator)
    shown = client.get(page("remove_decision", project, 2))
    assert [one.sentence for one in shown.context["objections"]] == [
        "Short placement: 31 places are shared out; without this decision there would be 30. Make the shares smaller first.",
        "Travel: €101 are shared out; without this decision there would be €100. Make the shares smaller first.",
    ]
    assert "Remove the decision" not in shown.text
    answer = client.post(page("remove_decision", project, 2), {"reason": "By mistake.", "seen": amendment.pk})
    assert answer.context["form"].non_field_errors() == [shown.context["objections"][0].sentence]
    line.refresh_from_db()
    assert (project.decisions.count(), line.places_shared) == (2, 20)


def test_award_of_the_amendment_alone_goes_with_it(project, line, learners, shadowing):
    project.decision.lines.filter(activity_type=shadowing).update(places=None, days=3, places_shared=0)
    amendment = enter(project, [places(learners, 30)])
    assert decisions.remove(decision=amendment, reason="By mistake.", by=None).number == 1
    line.refresh_from_db()
    assert line.places_shared == 20


def test_only_the_decision_that_counts_is_removed(sign_in, coordinator, project, line, learners, shadowing):
    enter(project, [places(learners, 30), places(shadowing, 1000)])
    first = project.decisions.get(number=1)
    shown = sign_in(coordinator).get(page("remove_decision", project, 1))
    assert "A newer decision counts now. Only the newest can be removed." in shown.text
    with pytest.raises(NotAllowed, match="Only the decision that counts"):
        decisions.remove(decision=first, reason="By mistake.", by=None)
    second = project.decisions.get(number=2)
    decisions.remove(decision=second, reason="By mistake.", by=None)
    with pytest.raises(NotAllowed, match="Only the decision that counts"):
        decisions.remove(decision=Decision(pk=second.pk or 0, project=project), reason="Twice.", by=None)


def test_agreement_of_a_planned_project_is_removed_and_of_a_running_one_not(
    sign_in, coordinator, project, line, learners, send
):
    planned = factories.ProjectFactory(state=ProjectState.PLANNED)
    enter(planned, [places(learners, 3)])
    shown = send(sign_in(coordinator), page("remove_decision", planned, 1), reason="Another project's")
    assert "Grant agreement 1 is removed." in shown.text
    assert not planned.decisions.exists()
    with pytest.raises(NotAllowed, match="The project is no longer planned"):
        decisions.remove(decision=project.decision, reason="By mistake.", by=None)


def test_ended_project_keeps_its_decisions(sign_in, coordinator, project, line):
    project.state = ProjectState.ENDED
    project.save()
    with pytest.raises(NotAllowed, match="has ended"):
        decisions.remove(decision=project.decision, reason="By mistake.", by=None)
    assert "data-once" not in main_of(sign_in(coordinator).get(page("remove_decision", project, 1)).text)


# A page that is still open on a decision that was removed meanwhile


def replaced(decision):
    """Somebody removes it and enters another one, which has the number that pages are found by."""
    project = decision.project
    decisions.remove(decision=decision, reason="By mistake.", by=None)
    other = factories.DecisionFactory(project=project, number=decision.number, kind="amendment")
    for line in decisions.lines_of(project.decisions.get(number=decision.number - 1)):
        factories.AwardedLineFactory(
            decision=other, activity_type=line.activity_type, places=line.places, places_shared=line.places_shared
        )
    return other


def test_number_of_a_removed_decision_is_not_given_out_again(project, line, learners, shadowing):
    lines = [(learners, 30), (shadowing, 1000)]
    for number in (2, 3):
        amendment = enter(project, [places(*one) for one in lines])
        assert amendment.number == number
        decisions.remove(decision=amendment, reason="By mistake.", by=None)
    planned = factories.ProjectFactory(state=ProjectState.PLANNED)
    decisions.remove(decision=enter(planned, []), reason="By mistake.", by=None)
    again = enter(planned, [])
    assert (again.number, again.kind) == (2, "agreement")


def test_form_of_a_removed_decision_overwrites_no_other(sign_in, coordinator, project, line, learners, shadowing):
    amendment = enter(project, [places(learners, 30), places(shadowing, 1000)])
    client, url = sign_in(coordinator), page("edit_decision", project, 2)
    mine = fields(client.get(url).context["form"], **{"places-short-learning": 50})
    other = replaced(amendment)
    shown = client.post(url, mine)
    assert ("50", "30") in [(one["mine"], one["theirs"]) for one in shown.context["form"].conflict]
    assert other.lines.get(activity_type=learners).places == 30
    client.post(url, fields(shown.context["form"]))
    assert other.lines.get(activity_type=learners).places == 50


def test_confirmed_removal_takes_no_other_decision(sign_in, coordinator, project, line, learners, shadowing):
    amendment = enter(project, [places(learners, 30), places(shadowing, 1000)])
    client, url = sign_in(coordinator), page("remove_decision", project, 2)
    mine = fields(client.get(url).context["form"], reason="By mistake.")
    other = replaced(amendment)
    form = client.post(url, mine).context["form"]
    assert form.non_field_errors() == [
        "This decision was entered after you had opened the page. Look whether it is the one to be removed."
    ]
    assert decisions.newest(project) == other
    client.post(url, fields(form))
    assert decisions.newest(project).number == 1


def test_amendment_on_a_removed_decision_is_compared_with_what_counts(
    sign_in, coordinator, project, line, learners, shadowing
):
    amendment = enter(project, [places(learners, 30), places(shadowing, 1000)])
    client, url = sign_in(coordinator), page("new_decision", project)
    mine = fields(client.get(url).context["form"])
    other = replaced(amendment)
    shown = client.post(url, mine)
    assert shown.context["form"].has_error("__all__", "conflict")
    assert decisions.newest(project) == other
    client.post(url, fields(shown.context["form"]))
    assert decisions.newest(project).number == 3


def test_only_decision_is_removed_while_its_pages_are_open(sign_in, coordinator, learners, monkeypatch):
    planned = factories.ProjectFactory(state=ProjectState.PLANNED)
    agreement = enter(planned, [places(learners, 3)])
    with monkeypatch.context() as patched:
        patched.setattr(decisions, "newest", lambda project: None)  # removed since the page has found it
        for name in ("edit_decision", "remove_decision"):
            assert sign_in(coordinator).get(page(name, planned, 1)).context["is_outdated"] is True
    decisions.remove(decision=Decision.objects.get(pk=agreement.pk), reason="By mistake.", by=None)
    with pytest.raises(NotAllowed, match="Only the decision that counts can be changed or removed"):
        decisions.change(decision=agreement, lines=[], by=None)


def main_of(text):
    return text.split("<main")[1].split("</main")[0]
