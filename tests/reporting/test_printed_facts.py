"""Each fact that a paper prints stands on the page of its project, under the label that it prints; and nothing else.

The first column says where the fact stands: the project and the place in its paper.
"""

import html
import re

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import Client

from consortium.models import Organisation, Project
from consortium.permissions import Role
from reporting import figures, public
from tests import factories

KA1_2015, KA1_2019, ESF_PLUS, STOK = "ka1-2015", "ka1-2019", "omstallning-i-west", "stok-2008"
OTHERS = ["Nätverk Westum", "Regionförbundet Västerbottens län"]

# Project, where in the paper, what the page says of it in English.
FACTS = [
    (KA1_2015, "paragraph 1: applied for", "applied for the project in March 2015"),
    (KA1_2015, "paragraph 1: members", "consortium of thirteen municipal adult education schools and learning centres"),
    (KA1_2015, "paragraph 1: period", "Period 1 June 2015 – 31 May 2017"),
    (KA1_2015, "paragraph 1: places", "101 learners and 124 members of staff"),
    (KA1_2015, "paragraph 1: places as a figure", "Learners 101, staff 124."),
    (KA1_2015, "paragraph 2: names", "The paper states 13 members. It prints 13 names, of which 12 are different."),
    (KA1_2015, "paragraph 2: a name twice", "Alingsås is printed more than once."),
    (KA1_2015, "paragraph 3: coordinator", "Coordinator Nätverk Westum"),
    (KA1_2015, "paragraph 3: contact", "Each member has a contact person who answers to Westum."),
    (KA1_2015, "three goals", "Overarching goals They run through every mobility of the project. Internationalisation"),
    (KA1_2015, "second goal", "Cultural understanding and integration"),
    (KA1_2015, "third goal", "ECVET"),
    (KA1_2015, "rule of the areas", "Each mobility serves at least one of them"),
    (KA1_2015, "first area", "Health and social care"),
    (KA1_2015, "second area", "Hotels, restaurants and tourism"),
    (KA1_2015, "third area", "a network for women in technical occupations"),
    (KA1_2015, "fourth area", "ICT and development in particular occupations"),
    (KA1_2015, "fifth area", "From Swedish for immigrants to vocational education Staff only"),
    (KA1_2015, "last paragraphs", "members can share partners with each other"),
    (KA1_2019, "heading", "Erasmus+ KA1 vocational training 2019–2022"),
    (KA1_2019, "paragraph 1: period", "Period 1 September 2019 – 31 August 2022"),
    (KA1_2019, "paragraph 1: name of two towns", "Kunskapsförbundet Väst printed as Trollhättan/Vänersborg"),
    (KA1_2019, "paragraph 1: towns", "By our count they stand for 15 different municipalities."),
    (KA1_2019, "paragraph 2: association", "association of 41 adult education and learning centres in Region Halland"),
    (KA1_2019, "paragraph 2: vision", "make the region stronger and more competitive"),
    (KA1_2019, "paragraph 3: members", "The paper states 14 members. It prints 14 names, of which 14 are different."),
    (KA1_2019, "paragraph 3: size", "from a few teachers up to a hundred employed teachers"),
    (KA1_2019, "paragraph 4: EDP", "European development plan (EDP)"),
    (KA1_2019, "paragraph 5: structure", "responsibility, roles, functions and structure"),
    (
        KA1_2019,
        "paragraph 7: areas",
        "The paper states 5 common areas. It prints 6 headings: 1, 2.1, 2.2, 3, 4 and 5.",
    ),
    (KA1_2019, "goal 1", "1 Digitalisation"),
    (KA1_2019, "goal 2.1", "2.1 Strengthened social skills and employability"),
    (KA1_2019, "goal 2.2", "2.2 Supervisor competence"),
    (KA1_2019, "goal 3", "3 Increase the attractiveness of the educational programmes which the labour market needs"),
    (KA1_2019, "goal 4", "4 SFI (Swedish for immigrants) and a quick path to a job"),
    (KA1_2019, "goal 5", "5 Europe needs more receiving organizations in Sweden and we want to develop in this area"),
    (KA1_2019, "goal 5: receiving", "outgoing mobilities do not count towards it"),
    (KA1_2019, "four headings at the end", "registered mobilities in Mobility Tool, approved mobilities"),
    (KA1_2019, "four headings without numbers", "registered not stated"),
    (KA1_2019, "not printed: approved", "approved not stated"),
    (KA1_2019, "not printed: rule", "How many of them a mobility must serve is not stated."),
    (KA1_2019, "not printed: reference", "Reference not stated"),
    (KA1_2019, "not printed: end before", "36 months, by an extension. The end before it is not stated."),
    (ESF_PLUS, "text: start and length", "expected to start on 1 August 2023 and to run for 2 years"),
    (ESF_PLUS, "text: first long-term goal", "Long-term goals Decision-makers see adult education as an engine"),
    (ESF_PLUS, "text: second long-term goal", "Adult education reaches new groups"),
    (ESF_PLUS, "text: third long-term goal", "Staff use new pedagogy and new tools"),
    (ESF_PLUS, "text: kinds of activity", "Lectures Level not stated Short courses Level not stated Workshops"),
    (ESF_PLUS, "text: levels", "Learning from the good examples of others Local, regional and international"),
    (ESF_PLUS, "text: applicant", "made up of 41 municipal learning centres and adult education schools"),
    (ESF_PLUS, "text: since", "Since 2003 it has promoted cooperation"),
    (ESF_PLUS, "text: four aims", "strategic skills supply flexible delivery of education international cooperation"),
    (ESF_PLUS, "text: partners", "The owner and 6 partners. The record states 6 partners."),
    (ESF_PLUS, "partner 1", "Mölndal Partner · printed as Mölndal Kommun"),
    (ESF_PLUS, "partner 2", "Kunskapsförbundet Väst Partner Stands for Trollhättan and Vänersborg."),
    (ESF_PLUS, "partner 3", "Falkenberg Partner · printed as Falkenbergs Kommun"),
    (ESF_PLUS, "partner 4", "printed as Bengtsfors Kommun Cooperates with the municipalities of Dalsland"),
    (ESF_PLUS, "partner 5", "printed as Lysekils Kommun Cooperates with the municipalities of Bohuslän"),
    (ESF_PLUS, "partner 6", "printed as Lidköping Kommun -Campus Västra Skaraborg Cooperates for 5 other"),
    (ESF_PLUS, "not printed: local goals", "Local goals: not stated"),
    (STOK, "heading", "Stödverksamheter för kompetensförsörjning-STÖK"),
    (STOK, "summary: earlier measure", "training in ValiWeb®, a tool for mapping competence"),
    (
        STOK,
        "summary: cooperation",
        "The fifteen municipalities of Västerbotten County cooperate with the employment service",
    ),
    (STOK, "summary: evaluator", "An external evaluator is to evaluate the project."),
    (STOK, "background: earlier project", "From 1 January 2006 to 31 December 2007 Kommunförbundet Västerbotten"),
    (STOK, "background: course", "a course on validation of 5 points"),
    (STOK, "background: need 1", "50 people need basic training in ValiWeb® (year 1)"),
    (STOK, "background: need 2", "about 200 participants"),
    (STOK, "background: days", "2005 in Lycksele, 2006 in Umeå and 2007 in Skellefteå"),
    (STOK, "background: cut text", "diary number 2008-01345, background to the project, page 3"),
    (STOK, "purpose", "Purpose To support skills supply in the county"),
    (STOK, "objectives", "12 in Umeå, 10 in Skellefteå, 4 in Lycksele and 2 in the other municipalities"),
    (STOK, "accessibility", "Accessibility for people with disabilities Physical accessibility"),
    (STOK, "gender", "Half of the speakers at the conference are to be men and half women."),
    (STOK, "transnational: Inga uppgifter", "Transnational cooperation not stated"),
    (STOK, "partners", "The record prints 14 lines, of which 8 are different."),
    (STOK, "municipalities", "The record lists 29 municipalities. Its text says 15 ."),
]
# The record of 22-035-S05 in its printed order: printed label and value in Swedish, label in English.
RECORD_2021 = [
    ("Diarienummer", "22-035-S05", "Diary number"),
    ("Namn", "Omställning i West", "Name"),
    ("Startdatum", "1 augusti 2023", "Start date"),
    ("Slutdatum", "31 juli 2025", "End date"),
    ("Land som berörs", "Sverige", "Country concerned"),
    ("Berörd fond", "ESF+", "Fund concerned"),
    ("Program CCI", "2021SE05SFPR", "Programme CCI"),
    ("Projektägare organisationsnummer", "8024148689", "Project owner's organisation number"),
    ("Projektägare", "NÄTVERK WESTUM", "Project owner"),
    ("Unionens medfinansieringsgrad", "40 %", "The Union's co-financing rate"),
    ("Programområde", "A", "Programme area"),
    ("Specifikt mål", "A1A", "Specific objective"),
    ("Sekundärtema - Motverka barnfattigdom", "Nej", "Secondary theme: fighting child poverty"),
    ("Region", "Västsverige", "Region"),
    ("NUTS-2 kod", "SE23", "NUTS 2 code"),
    ("Stödmottagare postnr", "45150", "Recipient's postal code"),
    ("Stödmottagare ort", "UDDEVALLA", "Recipient's town"),
    ("Interventionstyp", "141", "Type of intervention"),
    ("Antal deltagare", "790", "Number of participants"),
    ("Insats av strategisk betydelse", "Nej", "Operation of strategic importance"),
    # Fields of every list of operations that this record does not print.
    ("Total projektbudget", "uppgift saknas", "Total project budget"),
    ("Beviljat ESF-stöd", "uppgift saknas", "Granted ESF support"),
]
# The record of STÖK, its owner first; contact person, e-mail address and telephone are left out.
RECORD_2007 = [
    ("Projektägare", "Regionförbundet Västerbottens län", "Project owner"),
    ("Programområde", "Programområde 1 Kompetensförsörjning", "Programme area"),
    ("Projektfas", "Genomförande", "Project phase"),
    ("Beviljat ESF-stöd", "1 715 940 kr", "Granted ESF support"),
    ("Total projektbudget", "1 715 940 kr", "Total project budget"),
    ("Projektperiod", "1 augusti 2008 – 31 juli 2010", "Project period"),
    ("Region", "Övre Norrland", "Region"),
    ("Diarienummer", "2008-01345", "Diary number"),
]
SECTIONS_2007 = [
    "Sammanfattning",
    "Bakgrund",
    "Syfte",
    "Målsättning",
    "Tillgänglighet för personer med funktionsnedsättning",
    "Jämställdhetsintegrering",
    "Transnationellt samarbete",
    "Samarbetspartners",
    "Kommun",
]
PARTNERS = [
    "Arbetsmarknadsenheten",
    "barn och utbildningsförvaltningen",
    *["Barn och utbildningsförvaltningen"] * 6,
    *["Kultur och utbildningsförvaltningen"] * 2,
    "Socialförvaltning, Umeå Sociltjänst",
    "Storumans kommun",
    "utbildnings och fritidsförvaltningen",
    "Utbildnings och fritidsförvaltningen",
]
MUNICIPALITIES = [
    "Arjeplog",
    "Arvidsjaur",
    "Bjurholm",
    "Boden",
    "Dorotea",
    "Gällivare",
    "Haparanda",
    "Jokkmokk",
    "Kalix",
    "Kiruna",
    "Luleå",
    "Lycksele",
    "Malå",
    "Nordmaling",
    "Norsjö",
    "Pajala",
    "Piteå",
    "Robertsfors",
    "Skellefteå",
    "Sorsele",
    "Storuman",
    "Umeå",
    "Vilhelmina",
    "Vindeln",
    "Vännäs",
    "Åsele",
    "Älvsbyn",
    "Överkalix",
    "Övertorneå",
]
MEMBERS = {
    KA1_2015: "Alingsås Borås Essunga Färgelanda Kunskapsförbundet_Väst Lidköping Orust Skövde Sotenäs Strömstad "
    "Uddevalla Varberg",
    KA1_2019: "Alingsås Borås Essunga Falkenberg Falköping Kunskapsförbundet_Väst Lidköping Lysekil Munkedal Partille "
    "Skövde Sotenäs Uddevalla Varberg",
    ESF_PLUS: "Bengtsfors Falkenberg Kunskapsförbundet_Väst Lidköping Lysekil Mölndal",
    STOK: "",
}


@pytest.fixture(scope="module")
def loaded_rows(django_db_setup, django_db_blocker):
    """Loaded once for this module, which only reads."""
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("load_fixtures", verbosity=0)
        yield
        transaction.set_rollback(True)


@pytest.fixture
def loaded(loaded_rows, db):
    return {project.slug: project for project in Project.objects.all()}


@pytest.fixture
def page(loaded):
    def open_page(slug, language="en"):
        response = Client(HTTP_ACCEPT_LANGUAGE=language).get(f"/projects/{slug}/")
        assert response.status_code == 200
        return response.content.decode()

    return open_page


def words(markup):
    markup = re.sub(r"<(script|style|svg)\b.*?</\1>", " ", markup, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", markup)).split())


def record(markup):
    """Label and value of each field of the page's first list of facts, without the words that are ours."""
    facts = re.search(r'<dl class="facts record">(.*?)</dl>', markup, re.DOTALL)[1]
    facts = re.sub(r'<span class="note-of-ours">.*?</span>', "", facts)
    return [
        (words(label), words(value)) for label, value in re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", facts, re.DOTALL)
    ]


def list_after(markup, key, tag="li"):
    section = re.search(rf'aria-labelledby="{key}">(.*?)</section>', markup, re.DOTALL)[1]
    return [words(item) for item in re.findall(rf"<{tag}>(.*?)</{tag}>", section, re.DOTALL)]


@pytest.mark.parametrize(("slug", "place", "says"), FACTS, ids=[f"{slug}: {place}" for slug, place, _s in FACTS])
def test_printed_fact_is_on_the_page_of_its_project(slug, place, says, page):
    assert says in words(page(slug))


@pytest.mark.parametrize(("slug", "rows"), [(ESF_PLUS, RECORD_2021), (STOK, RECORD_2007)])
def test_record_has_the_printed_labels_and_values_in_printed_order_and_no_more(slug, rows, page):
    assert [label for label, _value in record(page(slug))] == [label for _sv, _value, label in rows]
    assert record(page(slug, "sv")) == [(label, value) for label, value, _en in rows]


def test_forty_per_cent_is_the_unions_rate_and_not_the_projects_part(page):
    found = words(page(ESF_PLUS))
    assert "The Union's co-financing rate 40% The Union's part, not what the project pays itself." in found
    assert "Number of participants 790 Planned." in found
    assert found.count("40%") == 1


def test_codes_have_their_meaning_apart_with_its_source(page):
    found = words(page(ESF_PLUS))
    assert found.index("The record prints the codes alone.") < found.index(
        "Type of intervention 141 Support for labour"
    )
    assert "what the last letter stands for is not known" in found


def test_older_record_has_its_sections_and_lists_as_printed(page):
    found = page(STOK, "sv")
    headings = [words(heading) for heading in re.findall(r"<h2[^>]*>(.*?)</h2>", found, re.DOTALL)]
    assert [heading for heading in headings if heading in SECTIONS_2007] == SECTIONS_2007
    assert list_after(found, "partners") == PARTNERS
    assert list_after(found, "municipalities") == MUNICIPALITIES


@pytest.mark.parametrize("slug", MEMBERS)
def test_members_are_those_of_the_paper(slug, loaded):
    members = [str(member) for member in loaded[slug].members.in_order()]
    assert members == [name.replace("_", " ") for name in MEMBERS[slug].split()]


def test_nineteen_organisations_are_members_of_the_network_and_no_more(loaded):
    named = {name.replace("_", " ") for names in MEMBERS.values() for name in names.split()}
    assert set(Organisation.objects.members().values_list("name", flat=True)) == named
    assert len(named) == 19
    assert list(Organisation.objects.exclude(name__in=named).order_by("pk").values_list("name", flat=True)) == OTHERS


@pytest.mark.parametrize("slug", MEMBERS)
@pytest.mark.parametrize("language", ["sv", "en"])
def test_page_names_no_person_and_each_text_has_its_source(slug, language, page, loaded):
    main = re.search(r"<main\b.*?</main>", page(slug, language), re.DOTALL)[0]
    assert "@" not in words(main)
    source = {"sv": "Källa:", "en": "Source:"}[language]
    assert main.count(source) == loaded[slug].texts.count() >= 4


@pytest.mark.parametrize("slug", [KA1_2015, KA1_2019])
def test_what_is_our_reading_is_said_to_be(slug, page):
    found = words(page(slug))
    assert "Programme Erasmus+ KA1, vocational education (KA102) Our reading. The paper does not print it." in found
    assert f"Call year {slug[-4:]} Our reading. The paper does not print it." in found
    assert ("Which municipalities they stand for is our reading of their names." in found) == (slug == KA1_2015)


# Another owner's record is in no total, counter, list or choice.


@pytest.fixture
def client_of(loaded, sign_in):
    def log_in(role):
        user = factories.UserFactory()
        factories.MembershipFactory(user=user, organisation_id=1, role=role)
        return sign_in(user)

    return log_in


def test_other_owners_record_changes_no_figure(loaded):
    before = public.total(public.tallies(public.projects()))
    loaded[STOK].programme = "KA102"
    loaded[STOK].save()
    learners = factories.ActivityTypeFactory()
    factories.AwardedLineFactory(decision=loaded[STOK].decision, activity_type=learners, places=7)
    factories.MobilityFactory(project=loaded[STOK], state="closed")
    assert public.total(public.tallies(public.projects())) == before
    assert public.tallies([loaded[STOK]]) == {}
    assert STOK not in {project.slug for project in public.projects()}
    assert [project.slug for project in public.reference_records()] == [STOK]
    assert figures.approved(public.projects()).keys() == {loaded[KA1_2015].pk}


def test_other_owners_record_adds_no_member_to_a_list(loaded):
    assert len(public.members()) == 19
    assert not {"Storumans kommun", *OTHERS} & {str(member) for member in public.members()}


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.STAFF])
@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/desk/",
        "/reports/",
        "/reports/new/",
        "/mobilities/",
        "/mobilities/new/",
        "/participants/",
        "/people/invite/",
    ],
)
def test_other_owners_record_is_no_choice_behind_the_log_in(role, address, client_of):
    response = client_of(role).get(address)
    if response.status_code == 200:
        assert "STÖK" not in response.content.decode()
        assert "Regionförbundet" not in response.content.decode()
    else:
        assert (role, response.status_code) != (Role.COORDINATOR, 404)


@pytest.mark.parametrize("address", ["/desk/stok-2008/", "/desk/stok-2008/shares/"])
def test_other_owners_record_has_no_page_behind_the_log_in(address, client_of):
    assert client_of(Role.COORDINATOR).get(address).status_code == 404


def test_other_owners_record_stands_apart_on_the_list_of_projects(loaded):
    found = words(Client(HTTP_ACCEPT_LANGUAGE="en").get("/projects/").content.decode())
    assert found.index("Omställning i West") < found.index("Projects of others") < found.index("STÖK")
    assert "7 recipients of support" in found
    assert "Regionförbundet Västerbottens län" in found
