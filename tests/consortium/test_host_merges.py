"""Two rows of the bank that are the same host become one: what is kept, what moves, and where the old address leads."""

from datetime import date, timedelta

import pytest
from django.db.models import PROTECT
from django.urls import reverse
from django.utils import timezone

from consortium import host_merges, hosts, look_alikes
from consortium.host_facts import BOTH, compared
from consortium.models import (
    Acquaintance,
    HostVerdict,
    Language,
    MergedHost,
    Organisation,
    OrganisationKind,
    OrganisationName,
)
from consortium.permissions import NotAllowed
from mobilities.models import Mobility
from tests import factories, markup
from tests.consortium.conftest import fields
from tests.consortium.test_host_ties import stay
from westum.base import files
from westum.base.history import lines_of


@pytest.fixture
def languages(db):
    return {code: Language.objects.create(code=code) for code in ("de", "en", "pt")}


@pytest.fixture
def double(languages, member_b, host):
    """The same house again, entered later by another member, with some facts that differ."""
    host.languages.set(["en"])
    double = factories.OrganisationFactory(
        host=True, name="Casa Exemplo", capacity=5, oid="E10000001", learning_outcomes="Each week.", found_by=member_b
    )
    double.languages.set(["en", "pt"])
    return double


def same(host):
    return reverse("consortium:host_same", args=[host.pk])


def url_of(host, other):
    return reverse("consortium:merge_hosts", args=[host.pk, other.pk])


def names(host):
    return list(host.other_names.values_list("name", flat=True))


# Who merges


@pytest.mark.parametrize("who", ["contact", "other_contact", "staff", "auditor", "outsider", "participant"])
def test_only_the_coordinator_merges(who, request, sign_in, host, double):
    user = request.getfixturevalue(who)
    client = sign_in(user)
    for url in (same(host), url_of(host, double)):
        assert client.get(url).status_code == 404
    assert client.post(url_of(host, double), {"name": str(host.pk)}).status_code == 404
    assert same(host) not in client.get(host.get_absolute_url()).text
    with pytest.raises(NotAllowed, match="The coordinator merges hosts"):
        host_merges.merge(one=host, other=double, kept={}, by=user)
    assert Organisation.objects.hosts().count() == 2


# From the host's page to the comparison


def test_look_alikes_are_offered_first_and_all_others_can_be_searched(sign_in, coordinator, host, double):
    alike = factories.OrganisationFactory(host=True, name=f"{host.name} Ltd")
    client = sign_in(coordinator)
    assert same(host) in client.get(host.get_absolute_url()).text
    page = client.get(same(host))
    assert page.context["look_alikes"] == [alike]
    assert (page.context["page"], url_of(host, alike) in page.text) == (None, True)
    page = client.get(same(host), {"q": "CASA exemplo"})
    assert list(page.context["page"]) == [double]
    assert url_of(host, double) in page.text
    assert "Search for less" in client.get(same(host), {"q": "nowhere"}).text


def test_look_alikes_are_sought_by_every_name(host, double):
    OrganisationName.objects.create(organisation=host, name="Casa Exempló")
    assert look_alikes.of(host, Organisation.objects.hosts().exclude(pk=host.pk).with_names()) == [double]
    assert look_alikes.of(double, Organisation.objects.hosts().exclude(pk=double.pk).with_names()) == [host]


@pytest.mark.parametrize("n", [1, 3, 50])
def test_search_takes_as_many_queries_however_many_are_found(n, sign_in, coordinator, host, django_assert_num_queries):
    for number in range(n):
        factories.OrganisationFactory(host=True, name=f"Quinta {number}")
    client = sign_in(coordinator)
    client.get(same(host))
    with django_assert_num_queries(9):
        page = client.get(same(host), {"q": "quinta"})
    assert len(page.context["page"]) == min(n, 25)


def test_both_are_shown_and_only_what_differs_is_asked(sign_in, coordinator, contact, project, member_a, host, double):
    stay(project, member_a, double)
    hosts.judge(verdict=HostVerdict(host=double, organisation=member_a, would_use_again=True, note="Good."), by=contact)
    hosts.know(host=double, by=contact)
    OrganisationName.objects.create(organisation=double, name="A Casa")
    page = sign_in(coordinator).get(url_of(host, double))
    form = page.context["form"]
    assert {name: field.initial for name, field in form.fields.items() if name not in {"seen", "form_token"}} == {
        "name": str(host.pk),
        "languages": BOTH,
    }
    assert page.context["told"] == [
        "1 mobility moves along.",
        "What 1 member says of it moves along.",
        "1 colleague who knows it comes along.",
        "1 other name moves along.",
    ]
    for words in ("Casa Exemplo", "E10000001", "Each week.", "Good.", contact.name, "A Casa", "cannot be undone"):
        assert words in page.text
    for mobility in Mobility.objects.all():
        assert mobility.participant.last_name not in page.text
        assert mobility.get_absolute_url() not in page.text


def test_nothing_is_asked_of_two_that_say_the_same(sign_in, send, coordinator, host):
    double = factories.OrganisationFactory(host=True, name=host.name)
    page = sign_in(coordinator).get(url_of(host, double))
    assert "The two do not contradict each other" in page.text
    send(sign_in(coordinator), url_of(host, double))
    assert list(Organisation.objects.hosts()) == [host]
    assert names(host) == []


# What is kept


def test_both_orders_of_the_two_keep_the_older_row(sign_in, send, coordinator, host, double):
    page = send(sign_in(coordinator), url_of(double, host))
    assert page.redirect_chain[-1][0] == host.get_absolute_url()
    assert list(Organisation.objects.hosts()) == [host]


def test_proposal_keeps_what_one_alone_says_and_the_fuller_value(coordinator, host, double, member_b):
    host.learning_outcomes = "Daily."
    host.agreed_on, host.agreed_until = date(2020, 1, 1), date(2022, 1, 1)
    host.capacity = 3
    host.save()
    double.agreed_on = date(2024, 1, 1)
    double.organisation_number = "802414-8689"
    double.latitude, double.longitude = 41, -8
    double.save()
    stays = host_merges.merge(one=host, other=double, kept={}, by=coordinator)
    stays.refresh_from_db()
    assert (stays.pk, stays.name) == (host.pk, host.name)
    assert (stays.agreed_on, stays.agreed_until) == (date(2024, 1, 1), None)  # a whole agreement, the one that goes on
    assert stays.learning_outcomes == "Each week."
    assert (stays.capacity, stays.oid, stays.organisation_number) == (3, "E10000001", "802414-8689")
    assert (stays.latitude, stays.longitude, stays.found_by) == (41, -8, member_b)
    assert stays.named_languages == "English, Portuguese"
    assert stays.search.startswith(host.name.lower())


def test_coordinator_chooses_what_stays(sign_in, send, coordinator, host, double):
    host.capacity, host.oid = 3, "E10000009"
    host.save()
    choice = {"name": double.pk, "capacity": double.pk, "oid": host.pk, "languages": host.pk}
    page = send(sign_in(coordinator), url_of(host, double), **{name: str(value) for name, value in choice.items()})
    assert "The two are one host now." in page.text
    kept, called = Organisation.objects.get(pk=host.pk), host.name
    assert (kept.name, kept.capacity, kept.oid, kept.named_languages) == ("Casa Exemplo", 5, "E10000009", "English")
    assert names(kept) == [called]
    assert kept.search.startswith("casa exemplo")


def test_list_of_the_other_one_can_be_chosen(coordinator, host, double):
    host.languages.set(["de"])
    stays = host_merges.merge(one=host, other=double, kept={"languages": str(double.pk)}, by=coordinator)
    assert stays.named_languages == "English, Portuguese"


def test_answer_that_is_not_offered_is_refused(sign_in, send, coordinator, host, double):
    errors = send(sign_in(coordinator), url_of(host, double), name="0").context["form"].errors
    assert list(errors) == ["name"]
    assert Organisation.objects.hosts().count() == 2


def test_all_names_of_both_find_the_host_and_each_stands_once(coordinator, host, double):
    double.legal_name = "Casa Exemplo Unipessoal"
    double.save()
    for row, other in [(host, "Casa  exemplo"), (host, "O Lar"), (double, "o lar"), (double, "A Casa")]:
        OrganisationName.objects.create(organisation=row, name=other)
    stays = host_merges.merge(one=host, other=double, kept={"name": str(double.pk)}, by=coordinator)
    assert (stays.name, stays.legal_name) == ("Casa Exemplo", "Casa Exemplo Unipessoal")
    assert names(stays) == ["O Lar", "A Casa", host.name]


def test_long_legal_name_that_does_not_stay_is_cut(coordinator, host, double):
    host.legal_name, double.legal_name = "H", "D" * 200
    host.save()
    double.save()
    stays = host_merges.merge(one=host, other=double, kept={"legal_name": str(host.pk)}, by=coordinator)
    assert "D" * 160 in names(stays)


# What moves


@pytest.mark.parametrize("ended", [False, True])
def test_mobilities_move_with_their_history_also_in_ended_projects(ended, coordinator, project, member_a, host, double):
    mobility = stay(project, member_a, double)
    mobility.goals.set(project.goals.filter(code="1"))
    before = mobility.history.count()
    if ended:
        project.state = "ended"
        project.save()
    host_merges.merge(one=host, other=double, kept={}, by=coordinator)
    moved = Mobility.objects.get()
    assert (moved.receiving_organisation, moved.version) == (host, mobility.version + 1)
    assert moved.history.count() == before + 1
    line = lines_of(moved)[0]
    assert (line.what, line.detail) == ("merged two rows of the host", "Changed: receiving organisation.")
    assert host.incoming_mobilities.count() == 1


def test_verdicts_move_and_of_two_the_later_one_stays(coordinator, project, member_a, member_b, host, double):
    now = timezone.now()
    for row, member, again, note, days in [
        (host, member_a, True, "Good.", 9),
        (double, member_a, False, "Too far.", 2),
        (double, member_b, True, "Fine.", 5),
    ]:
        HostVerdict(
            host=row, organisation=member, would_use_again=again, note=note, given_at=now - timedelta(days)
        ).save()
    host_merges.merge(one=host, other=double, kept={}, by=coordinator)
    found = {verdict.organisation: verdict for verdict in host.verdicts.all()}
    assert {member: verdict.note for member, verdict in found.items()} == {member_a: "Too far.", member_b: "Fine."}
    line = lines_of(found[member_a])[0]
    assert line.what == "kept this answer; an earlier one to the same host was yes"
    assert line.detail == "Good."
    gone = HostVerdict.history.filter(history_type="-").get()
    assert (gone.note, gone.would_use_again) == ("Good.", True)


def test_earlier_answer_about_the_one_that_goes_is_in_the_history(coordinator, member_a, host, double):
    for row, days in [(host, 1), (double, 4)]:
        HostVerdict(
            host=row, organisation=member_a, would_use_again=False, given_at=timezone.now() - timedelta(days)
        ).save()
    kept = host.verdicts.get()
    host_merges.merge(one=host, other=double, kept={}, by=coordinator)
    assert host.verdicts.get() == kept
    assert lines_of(kept)[0].what == "kept this answer; an earlier one to the same host was no"


def test_colleagues_who_know_it_move_and_each_stands_once(coordinator, contact, other_contact, host, double):
    for row, user in [(host, contact), (double, contact), (double, other_contact)]:
        hosts.know(host=row, by=user)
    host_merges.merge(one=host, other=double, kept={}, by=coordinator)
    assert list(host.acquaintances.order_by("pk").values_list("user", flat=True)) == [contact.pk, other_contact.pk]
    assert Acquaintance.objects.count() == 2


def test_everything_that_protects_a_host_moves_or_refuses():
    """A new noun that points to a host moves along only when its app says how; until then it refuses."""
    moved = {*host_merges.OWN, *(mover.field for mover in host_merges._movers)}
    assert {f"{field.model.__name__}.{field.name}" for field in moved} == {
        "Acquaintance.host",
        "HostVerdict.host",
        "MergedHost.host",
        "Mobility.receiving_organisation",
        "PartnershipReview.partner",
    }
    assert all(field.remote_field.on_delete is PROTECT for field in moved)


# The history of both, and the old address


def test_history_tells_of_it_and_keeps_the_row_that_went(coordinator, host, double):
    pk = double.pk
    host_merges.merge(one=host, other=double, kept={}, by=coordinator)
    line = lines_of(Organisation.objects.get(pk=host.pk))[0]
    assert line.what == "merged two rows of the same host"
    assert line.detail.startswith("Casa Exemplo, Porto. Changed: ")
    last = Organisation.history.filter(id=pk).latest()
    assert (last.history_type, last.name, last.capacity) == ("-", "Casa Exemplo", 5)
    assert last.history_change_reason == f"merged this row with another one of the same host\n{host.name}"


def test_old_addresses_lead_to_the_host_that_stays(sign_in, coordinator, contact, outsider, host, double, member_a):
    third = factories.OrganisationFactory(host=True)
    at_third = third.get_absolute_url()
    old = [
        double.get_absolute_url(),
        reverse("consortium:organisation", args=[double.pk]),
        reverse("consortium:host_edit", args=[double.pk]),
        reverse("consortium:judge_host", args=[double.pk, member_a.pk]),
    ]
    own = [same(double), url_of(double, host), url_of(host, double)]
    double = host_merges.merge(one=double, other=third, kept={}, by=coordinator)
    host_merges.merge(one=host, other=double, kept={}, by=coordinator)
    client = sign_in(contact)
    for url in [*old, at_third]:
        assert client.get(url).headers["Location"] == host.get_absolute_url(), url
    assert all(sign_in(coordinator).get(url).headers["Location"] == host.get_absolute_url() for url in own)
    assert [sign_in(outsider).get(url).status_code for url in old] == [404] * len(old)
    assert str(MergedHost.objects.earliest("number")) == f"{double.pk} → {host.pk}"


def test_merged_host_is_in_no_list_choice_or_search(sign_in, coordinator, contact, project, host, double):
    host_merges.merge(one=host, other=double, kept={}, by=coordinator)
    client = sign_in(contact)
    page = client.get(reverse("consortium:hosts"), {"q": "Casa Exemplo"})
    assert list(page.context["page"]) == [host]  # found by the name that it took over
    assert list(sign_in(coordinator).get(same(host)).context["look_alikes"]) == []


def test_who_was_writing_meanwhile_is_told(sign_in, coordinator, contact, host, double, member_a):
    double.found_by = member_a
    double.save()
    client = sign_in(contact)
    url, know = reverse("consortium:host_edit", args=[double.pk]), reverse("consortium:know_host", args=[double.pk])
    sent = fields(client.get(url).context["form"], capacity=9)
    host_merges.merge(one=host, other=double, kept={}, by=coordinator)
    for page in (client.post(url, sent, follow=True), client.post(know, {"knows": "yes"}, follow=True)):
        assert page.redirect_chain == [(host.get_absolute_url(), 302)]
        assert "Nothing was saved" in page.text
    assert not Acquaintance.objects.exists()


def test_rules_refuse_a_host_that_was_merged_in_the_same_moment(coordinator, contact, project, member_a, host, double):
    double.found_by = member_a
    double.save()
    stay(project, member_a, double)
    kept = Organisation.objects.get(pk=double.pk)
    host_merges.merge(one=host, other=double, kept={}, by=coordinator)
    for write in (
        lambda: hosts.know(host=kept, by=contact),
        lambda: hosts.know_no_longer(host=kept, by=contact),
        lambda: hosts.change(host=kept, fields_of_work=[], languages=[], other_names=[], by=contact),
        lambda: hosts.judge(verdict=HostVerdict(host=kept, organisation=member_a, would_use_again=True), by=contact),
    ):
        with pytest.raises(NotAllowed, match="merged with another one meanwhile"):
            write()


def test_button_pressed_in_the_same_moment_says_so(sign_in, monkeypatch, contact, host):
    def refuse(**options):
        raise NotAllowed("Merged meanwhile.")

    monkeypatch.setattr(hosts, "know", refuse)
    page = sign_in(contact).post(reverse("consortium:know_host", args=[host.pk]), {"knows": "yes"}, follow=True)
    assert "Merged meanwhile." in page.text


# What is refused


def test_two_coordinators_at_once_merge_once(sign_in, coordinator, host, double):
    client, gone = sign_in(coordinator), Organisation.objects.get(pk=double.pk)
    sent = fields(client.get(url_of(host, double)).context["form"])
    first, again = client.post(url_of(host, double), sent), client.post(url_of(host, double), sent)
    assert first["Location"] == again["Location"] == host.get_absolute_url()
    seen = Organisation.objects.get(pk=host.pk)
    for other in (gone, seen):
        with pytest.raises(NotAllowed, match="no longer in the bank"):
            host_merges.merge(one=seen, other=other, kept={}, by=coordinator)


def test_change_of_one_meanwhile_is_shown_before_they_are_merged(sign_in, coordinator, host, double):
    client = sign_in(coordinator)
    sent = fields(client.get(url_of(host, double)).context["form"])
    unseen = Organisation.objects.get(pk=double.pk)
    double.capacity, double.version = 7, double.version + 1
    double.save()
    page = client.post(url_of(host, double), sent)
    form = page.context["form"]
    assert form.non_field_errors() == ["Somebody has changed one of the two meanwhile. Compare them once more."]
    with pytest.raises(NotAllowed, match="Somebody has changed one of the two"):
        host_merges.merge(one=host, other=unseen, kept={}, by=coordinator)
    client.post(url_of(host, double), fields(form))
    assert Organisation.objects.get(pk=host.pk).capacity == 7


@pytest.mark.parametrize("kind", [kind for kind in OrganisationKind if kind != OrganisationKind.RECEIVING])
def test_what_is_no_host_is_not_merged(kind, sign_in, coordinator, host):
    other = factories.OrganisationFactory(kind=kind)
    assert sign_in(coordinator).get(url_of(host, other)).status_code == 404
    with pytest.raises(NotAllowed, match="no longer in the bank"):
        host_merges.merge(one=host, other=other, kept={}, by=coordinator)


def test_host_that_is_more_is_refused_with_what_it_is(sign_in, coordinator, project, host, double):
    factories.ProjectMemberFactory(project=project, organisation=double)
    factories.MembershipFactory(organisation=double, role="contact")
    page = sign_in(coordinator).get(url_of(host, double))
    assert page.context["refusal"].startswith("“Casa Exemplo” is more than a host, it has also: ")
    assert "Make them one host" not in page.text
    for one, other in [(host, double), (double, host)]:
        with pytest.raises(NotAllowed, match="is more than a host"):
            host_merges.merge(one=one, other=other, kept={}, by=coordinator)
    assert Organisation.objects.hosts().count() == 2


def test_what_makes_it_unlikely_is_said(sign_in, coordinator, host, double):
    host.oid, host.organisation_number, host.country = "E10000009", "802414-8689", "ES"
    double.organisation_number = "556016-0680"
    host.save()
    double.save()
    page = sign_in(coordinator).get(url_of(host, double))
    for words in ("in different countries", "different organisation numbers", "different OIDs"):
        assert words in page.text


def test_places_and_agreements_are_compared_as_wholes(sign_in, coordinator, host, double):
    for row, day, name in [(host, date(2020, 1, 1), None), (double, date(2024, 5, 6), "newer.pdf")]:
        row.latitude, row.longitude, row.agreed_on = 41, -8, day
        if name:
            row.agreed_until = date(2027, 5, 6)
            row.agreement_file = files.keep(factories.PDF, name=name, content_type="application/pdf")
        row.save()
    page = sign_in(coordinator).get(url_of(host, double))
    shown = {row.fact.name: row.shown for row in page.context["facts"] if row.is_stated}
    assert shown["place"] == ["41.00000° N, 8.00000° W"] * 2
    assert shown["agreement"] == [
        "signed on 1 January 2020",
        "signed on 6 May 2024, valid until 6 May 2027\nnewer.pdf",
    ]
    stays = host_merges.merge(one=host, other=double, kept={"agreement": str(double.pk)}, by=coordinator)
    assert (stays.agreed_on, stays.agreement_file.name) == (date(2024, 5, 6), "newer.pdf")
    line = lines_of(stays)[0]
    assert line.detail.startswith(f"{double.name}, Porto. Not kept: the agreement signed on 1 January 2020.")


@pytest.mark.parametrize(
    ("here_longer", "came_later", "is_kept"),
    [
        ((date(2020, 1, 1), date(2030, 1, 1)), (date(2024, 1, 1), date(2026, 1, 1)), "here_longer"),
        ((date(2020, 1, 1), None), (date(2024, 1, 1), date(2026, 1, 1)), "here_longer"),
        ((date(2024, 1, 1), date(2026, 1, 1)), (date(2020, 1, 1), date(2030, 1, 1)), "came_later"),
        ((date(2020, 1, 1), None), (date(2024, 1, 1), None), "came_later"),
        ((None, None), (date(2020, 1, 1), date(2021, 1, 1)), "came_later"),
    ],
)
def test_agreement_that_is_valid_longer_is_proposed(here_longer, came_later, is_kept, host, double):
    host.agreed_on, host.agreed_until = here_longer
    double.agreed_on, double.agreed_until = came_later
    (found,) = (row for row in compared(host, double) if row.fact.name == "agreement")
    assert found.proposed == str((host if is_kept == "here_longer" else double).pk)


def test_columns_are_named_by_the_hosts(sign_in, coordinator, host, double):
    page = markup.parse(sign_in(coordinator).get(url_of(host, double)).text)
    labels = [cell["data-label"] for cell in page.all("td", css="wide")]
    assert labels == [host.name, double.name] * (len(labels) // 2)
    assert labels
    double.name = host.name
    assert host_merges.headings(host, double) == [f"{host.name}, here longer", f"{host.name}, came later"]


def test_app_that_is_ready_twice_moves_its_rows_once():
    before = list(host_merges._movers)
    for mover in before:
        host_merges.moves(mover.field, mover.move, mover.told)
    assert host_merges._movers == before


BIG = 10**22  # beyond what either database counts to


@pytest.mark.parametrize(
    ("name", "numbers"),
    [
        ("host", [BIG]),
        ("host_edit", [BIG]),
        ("host_agreement", [BIG]),
        ("host_same", [BIG]),
        ("merge_hosts", [BIG, BIG]),
        ("organisation", [BIG]),
    ],
)
def test_number_that_no_host_can_have_is_no_page(name, numbers, sign_in, coordinator):
    assert sign_in(coordinator).get(reverse(f"consortium:{name}", args=numbers)).status_code == 404


def test_second_number_that_no_host_can_have_is_no_page(sign_in, coordinator, host):
    client = sign_in(coordinator)
    addresses = [reverse("consortium:merge_hosts", args=pair) for pair in ([host.pk, BIG], [BIG, host.pk])]
    assert [client.get(address).status_code for address in addresses] == [404, 404]
