"""The bank of hosts: who reads it, who adds to it, who changes what stands there, and how it is found."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse

from consortium import hosts
from consortium.models import FieldOfWork, Language, Organisation, OrganisationKind
from consortium.permissions import NotAllowed
from tests import factories, markup
from tests.consortium.conftest import fields
from westum.base import files
from westum.base.history import lines_of

LIST = reverse("consortium:hosts")
NEW = reverse("consortium:host_new")
WANTED = {"name": "Casa Nova", "city": "Faro", "country": "PT"}


def names(page):
    return [host.name for host in page.context["page"].object_list]


def edit(host):
    return reverse("consortium:host_edit", args=[host.pk])


@pytest.fixture
def lists(db):
    """Fields of work and languages, as far as the tests need them."""
    for code, sv, en in [
        ("09", "Hälsa, vård och omsorg", "Health and welfare"),
        ("091", "Hälso- och sjukvård", "Health"),
        ("092", "Socialt arbete och omsorg", "Welfare"),
        ("10", "Tjänster", "Services"),
        ("101", "Personliga tjänster", "Personal services"),
    ]:
        FieldOfWork.objects.create(code=code, name_sv=sv, name_en=en, status="verified")
    for code in ("de", "en", "pt"):
        Language.objects.create(code=code)


@pytest.fixture
def care(lists, host, member_a):
    """A host in care, found by member A."""
    host.found_by = member_a
    host.save()
    host.fields_of_work.set(["091", "092"])
    host.languages.set(["en", "pt"])
    return host


@pytest.fixture
def kitchen(lists, member_b):
    host = factories.OrganisationFactory(host=True, name="Köksskolan", city="Köln", country="DE", found_by=member_b)
    host.fields_of_work.set(["101"])
    host.languages.set(["de"])
    return host


# Who reads and who changes


@pytest.mark.parametrize(
    ("who", "adds", "changes"),
    [
        ("coordinator", True, {"care", "kitchen"}),
        ("contact", True, {"care"}),
        ("other_contact", True, {"kitchen"}),
        ("staff", False, set()),
        ("auditor", False, set()),
    ],
)
def test_all_members_read_and_add_and_the_finder_changes(who, adds, changes, request, sign_in, project, care, kitchen):
    client = sign_in(request.getfixturevalue(who))
    page = client.get(LIST)
    assert names(page) == ["Köksskolan", "Lar Exemplo"]
    assert (NEW in page.text) == adds
    assert client.get(NEW).status_code == (200 if adds else 404)
    for name, host in {"care": care, "kitchen": kitchen}.items():
        page = client.get(host.get_absolute_url())
        assert page.status_code == 200
        assert (edit(host) in page.text) == (name in changes)
        assert client.get(edit(host)).status_code == (200 if name in changes else 404)
        if name not in changes:
            assert client.post(edit(host), {"name": "Mine", "city": "X", "country": "PT"}).status_code == 404
    assert not Organisation.objects.filter(name="Mine").exists()


@pytest.mark.parametrize("who", ["outsider", "participant", "former_contact"])
def test_strangers_meet_no_host(who, request, sign_in, care):
    client = sign_in(request.getfixturevalue(who))
    for url in (LIST, NEW, care.get_absolute_url(), edit(care)):
        assert client.get(url).status_code == 404
    assert client.post(NEW, WANTED).status_code == 404
    assert not Organisation.objects.filter(name="Casa Nova").exists()


def test_page_of_an_organisation_leads_to_the_host(sign_in, contact, care, member_a):
    response = sign_in(contact).get(reverse("consortium:organisation", args=[care.pk]))
    assert response["Location"] == reverse("consortium:host", args=[care.pk])
    page = reverse("consortium:host", args=[member_a.pk])  # a member is no host
    assert sign_in(contact).get(page).status_code == 404


# Adding


def test_what_a_contact_person_adds_is_found_by_the_member(sign_in, send, contact, member_a, lists):
    page = send(
        sign_in(contact),
        NEW,
        **WANTED,
        languages="tyska, English",
        fields_of_work=["092"],
        capacity=4,
        agreed_on="2026-01-02",
        other_names="Nova\nCasa",
    )
    host = Organisation.objects.get(name="Casa Nova")
    assert "Casa Nova is saved." in page.text
    assert "found_by" not in page.context
    assert (host.kind, host.found_by, host.capacity, host.agreement_state) == ("receiving", member_a, 4, "valid")
    assert [field.code for field in host.fields_of_work.all()] == ["092"]
    assert [language.code for language in host.languages.all()] == ["de", "en"]
    assert [other.name for other in host.other_names.all()] == ["Nova", "Casa"]
    lines = [line.history_change_reason for line in host.history.order_by("history_id")]
    assert lines == ["added the host"]


def test_the_coordinator_says_who_has_found_it(sign_in, send, coordinator, member_a, member_b, host):
    client = sign_in(coordinator)
    form = client.get(NEW).context["form"]
    assert {choice.name for choice in form.fields["found_by"].queryset} == {
        "Almby lärcentrum",
        "Björkby lärcentrum",
        "Nätverk Westum",
    }
    assert "found_by" in send(client, NEW, **WANTED).context["form"].errors
    send(client, NEW, **WANTED, found_by=member_b.pk)
    assert Organisation.objects.get(name="Casa Nova").found_by == member_b


def test_contact_of_two_members_chooses_between_them(sign_in, send, contact, member_a, member_b):
    factories.MembershipFactory(user=contact, organisation=member_b)
    client = sign_in(contact)
    stranger = factories.OrganisationFactory()
    assert "found_by" in send(client, NEW, **WANTED, found_by=stranger.pk).context["form"].errors
    send(client, NEW, **WANTED, found_by=member_b.pk)
    assert Organisation.objects.get(name="Casa Nova").found_by == member_b


def test_nobody_adds_in_anothers_name(contact, member_b):
    host = Organisation(kind=OrganisationKind.RECEIVING, name="X", country="PT", found_by=member_b)
    with pytest.raises(NotAllowed, match="for which you act"):
        hosts.add(host=host, by=contact)


def test_look_alike_is_shown_before_a_new_one_is_saved(sign_in, send, contact, care, member_b):
    client = sign_in(contact)
    page = send(client, NEW, **WANTED | {"name": "LAR Exemplo ltd"})
    assert page.context["form"].look_alikes == [care]
    assert care.get_absolute_url() in page.text
    assert Organisation.objects.hosts().count() == 1
    client.post(NEW, fields(page.context["form"], new_all_the_same="yes"))
    assert Organisation.objects.hosts().count() == 2
    assert send(client, NEW, **WANTED | {"name": member_b.name}).redirect_chain  # a member is no look-alike of a host


def test_form_sent_twice_adds_one_host(sign_in, contact, member_a):
    client = sign_in(contact)
    sent = fields(client.get(NEW).context["form"], **WANTED)
    first, second = client.post(NEW, sent), client.post(NEW, sent)
    assert first["Location"] == second["Location"]
    assert Organisation.objects.hosts().count() == 1


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"name": ""}, "name", "Fill in “Name”"),
        ({"city": ""}, "city", "Fill in “Town”"),
        ({"country": "SE"}, "country", "not in the list"),
        ({"capacity": 0}, "capacity", "1 or more"),
        ({"capacity": -1}, "capacity", "1 or more"),
        ({"capacity": "many"}, "capacity", "no whole number"),
        ({"languages": "Germann"}, "languages", "Did you mean German?"),
        ({"languages": "Klingon"}, "languages", "no language called"),
        ({"agreed_until": "2026-01-01"}, "agreed_on", "the day on which the agreement was signed"),
        ({"agreed_on": "2026-02-01", "agreed_until": "2026-01-01"}, "agreed_until", "before the day of signing"),
        ({"fields_of_work": ["09"]}, "fields_of_work", "not in the list"),
        ({"learning_outcomes": "long " * 500}, "learning_outcomes", "at most 2000"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(changes, field, words, sign_in, send, contact, lists):
    errors = send(sign_in(contact), NEW, **WANTED | changes).context["form"].errors
    assert list(errors) == [field]
    assert words in errors[field][0]
    assert all(len(said.split()) <= 20 for said in errors[field])
    assert not Organisation.objects.hosts().exists()


# Changing


def test_change_leaves_one_line_and_says_what(sign_in, send, contact, care):
    page = send(sign_in(contact), edit(care), languages="Portuguese", capacity=3)
    care.refresh_from_db()
    assert (care.capacity, [language.code for language in care.languages.all()]) == (3, ["pt"])
    line = page.context["lines"][0]
    assert line.what == "changed what stands here"
    assert line.detail == "Changed: how many at a time, languages."
    assert care.history.filter(history_change_reason="changed what stands here").count() == 1


def test_second_editor_sees_both_values(sign_in, send, contact, coordinator, care):
    client = sign_in(contact)
    mine = fields(client.get(edit(care)).context["form"], capacity=3, languages="English")
    send(sign_in(coordinator), edit(care), capacity=5)
    page = client.post(edit(care), mine)
    shown = {line["name"]: (line["mine"], line["theirs"]) for line in page.context["form"].conflict}
    assert shown == {"capacity": ("3", "5"), "languages": ("English", "English, Portuguese")}
    client.post(edit(care), fields(page.context["form"]))
    care.refresh_from_db()
    assert care.capacity == 3


def test_rule_refuses_whoever_did_not_find_it(other_contact, care):
    with pytest.raises(NotAllowed, match="the coordinator"):
        hosts.change(host=care, fields_of_work=[], languages=[], other_names=[], by=other_contact)
    assert care.fields_of_work.count() == 2


def test_finder_stays_when_its_contact_changes_the_host(sign_in, send, contact, care, member_a):
    send(sign_in(contact), edit(care), city="Braga")
    care.refresh_from_db()
    assert (care.city, care.found_by) == ("Braga", member_a)


def test_coordinator_gives_a_host_another_finder(sign_in, send, coordinator, care, member_b):
    send(sign_in(coordinator), edit(care), found_by=member_b.pk)
    care.refresh_from_db()
    assert care.found_by == member_b


# Finding


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=koks", ["Köksskolan"]),
        ("q=PORTO+lar", ["Lar Exemplo"]),
        ("country=DE", ["Köksskolan"]),
        ("field=09", ["Lar Exemplo"]),
        ("field=092", ["Lar Exemplo"]),
        ("language=de", ["Köksskolan"]),
        ("language=en&field=101", []),
        ("q=nowhere", []),
        ("country=XX&field=99&language=tlh&sort=x&page=7", ["Köksskolan", "Lar Exemplo"]),
    ],
)
def test_search_stands_in_the_address(query, found, sign_in, contact, care, kitchen):
    page = sign_in(contact).get(f"{LIST}?{query}")
    assert names(page) == found
    assert ("No host found" in page.text) == (not found)


def test_host_is_found_by_its_other_name(sign_in, send, contact, care):
    client = sign_in(contact)
    send(client, edit(care), other_names="Antigo Nome")
    assert names(client.get(f"{LIST}?q=antigo")) == ["Lar Exemplo"]


def test_filters_offer_what_some_host_has(sign_in, contact, care, kitchen):
    form = sign_in(contact).get(LIST).context["filters"].form
    assert [code for code, _name in form.fields["country"].choices] == ["", "DE", "PT"]
    assert [code for code, _name in form.fields["language"].choices] == ["", "en", "de", "pt"]
    groups = dict(form.fields["field"].choices[1:])
    assert [code for code, _name in groups["Health and welfare"]] == ["09", "091", "092"]
    assert [code for code, _name in groups["Services"]] == ["10", "101"]


def test_twenty_five_a_page_with_the_same_queries_for_any_number(
    sign_in, contact, lists, member_a, django_assert_max_num_queries
):
    client, counted = sign_in(contact), []
    for n in (1, 3, 50):
        for _ in range(n - Organisation.objects.hosts().count()):
            host = factories.OrganisationFactory(host=True, found_by=member_a)
            host.fields_of_work.set(["091"])
            host.languages.set(["en"])
        with django_assert_max_num_queries(20) as queries:
            page = client.get(LIST)
        assert len(names(page)) == min(n, 25)
        counted.append(len(queries))
    assert len(set(counted)) == 1


@pytest.mark.parametrize(("until", "state"), [(0, "valid"), (-1, "over"), (None, "valid")])
def test_agreement_stands_as_its_days_say(until, state, host):
    assert host.agreement_state == "none"
    host.agreed_on = factories.day(-30)
    host.agreed_until = None if until is None else factories.day(until)
    assert host.agreement_state == state


def test_page_says_what_is_not_stated(sign_in, contact, host):
    page = sign_in(contact).get(host.get_absolute_url())
    assert page.text.count("not stated") == 8
    assert "No agreement noted" in page.text


# The agreement's file


def agreement(host):
    return reverse("consortium:host_agreement", args=[host.pk])


def a_pdf(name="agreement.pdf"):
    return SimpleUploadedFile(name, factories.PDF, content_type="application/pdf")


def test_agreement_carries_a_file_that_all_members_read(sign_in, send, contact, other_contact, outsider, care):
    page = send(sign_in(contact), edit(care), agreed_on="2026-01-15", file=a_pdf())
    assert (page.context["lines"][0].what, agreement(care) in page.text) == ("changed what stands here", True)
    assert page.context["lines"][0].detail == "Changed: agreement signed on, agreement as a file."
    for user in (contact, other_contact):
        answer = sign_in(user).get(agreement(care))
        assert b"".join(answer.streaming_content) == factories.PDF
        assert 'filename="agreement.pdf"' in answer["Content-Disposition"]
    assert sign_in(outsider).get(agreement(care)).status_code == 404


def test_new_host_comes_with_its_agreement(sign_in, send, contact, lists):
    send(sign_in(contact), NEW, **WANTED, agreed_on="2026-01-15", file=a_pdf())
    assert Organisation.objects.get(name="Casa Nova").agreement_file.name == "agreement.pdf"


def test_file_is_replaced_or_taken_away_and_else_stays(sign_in, send, contact, care):
    client = sign_in(contact)
    assert "without_file" not in client.get(edit(care)).context["form"].fields
    send(client, edit(care), agreed_on="2026-01-15", file=a_pdf())
    send(client, edit(care), capacity=3, file="")
    care.refresh_from_db()
    assert (care.capacity, care.agreement_file.name) == (3, "agreement.pdf")
    assert "“agreement.pdf” is kept here." in client.get(edit(care)).text
    send(client, edit(care), file=a_pdf("newer.pdf"))
    care.refresh_from_db()
    assert care.agreement_file.name == "newer.pdf"
    send(client, edit(care), without_file="on", file="")
    care.refresh_from_db()
    assert care.agreement_file is None
    assert client.get(agreement(care)).status_code == 404


def test_file_without_the_day_of_signing_is_refused(sign_in, send, contact, care):
    errors = send(sign_in(contact), edit(care), file=a_pdf()).context["form"].errors
    assert errors == {
        "agreed_on": ["Give the day on which the agreement was signed."],
        "file": ["Choose the file once more. It is saved when all the rest is right."],
    }
    care.refresh_from_db()
    assert care.agreement_file is None
    care.agreement_file = files.keep(factories.PDF, name="a.pdf", content_type="application/pdf")
    with pytest.raises(IntegrityError), transaction.atomic():
        care.save()


def test_agreement_cannot_end_before_it_was_signed(care):
    care.agreed_on, care.agreed_until = factories.day(0), factories.day(-1)
    with pytest.raises(IntegrityError), transaction.atomic():
        care.save()


def test_file_of_an_unknown_kind_is_refused(sign_in, send, contact, care):
    sent = SimpleUploadedFile("agreement.pdf", b"no pdf at all", content_type="application/pdf")
    errors = send(sign_in(contact), edit(care), agreed_on="2026-01-15", file=sent).context["form"].errors
    assert list(errors) == ["file"]
    care.refresh_from_db()
    assert care.agreed_on is None


# Languages


@pytest.mark.parametrize(
    "written", ["English, German and Portuguese", "engelska, tyska och portugisiska", "English;German\nPortuguese"]
)
def test_languages_are_read_as_people_write_them(written, sign_in, send, contact, care):
    send(sign_in(contact), edit(care), languages=written)
    assert care.named_languages == "English, German, Portuguese"


def test_each_unknown_language_is_named(sign_in, send, contact, care):
    errors = send(sign_in(contact), edit(care), languages="Germann and Klingon, English").context["form"].errors
    assert errors["languages"] == [
        "We know no language called “Germann”. Did you mean German?",
        "We know no language called “Klingon”. Write it as in English, German.",
    ]


def test_answer_about_look_alikes_stands_beside_them(sign_in, send, contact, care):
    page = markup.parse(send(sign_in(contact), NEW, **WANTED | {"name": "LAR Exemplo ltd"}).text)
    button = page.first("button", name="new_all_the_same")
    assert (button.above("form"), button["form"]) == (None, page.first("form", css="form")["id"])


def test_answer_about_look_alikes_is_kept_when_something_else_is_wrong(sign_in, send, contact, care):
    client = sign_in(contact)
    wanted = WANTED | {"name": "LAR Exemplo ltd", "new_all_the_same": "yes"}
    page = send(client, NEW, **wanted | {"city": ""})
    form = page.context["form"]
    assert (set(form.errors), form.look_alikes) == ({"city"}, [])
    assert markup.parse(page.text).first("input", name="new_all_the_same")["value"] == "LAR Exemplo ltd"
    asked_anew = client.post(NEW, fields(form, name="Lar Exemplo", city="Porto")).context["form"]
    assert asked_anew.look_alikes == [care]
    client.post(NEW, fields(form, city="Porto"))
    assert Organisation.objects.hosts().filter(name="LAR Exemplo ltd").exists()


@pytest.mark.parametrize(
    ("typed", "errors"),
    [
        ({"latitude": "999", "longitude": "9"}, {"latitude": ["Latitude lies between −90 and 90."]}),
        ({"latitude": "9", "longitude": "-181"}, {"longitude": ["Longitude lies between −180 and 180."]}),
        ({"latitude": "9"}, {"latitude": ["Give both latitude and longitude, or neither."]}),
        ({"capacity": "999999999"}, {"capacity": ["Write at most 999. No host takes more at a time."]}),
        ({"capacity": "1000"}, {"capacity": ["Write at most 999. No host takes more at a time."]}),
    ],
)
def test_number_out_of_bounds_is_refused_at_its_field(typed, errors, sign_in, send, contact):
    assert send(sign_in(contact), NEW, **WANTED | typed).context["form"].errors == errors


def test_widest_numbers_are_taken(sign_in, send, contact, member_a):
    send(sign_in(contact), NEW, **WANTED | {"latitude": "-90", "longitude": "180", "capacity": "999"})
    host = Organisation.objects.get(name="Casa Nova")
    assert (host.latitude, host.longitude, host.capacity) == (-90, 180, 999)


def test_new_host_has_one_line_of_history(sign_in, send, contact, care):
    send(sign_in(contact), NEW, **WANTED | {"languages": "English", "fields_of_work": ["101"]})
    host = Organisation.objects.get(name="Casa Nova")
    assert (host.languages.count(), host.fields_of_work.count()) == (1, 1)
    assert [(line.what, line.detail) for line in lines_of(host)] == [("added the host", "")]
