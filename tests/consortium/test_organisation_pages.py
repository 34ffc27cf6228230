import pytest
from django.urls import reverse
from django.utils import translation

from consortium import look_alikes
from consortium.forms.organisations import MunicipalitiesField, OrganisationForm
from consortium.models import Organisation, OrganisationKind, OrganisationName
from tests import factories
from tests.consortium.conftest import fields

LIST = reverse("consortium:organisations")
NEW = reverse("consortium:organisation_new")
QUERIES_OF_A_SEARCH = 5


def names(page):
    return [organisation.name for organisation in page.context["page"].object_list]


def edit(organisation):
    return reverse("consortium:organisation_edit", args=[organisation.pk])


@pytest.fixture
def towns(db):
    return [
        factories.MunicipalityFactory(code=code, name=name)
        for code, name in [("1402", "Partille"), ("1488", "Trollhättan"), ("1487", "Vänersborg"), ("1490", "Borås")]
    ]


# List and page


@pytest.mark.parametrize(
    ("who", "found"),
    [
        ("coordinator", ["Almby lärcentrum", "Björkby lärcentrum", "Lar Exemplo", "Nätverk Westum"]),
        ("staff", ["Almby lärcentrum", "Björkby lärcentrum", "Lar Exemplo", "Nätverk Westum"]),
        ("auditor", ["Almby lärcentrum", "Björkby lärcentrum", "Lar Exemplo"]),
        ("contact", ["Almby lärcentrum", "Lar Exemplo"]),
    ],
)
def test_who_sees_which_organisations(who, found, request, sign_in, project, host):
    client = sign_in(request.getfixturevalue(who))
    page = client.get(LIST)
    assert names(page) == found
    assert (NEW in page.text) == (who == "coordinator")
    for organisation in Organisation.objects.in_order():
        expected = 200 if organisation.name in found else 404
        assert client.get(organisation.get_absolute_url()).status_code == expected
        assert client.get(edit(organisation)).status_code == (200 if who == "coordinator" else 404)
        if who != "coordinator":
            assert client.post(edit(organisation), {"name": "Mine"}).status_code == 404
    if who != "coordinator":
        assert client.get(NEW).status_code == 404
        assert client.post(NEW, {"name": "Mine", "kind": "member", "country": "SE"}).status_code == 404
    assert not Organisation.objects.filter(name="Mine").exists()


@pytest.mark.parametrize("who", ["outsider", "participant"])
def test_strangers_see_no_organisations(who, request, sign_in, host):
    client = sign_in(request.getfixturevalue(who))
    assert client.get(LIST).status_code == 404
    assert client.get(host.get_absolute_url()).status_code == 404


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=bjorkby", ["Björkby lärcentrum"]),
        ("q=PORTO", ["Lar Exemplo"]),
        ("q=larcentrum+alm", ["Almby lärcentrum"]),
        ("kind=receiving", ["Lar Exemplo"]),
        ("kind=king&sort=x", ["Almby lärcentrum", "Björkby lärcentrum", "Lar Exemplo", "Nätverk Westum"]),
        ("q=nowhere", []),
    ],
)
def test_search_stands_in_the_address(query, found, sign_in, coordinator, member_a, member_b, host):
    page = sign_in(coordinator).get(f"{LIST}?{query}")
    assert names(page) == found
    assert ("No organisation found" in page.text) == (not found)


def test_list_takes_the_same_queries_for_any_number(sign_in, coordinator, django_assert_max_num_queries):
    client, counted = sign_in(coordinator), []
    for n in (1, 3, 50):
        factories.OrganisationFactory.create_batch(n - Organisation.objects.count())
        with django_assert_max_num_queries(20) as queries:
            page = client.get(LIST)
        assert len(names(page)) == n
        counted.append(len(queries))
    assert len(set(counted)) == 1


def test_page_says_what_is_not_stated(sign_in, coordinator, member_b):
    page = sign_in(coordinator).get(member_b.get_absolute_url())
    assert page.text.count("not stated") == 7
    assert "Member of no project that you see." in page.text
    assert "Sara Exempelsson acts as contact person" in page.text


def test_page_shows_projects_contacts_and_history(sign_in, send, coordinator, contact, project, member_a, towns):
    client = sign_in(coordinator)
    send(client, edit(member_a), municipalities="Borås, Partille", city="Alm", legal_name="Almby kommun")
    page = client.get(member_a.get_absolute_url())
    assert "Almby lärcentrum is saved." not in page.text  # it was said on the page before
    assert "Example project" in page.text
    assert "Erik Skissgren" in page.text
    assert "Borås, Partille" in page.text
    assert "Changed: " in page.text


def test_project_bound_auditor_sees_the_own_project_alone(sign_in, auditor, project, member_a, association):
    factories.running_project(members=[member_a], owner=association, name_en="Another project")
    page = sign_in(auditor).get(member_a.get_absolute_url())
    assert "Example project" in page.text
    assert "Another project" not in page.text
    assert "Contact persons" not in page.text


def test_contact_persons_of_others_are_on_no_page(sign_in, contact, other_contact, member_a, host):
    client = sign_in(contact)
    assert "Erik Skissgren" in client.get(member_a.get_absolute_url()).text
    for page in (client.get(LIST), client.get(host.get_absolute_url())):
        assert "Berit" not in page.text


# New and changed

WANTED = {"kind": "receiving", "name": "Scoil Shampla", "country": "IE", "city": "Cork"}


def test_organisation_is_added(sign_in, send, coordinator, towns):
    page = send(
        sign_in(coordinator),
        NEW,
        **WANTED
        | {"kind": "member", "country": "SE", "organisation_number": "80 24 14 8689", "oid": "e10000001"}
        | {"municipalities": "trollhättans kommun,\nVänersborg", "latitude": "58.28", "longitude": "12.29"},
    )
    organisation = Organisation.objects.get(name="Scoil Shampla")
    assert page.redirect_chain == [(organisation.get_absolute_url(), 302)]
    assert "Scoil Shampla is saved." in page.text
    assert (organisation.organisation_number, organisation.oid) == ("802414-8689", "E10000001")
    assert {town.name for town in organisation.municipalities.all()} == {"Trollhättan", "Vänersborg"}


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"name": ""}, "name", ""),
        ({"organisation_number": "802414-8688"}, "organisation_number", "not a Swedish organisation number"),
        ({"organisation_number": "191212121212"}, "organisation_number", "not a Swedish organisation number"),
        ({"organisation_number": "121212-1212"}, "organisation_number", "a person's identity number"),
        ({"oid": "E1"}, "oid", "letter E and eight digits"),
        ({"country": "XX"}, "country", ""),
        ({"latitude": "58"}, "latitude", "both latitude and longitude"),
        ({"latitude": "99", "longitude": "12"}, "latitude", "lies between −90 and 90"),
        ({"municipalities": "Partile"}, "municipalities", "Did you mean Partille?"),
        ({"municipalities": "Xyz"}, "municipalities", "no municipality called “Xyz”"),
    ],
)
def test_wrong_facts_are_said_at_their_fields(changes, field, words, sign_in, send, coordinator, towns):
    page = send(sign_in(coordinator), NEW, **WANTED | changes)
    errors = page.context["form"].errors
    assert list(errors) == [field]
    assert words in errors[field][0]
    assert all(len(said.split()) <= 20 for said in errors[field])
    assert not Organisation.objects.filter(name="Scoil Shampla").exists()


def test_number_of_another_organisation_is_refused(sign_in, send, coordinator, member_a):
    member_a.organisation_number = "802414-8689"
    member_a.save()
    page = send(sign_in(coordinator), NEW, **WANTED | {"organisation_number": "8024148689"})
    assert page.context["form"].errors["organisation_number"] == ["Another organisation has this number."]


def test_two_organisations_may_have_no_number(sign_in, send, coordinator):
    client = sign_in(coordinator)
    for name in ("Scoil Shampla", "Instituto Modelo"):
        send(client, NEW, **WANTED | {"name": name})
    assert Organisation.objects.filter(kind=OrganisationKind.RECEIVING, organisation_number=None).count() == 2


def test_look_alike_is_shown_and_added_only_when_said_so(sign_in, send, coordinator, member_a):
    client = sign_in(coordinator)
    page = send(client, NEW, **WANTED | {"name": "ALMBY Larcentrum AB"})
    form = page.context["form"]
    assert form.look_alikes == [member_a]
    assert member_a.get_absolute_url() in page.text
    assert not Organisation.objects.filter(name="ALMBY Larcentrum AB").exists()
    page = client.post(NEW, fields(form, new_all_the_same="yes"), follow=True)
    assert "ALMBY Larcentrum AB is saved." in page.text


def test_own_name_is_no_look_alike(sign_in, send, coordinator, member_a):
    assert "is saved" in send(sign_in(coordinator), edit(member_a), city="Alm").text


def test_second_editor_sees_both_values(sign_in, send, coordinator, member_a, towns):
    client = sign_in(coordinator)
    mine = fields(client.get(edit(member_a)).context["form"], city="Mine", municipalities="Partille")
    send(client, edit(member_a), city="Theirs", municipalities="Borås, Partille")
    page = client.post(edit(member_a), mine)
    assert [(line["mine"], line["theirs"]) for line in page.context["form"].conflict] == [
        ("Mine", "Theirs"),
        ("Partille", "Borås, Partille"),
    ]
    assert "<h1>Change Almby lärcentrum</h1>" in page.text
    client.post(edit(member_a), fields(page.context["form"]))
    member_a.refresh_from_db()
    assert (member_a.city, [str(town) for town in member_a.municipalities.all()]) == ("Mine", ["Partille"])


@pytest.mark.parametrize(
    ("language", "last"), [("sv", ["Österrike", "Östtimor"]), ("en", ["Zimbabwe", "Åland Islands"])]
)
def test_countries_are_named_and_sorted_in_the_readers_language(language, last, coordinator):
    with translation.override(language):
        form = OrganisationForm(instance=Organisation(), user=coordinator)
        labels = [label for _code, label in form.fields["country"].choices]
    assert labels[0] in {"Sverige", "Sweden"}
    assert labels[-2:] == last
    assert len(labels) == len(set(labels))


# Rules


@pytest.mark.parametrize(
    ("name", "alike"),
    [
        ("Alingsås", True),
        ("ALINGSAS", True),
        ("Alingsås kommun", True),
        ("Alingsås lärcentrum", False),
        ("Alingsäs", True),
        ("Orust", False),
        ("kommun", False),
        ("...", False),
    ],
)
def test_likeness_of_names(name, alike):
    known = [
        Organisation(name="Alingsås"),
        Organisation(name="Alingsås", legal_name="Alingsås kommun"),
        Organisation(name="Varberg"),
    ]
    assert look_alikes.among(known, name) == (known[:2] if alike else [])


def test_likest_comes_first():
    known = [Organisation(name="Lidköpings lärcentrum"), Organisation(name="Lidköping lärcentrum")]
    assert look_alikes.among(known, "Lidköping lärcentrum") == known[::-1]


def test_municipalities_are_read_as_people_write_them(towns):
    field = MunicipalitiesField(required=False)
    partille, trollhattan, vanersborg, boras = towns
    assert field.clean("") == []
    assert field.clean("borås stad, Vanersborgs kommun ,, Partille") == [boras, vanersborg, partille]
    assert field.prepare_value([vanersborg, boras]) == "Borås, Vänersborg"
    assert field.prepare_value(None) is None
    assert not field.has_changed([vanersborg, boras], "vänersborg,BORÅS")
    assert field.has_changed([boras], "Partille")


# Other names


@pytest.fixture
def union(db):
    organisation = factories.OrganisationFactory(name="Kunskapsförbundet")
    OrganisationName(organisation=organisation, name="Trollhättan/Vänersborg", source_en="a paper").save()
    return organisation


def test_organisation_is_found_and_known_by_each_of_its_names(union, coordinator, sign_in, send):
    client = sign_in(coordinator)
    assert names(client.get(LIST, {"q": "vanersborg"})) == ["Kunskapsförbundet"]
    assert names(client.get(LIST, {"q": "trollhattan kunskap"})) == ["Kunskapsförbundet"]
    assert names(client.get(LIST, {"q": "trollhattan partille"})) == []
    page = client.get(union.get_absolute_url())
    assert "Trollhättan/Vänersborg" in page.text
    assert "a paper" in page.text
    refused = send(client, NEW, name="Trollhättan-Vänersborg", kind="member", country="SE")
    assert "There is already “Kunskapsförbundet”." in refused.text.replace("&quot;", '"')


def test_other_names_are_written_one_a_line_and_keep_their_source(union, coordinator, sign_in, send):
    client = sign_in(coordinator)
    send(client, edit(union), other_names=" Trollhättan/Vänersborg \n\nFyrbodal  lär\nKunskapsförbundet\nFyrbodal lär")
    rows = union.other_names.values_list("name", "source_en")
    assert list(rows) == [("Trollhättan/Vänersborg", "a paper"), ("Fyrbodal lär", "")]
    send(client, edit(union), other_names="Fyrbodal lär")
    assert [str(other) for other in union.other_names.all()] == ["Fyrbodal lär"]
    history = OrganisationName.history.filter(organisation=union).order_by("history_id")
    assert [line.history_type for line in history] == ["+", "+", "-"]


def test_other_name_that_is_too_long_is_refused(union, coordinator, sign_in, send):
    refused = send(sign_in(coordinator), edit(union), other_names="x" * 161)
    assert "Another name is at most 160 characters." in refused.text
    assert union.other_names.count() == 1


def test_organisations_are_listed_in_as_many_queries_with_names(union, coordinator, sign_in, django_assert_num_queries):
    client = sign_in(coordinator)
    for n in (1, 50):
        for number in range(n):
            OrganisationName(organisation=factories.OrganisationFactory(), name=f"Vänersborg {n}.{number}").save()
        with django_assert_num_queries(QUERIES_OF_A_SEARCH):
            page = client.get(LIST, {"q": "vanersborg"})
        assert len(names(page)) == {1: 2, 50: 50}[n]
