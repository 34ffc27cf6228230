"""Reviews of a partnership: rounds in order, both sides' answers, gaps and changes, and who reads and fills in what."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from consortium import host_merges
from consortium.models import Organisation
from consortium.permissions import NotAllowed
from mobilities import partners, partnership_figures, partnerships
from mobilities.models import PartnershipPhase, PartnershipRating, PartnershipReview, Side
from tests import factories
from tests.cast import cast  # noqa: F401  (its own: the tests count organisations)
from tests.consortium.conftest import fields
from westum.base.forms import Changed

LIST = reverse("mobilities:partners")
NEW = reverse("mobilities:partnership_new")


@pytest.fixture
def statements(db):
    """The twelve, three to a phase."""
    return [factories.PartnershipStatementFactory(number=n) for n in range(1, 13)]


@pytest.fixture
def phase(statements):
    return PartnershipPhase.objects.get(number=1)


@pytest.fixture
def employer(member_a):
    return factories.OrganisationFactory(kind="employer", name="Almby omsorg", city="Almby", found_by=member_a)


@pytest.fixture
def review(member_a, employer):
    return factories.PartnershipReviewFactory(organisation=member_a, partner=employer)


@pytest.fixture
def last(member_a, employer, contact):
    return factories.PartnershipReviewFactory(
        organisation=member_a, partner=employer, closed=True, held_on=factories.day(-400), closed_by=contact
    )


def rate(review, number, school=None, employer=None):
    """What the sides say of the statement with this number."""
    for side, score in ((Side.SCHOOL, school), (Side.EMPLOYER, employer)):
        if score:
            statement = factories.PartnershipStatementFactory(number=number)
            factories.PartnershipRatingFactory(review=review, statement=statement, side=side, score=score)


def url(name, review, *args):
    return reverse(f"mobilities:partnership_{name}", args=[review.pk, *args])


def compared(review):
    before = partnerships.before(review)
    return partnership_figures.compare(
        PartnershipPhase.objects.prefetch_related("statements"),
        partnerships.answers(review),
        partnerships.answers(before),
        had_round_before=before is not None,
    )


def first_line(review):
    return compared(review)[0].lines[0]


# Arithmetic


@pytest.mark.parametrize(
    ("school", "workplace", "gap", "words", "wide"),
    [
        (4, 2, 2, "2, the school higher", True),
        (2, 3, -1, "1, the workplace higher", False),
        (1, 5, -4, "4, the workplace higher", True),
        (3, 3, 0, "none", False),
        (3, None, None, "not answered", False),
        (None, 5, None, "not answered", False),
        (None, None, None, "not answered", False),
    ],
)
def test_gap_is_told_where_both_have_answered(school, workplace, gap, words, wide, review, statements):
    rate(review, 1, school, workplace)
    line = first_line(review)
    assert (line.gap, line.gap_words, line.is_wide) == (gap, words, wide)


@pytest.mark.parametrize(
    ("before", "now", "change", "words"),
    [
        (2, 4, 2, "+2"),
        (4, 3, -1, "\N{MINUS SIGN}1"),
        (3, 3, 0, "as last time"),
        (None, 3, None, "not answered last time"),
        (3, None, None, "not answered"),
        (None, None, None, "not answered"),
    ],
)
@pytest.mark.parametrize("side", ["school", "employer"])
def test_change_is_told_where_both_rounds_have_an_answer(side, before, now, change, words, last, statements):
    review = factories.PartnershipReviewFactory(organisation=last.organisation, partner=last.partner, number=2)
    rate(last, 1, **{side: before})
    rate(review, 1, **{side: now})
    said = getattr(first_line(review), side)
    assert (said.change, said.change_words) == (change, words)


def test_first_round_has_no_change(review, statements):
    rate(review, 1, school=3)
    assert first_line(review).school.change_words == "first round"


@pytest.mark.parametrize(
    ("scores", "mean"),
    [([], None), ([None], None), ([3, None], "3.0"), ([1, 2], "1.5"), ([3, 3, 4], "3.3"), ([1, 1, 1, 2], "1.3")],
)
def test_mean_is_of_those_that_were_given(scores, mean):
    found = partnership_figures.mean(scores)
    assert found == (None if mean is None else Decimal(mean))


def test_a_note_without_a_score_is_not_answered(review, statements):
    factories.PartnershipRatingFactory(review=review, statement=statements[0], score=None, note="We talk later.")
    line = first_line(review)
    assert (line.school.words, line.school.note, line.gap) == ("not answered", "We talk later.", None)


def test_charts_and_list_have_the_same_means(last, statements, contact):
    review = factories.PartnershipReviewFactory(organisation=last.organisation, partner=last.partner, number=2)
    rate(last, 1, 2, 5)
    rate(review, 1, 3, 4)
    rate(review, 2, 4)
    found = compared(review)
    assert [values for _label, values, _goal in partnership_figures.chart_of_gaps(found).table] == [
        (Decimal("3.5"), Decimal("4.0")),
        (None, None),
        (None, None),
        (None, None),
    ]
    school, workplace = partnership_figures.charts_of_change(found)
    assert school.table[0][1] == (Decimal("2.0"), Decimal("3.5"))
    assert workplace.table[0][1] == (Decimal("5.0"), Decimal("4.0"))
    (pair,) = partners.with_means(partners.pairs(contact))
    assert pair.phases[0][1:] == (Decimal("3.5"), Decimal("4.0"))
    assert pair.phases[1][1:] == (None, None)


# Constraints


@pytest.mark.parametrize(
    "values", [{"held_on": factories.day(-9)}, {"number": 2}, {"number": 0, "held_on": factories.day(-9)}]
)
def test_rounds_of_a_pair_keep_apart(values, last):
    kept = {"organisation": last.organisation, "partner": last.partner, "held_on": last.held_on}
    with pytest.raises(IntegrityError), transaction.atomic():
        factories.PartnershipReviewFactory(**kept | values)
    assert PartnershipReview.objects.count() == 1


def test_pair_has_one_open_round(review):
    with pytest.raises(IntegrityError), transaction.atomic():
        factories.PartnershipReviewFactory(
            organisation=review.organisation, partner=review.partner, number=2, held_on=factories.day(9)
        )


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"next_on": factories.day(-30)}, "partnership_next_round_is_after_this"),
        ({"closed_by": None}, "partnership_closing_has_time_and_person"),
        ({"school_function": ""}, "partnership_closed_says_who_answered"),
        ({"employer_function": ""}, "partnership_closed_says_who_answered"),
    ],
)
def test_closed_round_is_whole(values, name, db):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        factories.PartnershipReviewFactory(closed=True, **values)


def test_nobody_is_the_own_partner(member_a):
    with pytest.raises(IntegrityError, match="partnership_has_two_sides"), transaction.atomic():
        factories.PartnershipReviewFactory(organisation=member_a, partner=member_a)


@pytest.mark.parametrize("values", [{"score": 0}, {"score": 6}, {"side": "learner"}, {"score": None}])
def test_answer_is_on_the_scale_and_says_something(values, review, statements):
    with pytest.raises(IntegrityError), transaction.atomic():
        factories.PartnershipRatingFactory(review=review, statement=statements[0], **values)


def test_side_answers_a_statement_once(review, statements):
    rate(review, 1, school=3)
    with pytest.raises(IntegrityError), transaction.atomic():
        rate(review, 1, school=4)


# Beginning


def test_contact_begins_a_round(sign_in, send, contact, member_a, employer, host, statements):
    client = sign_in(contact)
    page = client.get(f"{NEW}?partner={employer.pk}")
    assert "member" not in page.context["form"].fields
    assert [heading for heading, _choices in page.context["form"].fields["partner"].choices[1:]] == [
        "Employers at home",
        "Hosts abroad",
    ]
    send(client, f"{NEW}?partner={employer.pk}", held_on=factories.day(0))
    review = PartnershipReview.objects.get()
    assert (review.organisation, review.partner, review.number) == (member_a, employer, 1)
    assert [line.history_change_reason for line in review.history.all()] == ["began a round"]


def test_coordinator_says_for_which_member(sign_in, send, coordinator, member_a, member_b, host):
    client = sign_in(coordinator)
    assert set(client.get(NEW).context["form"].fields["member"].queryset) == {member_a, member_b}
    wanted = {"partner": host.pk, "held_on": factories.day(0)}
    assert "member" in send(client, NEW, **wanted).context["form"].errors
    send(client, NEW, **wanted, member=member_b.pk)
    assert PartnershipReview.objects.get().organisation == member_b


def test_second_round_waits_for_the_first(contact, review):
    with pytest.raises(NotAllowed, match="open already"):
        partnerships.begin(member=review.organisation, partner=review.partner, held_on=factories.day(9), by=contact)


@pytest.mark.parametrize(("days", "taken"), [(-401, False), (-400, False), (-399, True)])
def test_rounds_follow_in_time(days, taken, contact, last):
    wanted = {"member": last.organisation, "partner": last.partner, "held_on": factories.day(days), "by": contact}
    if taken:
        assert partnerships.begin(**wanted).number == 2
    else:
        with pytest.raises(NotAllowed, match="Choose a later day"):
            partnerships.begin(**wanted)


@pytest.mark.parametrize("who", ["other_contact", "staff", "auditor", "outsider", "participant"])
def test_others_write_nothing_for_the_member(who, request, last, phase, member_a, host):
    user = request.getfixturevalue(who)
    review = factories.PartnershipReviewFactory(organisation=member_a, partner=host)
    with pytest.raises(NotAllowed, match="for which you act"):
        partnerships.begin(member=member_a, partner=last.partner, held_on=factories.day(0), by=user)
    for act in (
        lambda: partnerships.answer(review=review, phase=phase, given={}, seen="", by=user),
        lambda: partnerships.amend(review=review, by=user),
        lambda: partnerships.close(review=review, by=user),
        lambda: partnerships.discard(review=review, by=user),
        lambda: partnerships.reopen(review=last, reason="x", by=user),
    ):
        with pytest.raises(NotAllowed, match="own contact persons"):
            act()


# Filling in


def test_phase_is_saved_by_itself_and_the_next_one_follows(sign_in, send, contact, review, statements):
    client = sign_in(contact)
    page = send(
        client,
        url("phase", review, 1),
        **{"score-school-1": "4", "score-employer-1": "2", "note-employer-1": "Too rarely.", "note-school-3": "Later."},
    )
    assert page.redirect_chain[-1][0] == url("phase", review, 2)
    assert set(PartnershipRating.objects.values_list("side", "statement__number", "score", "note")) == {
        ("school", 1, 4, ""),
        ("employer", 1, 2, "Too rarely."),
        ("school", 3, None, "Later."),
    }
    page = client.get(review.get_absolute_url())
    assert "2, the school higher" in page.text
    assert "Too rarely." in page.text
    assert page.context["wide"][0].statement == statements[0]


def test_answer_can_be_taken_back(sign_in, send, contact, review, statements):
    rate(review, 1, 4, 2)
    page = send(sign_in(contact), url("phase", review, 1), **{"score-school-1": "", "stop": "yes"})
    assert page.redirect_chain[-1][0] == review.get_absolute_url()
    assert list(PartnershipRating.objects.values_list("side", "score")) == [("employer", 2)]
    assert PartnershipRating.history.filter(history_type="-").count() == 1


def test_last_phase_leads_to_the_end(sign_in, send, contact, review, statements):
    page = send(sign_in(contact), url("phase", review, 4), **{"score-school-12": "5"})
    assert page.redirect_chain[-1][0] == url("finish", review)
    assert "11 statements by the school, 12 by the workplace" in page.text


def test_what_is_the_same_leaves_no_line(contact, review, phase, statements):
    rate(review, 1, school=4)
    found = partnerships.answers(review, phase)
    partnerships.answer(
        review=review,
        phase=phase,
        given={(Side.SCHOOL, statements[0]): (4, ""), (Side.EMPLOYER, statements[0]): (None, "")},
        seen=partnerships.fingerprint(found),
        by=contact,
    )
    assert PartnershipRating.objects.get().history.count() == 1
    assert review.history.count() == 1


def test_round_that_was_removed_meanwhile_is_said(contact, review):
    partnerships.discard(review=PartnershipReview.objects.get(pk=review.pk), by=contact)
    with pytest.raises(NotAllowed, match="removed meanwhile"):
        partnerships.amend(review=review, by=contact)


def test_last_time_stands_beside_and_is_not_copied(sign_in, contact, last, statements):
    rate(last, 1, school=2)
    factories.PartnershipRatingFactory(review=last, statement=statements[0], side="employer", score=None, note="Hm.")
    review = factories.PartnershipReviewFactory(organisation=last.organisation, partner=last.partner, number=2)
    form = sign_in(contact).get(url("phase", review, 1)).context["form"]
    assert form["score-school-1"].help_text == "Last time: 2 – hardly true"
    assert form["score-employer-1"].help_text == "Last time: Hm."
    assert form["score-school-1"].value() == ""
    assert form["score-school-2"].help_text == ""


def test_two_editors_of_a_phase_see_both_and_of_two_phases_do_not_meet(
    sign_in, send, contact, coordinator, review, statements
):
    client = sign_in(contact)
    mine = fields(client.get(url("phase", review, 1)).context["form"], **{"score-school-1": "4"})
    send(sign_in(coordinator), url("phase", review, 2), **{"score-school-4": "1"})
    send(sign_in(coordinator), url("phase", review, 1), **{"score-school-1": "2"})
    page = client.post(url("phase", review, 1), mine)
    form = page.context["form"]
    assert [(line["mine"], line["theirs"]) for line in form.conflict] == [("4 – mostly true", "2 – hardly true")]
    again = fields(form) | {"seen": form["seen"].value()}
    assert client.post(url("phase", review, 1), again).status_code == 302
    assert set(PartnershipRating.objects.values_list("statement__number", "score")) == {(1, 4), (4, 1)}


def test_phase_that_is_not_there_is_not_found(sign_in, contact, review, statements):
    assert sign_in(contact).get(url("phase", review, 5)).status_code == 404


def test_nothing_typed_is_lost_by_an_error(sign_in, contact, review, statements):
    client = sign_in(contact)
    sent = {"score-school-1": "4", "note-school-1": "long " * 200, "note-employer-2": "Kept."}
    form = client.post(url("phase", review, 1), sent).context["form"]
    assert list(form.errors) == ["note-school-1"]
    assert (form["score-school-1"].value(), form["note-employer-2"].value()) == ("4", "Kept.")
    assert not PartnershipRating.objects.exists()


# The end of a round


ENDED = {"school_function": "Teacher", "employer_function": "Head", "agreed": "We meet more often."}


def test_round_is_closed_and_read_only(sign_in, send, contact, review, statements):
    rate(review, 1, 4, 2)
    client = sign_in(contact)
    page = send(client, url("finish", review), **ENDED, next_on=factories.day(365))
    review.refresh_from_db()
    assert (review.is_open, review.closed_by, review.agreed) == (False, contact, "We meet more often.")
    assert url("phase", review, 1) not in page.text
    assert url("reopen", review) in page.text
    for name in ("phase", "finish"):
        address = url(name, review, *([1] if name == "phase" else []))
        assert client.get(address)["Location"] == review.get_absolute_url()
    sent = {"score-school-1": "1", "seen": partnerships.fingerprint(partnerships.answers(review))}
    assert "This round is closed" in client.post(url("phase", review, 1), sent).text
    assert PartnershipRating.objects.get(side="school").score == 4


def test_end_of_a_round_leads_back_to_it(sign_in, contact, review):
    assert f'<a href="{review.get_absolute_url()}">Round 1</a>' in sign_in(contact).get(url("finish", review)).text


def test_round_is_saved_without_closing(sign_in, send, contact, review, statements):
    send(sign_in(contact), url("finish", review), school_function="Teacher", save="yes")
    review.refresh_from_db()
    assert (review.is_open, review.school_function) == (True, "Teacher")


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("school_function", {"school_function": ""}),
        ("employer_function", {"employer_function": ""}),
        ("held_on", {"held_on": factories.day(1)}),
        ("held_on", {"held_on": ""}),
        ("next_on", {"next_on": factories.day(0)}),
    ],
)
def test_closing_asks_for_what_is_missing(field, changes, sign_in, send, contact, review, statements):
    rate(review, 1, 4, 2)
    page = send(sign_in(contact), url("finish", review), **ENDED | changes)
    assert list(page.context["form"].errors) == [field]
    review.refresh_from_db()
    assert (review.is_open, review.agreed, review.version) == (True, "", 0)


@pytest.mark.parametrize(("side", "silent"), [("school", "The workplace"), ("employer", "The school")])
def test_each_side_answers_before_a_round_is_closed(side, silent, sign_in, send, contact, review, statements):
    rate(review, 1, **{side: 3})
    page = send(sign_in(contact), url("finish", review), **ENDED)
    assert page.context["form"].non_field_errors() == [
        f"{silent} has answered no statement yet. Fill in its answers first."
    ]


def test_day_of_a_round_stays_behind_the_one_before(contact, last, statements):
    review = factories.PartnershipReviewFactory(organisation=last.organisation, partner=last.partner, number=2)
    review.held_on = last.held_on
    with pytest.raises(NotAllowed, match="Choose a later day"):
        partnerships.amend(review=review, by=contact)


def test_second_editor_of_the_facts_is_told(contact, review):
    theirs = PartnershipReview.objects.get(pk=review.pk)
    partnerships.amend(review=theirs, by=contact)
    with pytest.raises(Changed):
        partnerships.amend(review=review, by=contact)


def test_round_is_opened_again_with_a_reason(sign_in, send, contact, last):
    page = send(sign_in(contact), url("reopen", last), reason="A slip of the pen.")
    last.refresh_from_db()
    assert (last.is_open, last.closed_by) == (True, None)
    assert "A slip of the pen." in page.text
    assert last.history.first().history_change_reason == "opened the round again\nA slip of the pen."


def test_open_or_earlier_rounds_are_not_opened(sign_in, contact, last):
    review = factories.PartnershipReviewFactory(organisation=last.organisation, partner=last.partner, number=2)
    with pytest.raises(NotAllowed, match="open already"):
        partnerships.reopen(review=review, reason="x", by=contact)
    with pytest.raises(NotAllowed, match="later round"):
        partnerships.reopen(review=last, reason="x", by=contact)
    assert url("reopen", last) not in sign_in(contact).get(last.get_absolute_url()).text


def test_empty_round_is_removed_and_one_with_answers_stays(sign_in, contact, review, statements):
    client = sign_in(contact)
    assert url("discard", review) in client.get(review.get_absolute_url()).text
    rate(review, 1, school=3)
    assert url("discard", review) not in client.get(review.get_absolute_url()).text
    page = client.post(url("discard", review), follow=True)
    assert "This round has answers." in page.text
    PartnershipRating.objects.get().delete()
    page = client.post(url("discard", review), follow=True)
    assert page.redirect_chain[-1][0] == reverse("mobilities:partner", args=[review.partner_id])
    assert not PartnershipReview.objects.exists()
    assert PartnershipReview.history.first().history_change_reason == "removed the empty round"


# Reading


@pytest.mark.parametrize(
    ("who", "reads"),
    [
        ("coordinator", True),
        ("staff", True),
        ("contact", True),
        ("other_contact", False),
        ("auditor", False),
        ("outsider", False),
        ("participant", False),
    ],
)
def test_own_member_and_the_association_read_a_review(who, reads, request, sign_in, project, last, statements):
    client = sign_in(request.getfixturevalue(who))
    for address in (last.get_absolute_url(), url("paper", last), url("export", last, "csv")):
        assert client.get(address).status_code == (200 if reads else 404)


def test_partner_is_shared_and_its_reviews_are_not(sign_in, other_contact, contact, last, statements):
    page = sign_in(other_contact).get(reverse("mobilities:partner", args=[last.partner_id]))
    assert page.context["by_member"] == []
    assert last.get_absolute_url() not in page.text
    assert "No round yet" in page.text
    page = sign_in(contact).get(reverse("mobilities:partner", args=[last.partner_id]))
    assert [group.reviews for group in page.context["by_member"]] == [(last,)]


def test_member_is_no_partner(sign_in, contact, member_a):
    assert sign_in(contact).get(reverse("mobilities:partner", args=[member_a.pk])).status_code == 404


def test_list_has_whom_the_member_found_sent_to_or_met(
    sign_in, contact, project, member_a, member_b, employer, host, mobility_of
):
    factories.OrganisationFactory(host=True, name="Of nobody")
    factories.OrganisationFactory(host=True, name="Of B", found_by=member_b)
    met = factories.OrganisationFactory(host=True, name="Casa Met")
    factories.PartnershipReviewFactory(organisation=member_a, partner=met)
    mobility_of("completed")
    pairs = sign_in(contact).get(LIST).context["page"].object_list
    assert [(pair.partner.name, bool(pair.latest)) for pair in pairs] == [
        ("Casa Met", True),
        ("Almby omsorg", False),
        ("Lar Exemplo", False),
    ]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["Almby omsorg", "Lar Exemplo", "Lar Exemplo"]),
        ("?q=ALMBY+om", ["Almby omsorg"]),
        ("?show=met", ["Almby omsorg", "Lar Exemplo"]),
        ("?show=due", ["Almby omsorg"]),
        ("?show=nonsense", ["Almby omsorg", "Lar Exemplo", "Lar Exemplo"]),
    ],
)
def test_list_is_searched(query, found, sign_in, coordinator, last, member_a, member_b, host, project):
    last.next_on = factories.day(0)
    last.save()
    factories.PartnershipReviewFactory(organisation=member_b, partner=host, closed=True, next_on=factories.day(5))
    host.found_by = member_a
    host.save()
    page = sign_in(coordinator).get(LIST + query)
    assert [pair.partner.name for pair in page.context["page"].object_list] == found


def test_list_is_narrowed_to_a_member(sign_in, coordinator, last, member_b, host):
    factories.PartnershipReviewFactory(organisation=member_b, partner=host)
    page = sign_in(coordinator).get(f"{LIST}?member={member_b.pk}")
    assert [pair.member for pair in page.context["page"].object_list] == [member_b]


def test_open_round_is_not_due(sign_in, contact, review):
    review.held_on, review.next_on = factories.day(-9), factories.day(-1)
    review.save()
    (pair,) = sign_in(contact).get(LIST).context["page"].object_list
    assert (pair.is_due, pair.due_on) == (False, None)


def test_pages_say_whose_use_of_the_phases_this_is(sign_in, contact, last, statements):
    client = sign_in(contact)
    for address in (LIST, last.get_absolute_url(), url("paper", last)):
        page = client.get(address).text
        assert "“Fördelar” (Benefits)" in page
        assert "own derivation" in page


def test_round_goes_out_as_a_sheet(sign_in, contact, last, statements):
    rate(last, 1, 4, 2)
    lines = sign_in(contact).get(url("export", last, "csv")).getvalue().decode("utf-8-sig").splitlines()
    assert lines[1] == "Phase 1,1,Statement 1.,4,2,2,,,,"
    assert len(lines) == 13
    assert sign_in(contact).get(url("export", last, "odt")).status_code == 404


@pytest.mark.parametrize("page_of", ["list", "partner"])
def test_lists_take_the_same_queries_for_any_number(
    page_of, sign_in, contact, member_a, employer, statements, django_assert_max_num_queries
):
    client, counted = sign_in(contact), []
    for n in (1, 3, 24):  # the employer without a round fills the page
        for _ in range(n - PartnershipReview.objects.count()):
            number = PartnershipReview.objects.count() + 1
            partner = employer if page_of == "partner" else factories.OrganisationFactory(host=True)
            review = factories.PartnershipReviewFactory(
                organisation=member_a,
                partner=partner,
                number=number,
                closed=True,
                closed_by=contact,
                held_on=factories.day(-400 + number),
            )
            rate(review, 1, 3, 4)
        address = LIST if page_of == "list" else reverse("mobilities:partner", args=[employer.pk])
        with django_assert_max_num_queries(20) as queries:
            page = client.get(address)
        if page_of == "list":
            assert len([pair for pair in page.context["pairs"] if pair.latest]) == n
        else:
            assert len(page.context["by_member"][0].reviews) == n
        counted.append(len(queries))
    assert len(set(counted)) == 1


def test_pages_of_host_and_employer_lead_to_the_reviews(sign_in, contact, auditor, host, employer, project):
    for partner in (host, employer):
        address = reverse("mobilities:partner", args=[partner.pk])
        assert address in sign_in(contact).get(partner.get_absolute_url()).text
        assert address not in sign_in(auditor).get(partner.get_absolute_url()).text
    assert LIST in sign_in(contact).get(reverse("consortium:hosts")).text


def test_employers_are_shared(other_contact, employer):
    assert employer in Organisation.objects.visible_to(other_contact)


# Two rows of a host become one


def merged(one, other, by):
    return host_merges.merge(one=one, other=other, kept={}, by=by)


@pytest.fixture
def double(host):
    return factories.OrganisationFactory(host=True, name="Lar Exemplo II")


def test_rounds_with_both_rows_become_one_row_of_rounds(coordinator, contact, member_a, member_b, host, double):
    def a_round(partner, number, days, member=member_a):
        return factories.PartnershipReviewFactory(
            organisation=member,
            partner=partner,
            number=number,
            held_on=factories.day(days),
            closed=True,
            closed_by=contact,
        )

    kept = [a_round(host, 1, -300), a_round(host, 2, -100)]
    moved = [a_round(double, 1, -200), a_round(double, 2, -50), a_round(double, 1, -200, member_b)]
    stays = merged(host, double, coordinator)
    assert list(partnerships.rounds(member_a, stays)) == [kept[0], moved[0], kept[1], moved[1]]
    assert list(partnerships.rounds(member_a, stays).values_list("number", flat=True)) == [1, 2, 3, 4]
    assert list(partnerships.rounds(member_b, stays).values_list("number", flat=True)) == [1]
    assert moved[0].history.first().history_change_reason == "moved the round to the row of the host that stays"
    assert kept[1].history.first().history_change_reason.startswith("counted the rounds anew")
    assert [row.history.count() for row in (*kept, *moved)] == [1, 2, 2, 2, 2]


@pytest.mark.parametrize(
    ("days", "sentence"), [(-30, "has a round with both"), (-20, "has an open round with one of them")]
)
def test_rounds_that_cannot_be_put_in_order_stop_the_merging(days, sentence, coordinator, member_a, host, double):
    open_one = {"held_on": factories.day(-30)} if days == -20 else {"closed": True}
    factories.PartnershipReviewFactory(organisation=member_a, partner=host, **open_one)
    factories.PartnershipReviewFactory(organisation=member_a, partner=double, closed=True, held_on=factories.day(days))
    with pytest.raises(NotAllowed, match=sentence):
        merged(host, double, coordinator)
    assert Organisation.objects.filter(pk=double.pk).exists()


def test_old_address_of_a_partner_leads_on(sign_in, coordinator, contact, host, double):
    merged(host, double, coordinator)
    answer = sign_in(contact).get(reverse("mobilities:partner", args=[double.pk]))
    assert answer["Location"] == host.get_absolute_url()


def test_round_with_a_host_that_was_merged_away_meanwhile_is_refused_at_its_field(contact, member_a, host):
    Organisation.objects.get(pk=host.pk).delete()
    with pytest.raises(NotAllowed) as refusal:
        partnerships.begin(member=member_a, partner=host, held_on=factories.day(0), by=contact)
    assert set(refusal.value.message_dict) == {"partner"}


def test_form_of_a_round_that_has_moved_meanwhile_is_not_saved(contact, coordinator, member_a, host, double):
    seen = factories.PartnershipReviewFactory(organisation=member_a, partner=double)
    merged(host, double, coordinator)
    with pytest.raises(Changed):
        partnerships.amend(review=seen, by=contact)
