from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import RequestFactory
from django.urls import reverse
from django.utils import translation

from consortium import objections, operations, project_facts, project_pages
from consortium.models import EsfCode, EsfCodeKind, EsfOperation, PlannedActivity, Project
from consortium.permissions import NotAllowed
from tests import factories
from tests.consortium.conftest import fields
from westum.base.forms import Changed
from westum.base.history import lines_of


@pytest.fixture
def esf(association):
    """A planned project of ESF+, whose owner the register knows."""
    association.legal_name, association.organisation_number = "NÄTVERK WESTUM", "802414-8689"
    association.postal_code, association.city = "451 50", "Uddevalla"
    association.save()
    return factories.ProjectFactory(
        slug="esf", programme="ESF+", call_year=None, state="planned", owner=association, name_en="Steps"
    )


@pytest.fixture
def codes(db):
    """By code; each as the list has it."""
    rows = [
        ("programme_area", "2021-2027", "A", "verified"),
        ("programme_area", "2021-2027", "A2", "verified"),
        ("programme_area", "2014-2020", "1", "verified"),
        ("objective", "2021-2027", "A1A", "inferred"),
        ("objective", "2014-2020", "1.1", "verified"),
        ("intervention", "2021-2027", "151", "unverified"),
        ("region", "", "SE23", "verified"),
        ("region", "", "SE11", "verified"),
        ("programme", "2021-2027", "2021SE05SFPR", "verified"),
    ]
    return {
        code: EsfCode.objects.create(
            kind=kind, period=period, code=code, name_sv=f"Om {code}", name_en=f"About {code}", status=status
        )
        for kind, period, code, status in rows
    }


def page(project):
    return reverse("consortium:operation", args=[project.slug])


def keep(project, by, **changes):
    operation = operations.of(project)
    for name, value in changes.items():
        setattr(operation, name, value)
    return operations.keep(operation=operation, municipalities=[], activities={}, by=by)


def sentences(project, by, **changes):
    with pytest.raises(ValidationError) as refused:
        keep(project, by, **changes)
    return refused.value.message_dict


def test_record_is_written_and_stands_on_the_public_page(sign_in, coordinator, client, esf, codes, send):
    factories.MunicipalityFactory(name="Partille")
    after = send(
        sign_in(coordinator),
        page(esf),
        programme_cci="2021SE05SFPR",
        programme_area=codes["A"].pk,
        specific_objective=codes["A1A"].pk,
        intervention_type=codes["151"].pk,
        region=codes["SE23"].pk,
        nuts2="SE23",
        union_rate="40",
        total_cost_sek="1,000,000",
        granted_support_sek="540000.50",
        municipalities="Partille",
        participants_planned="0",
        fights_child_poverty="false",
        **{"activity-course": ["planned", "is_local"], "activity-lecture": ["planned"]},
    )
    assert after.redirect_chain == [(page(esf), 302)]
    found = EsfOperation.objects.get(project=esf)
    assert (found.period, found.fund, found.country, found.union_rate) == ("2021-2027", "ESF+", "SE", Decimal("40"))
    assert (found.owner_name, found.owner_number, found.owner_postal_code, found.owner_city) == (
        "NÄTVERK WESTUM",
        "8024148689",
        "45150",
        "Uddevalla",
    )
    assert (found.total_cost_sek, found.granted_support_sek) == (Decimal("1000000"), Decimal("540000.50"))
    assert (found.participants_planned, found.fights_child_poverty, found.is_strategic) == (0, False, None)
    assert operations.planned(found) == {"lecture": [], "course": ["is_local"]}
    assert [str(town) for town in found.municipalities.all()] == ["Partille"]
    Project.objects.filter(pk=esf.pk).unkept("a test's own row").update(state="running")
    public = client.get(esf.get_absolute_url(), headers={"Accept-Language": "en"}).text
    assert [word in public for word in ("2021SE05SFPR", "40%", "Partille", "not stated")] == [True] * 4


def test_what_is_not_verified_is_marked_where_it_is_chosen(sign_in, coordinator, esf, codes):
    form = sign_in(coordinator).get(page(esf)).context["form"]
    assert [label for _key, label in form["intervention_type"].field.choices] == [
        "Not stated",
        "151 About 151 · not verified",
    ]
    assert [label for _key, label in form["programme_area"].field.choices] == ["Not stated", "A About A", "A2 About A2"]
    assert [label for _key, label in form["region"].field.choices][1:] == ["About SE23 (SE23)", "About SE11 (SE11)"]
    assert "phase" not in form.fields


def test_project_of_two_periods_says_of_which_a_code_is(sign_in, coordinator, esf, codes):
    Project.objects.filter(pk=esf.pk).unkept("a test's own row").update(programme="ESF")
    form = sign_in(coordinator).get(page(esf)).context["form"]
    assert [label for _key, label in form["programme_area"].field.choices] == ["Not stated", "1 About 1 · 2014-2020"]
    assert [value for value, _label in form["period"].field.choices] == ["2007-2013", "2014-2020"]
    assert "phase" in form.fields


def test_history_says_what_was_changed(sign_in, coordinator, esf, codes, send):
    factories.MunicipalityFactory(name="Partille")
    client = sign_in(coordinator)
    send(client, page(esf), **{"activity-lecture": ["planned"]})
    send(
        client,
        page(esf),
        union_rate="50",
        municipalities="Partille",
        **{"activity-lecture": [], "activity-course": ["planned", "is_local", "is_regional"]},
    )
    newest, first = lines_of(EsfOperation.objects.get())
    assert (first.what, newest.what) == (
        "created the record of the operation",
        "changed the record of the operation",
    )
    assert newest.detail == (
        "Municipalities: – → Partille. Planned activities: lectures → short courses (local and regional). "
        "Changed: the Union's rate, per cent."
    )
    assert [(row.kind, row.position) for row in PlannedActivity.objects.all()] == [("course", 2)]


def test_second_editor_sees_both_values(sign_in, coordinator, esf, codes, send):
    client = sign_in(coordinator)
    mine = fields(client.get(page(esf)).context["form"], owner_city="Mine", **{"activity-lecture": ["planned"]})
    send(client, page(esf), owner_city="Theirs")
    conflict = client.post(page(esf), mine).context["form"].conflict
    assert [(line["name"], line["mine"], line["theirs"]) for line in conflict] == [
        ("owner_city", "Mine", "Theirs"),
        ("activity-lecture", "Planned", ""),
    ]


def test_record_that_was_begun_twice_is_there_once(coordinator, esf, codes):
    from consortium.forms.operations import OperationForm

    second = OperationForm({"period": "2021-2027", "owner_city": "Mine"}, instance=operations.of(esf), user=coordinator)
    assert second.is_valid()
    keep(esf, coordinator)
    with pytest.raises(Changed):
        operations.keep(operation=second.instance, municipalities=[], activities={}, by=coordinator)
    second.compare_again()
    assert "owner_city" in [line["name"] for line in second.conflict]
    assert EsfOperation.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("union_rate", "101", "The Union's rate is a percentage from 0 to 100."),
        ("union_rate", "much", "This is no number. Write it as in 57.7."),
        ("union_rate", "4.125", "Write at most 2 digits after the decimal point."),
        ("union_rate", "4000", "Write at most 3 digits before the decimal point."),
        ("granted_support_sek", "123456789012345", "This number is too long. Write at most 14 digits."),
        ("granted_support_sek", "1.125", "Write at most two decimals, as in 2500.50."),
        ("granted_support_sek", "2000", "The support is a part of the total budget, or all of it. It cannot be more."),
        ("owner_postal_code", "4515", "This is no postal code. Write five digits, as in 451 50."),
        ("owner_number", "123", "This is not a Swedish organisation number. Write ten digits, as in 802414-8689."),
        (
            "owner_number",
            "8112189876",
            "This is a person's identity number, which we do not keep here. Leave the field empty.",
        ),
        ("municipalities_stated", "291", "Sweden has 290 municipalities. Write at most that number."),
        (
            "participants_planned",
            "1000001",
            "No project has more than a million participants. Look whether the number is right.",
        ),
        ("participants_planned", "-1", "This number is too low. Write at least 0."),
        ("activity-course", ["is_local"], "Tick “Planned” too, or take the levels away."),
        ("nuts2", "SE99", "This is not in the list. Choose something in it."),
        ("programme_cci", "2014SE", "This is not in the list. Choose something in it."),
        (
            "municipalities",
            "Nowhere",
            "There is no municipality called “Nowhere”. Write its name as in Partille.",
        ),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_kept(sign_in, coordinator, esf, codes, send, field, value, sentence):
    after = send(sign_in(coordinator), page(esf), **{"total_cost_sek": "1000", "union_rate": "40", field: value})
    assert after.context["form"].errors == {field: [sentence]}
    assert after.context["form"][field].value() == value
    assert not EsfOperation.objects.exists()


def test_all_that_is_wrong_is_said_at_once(sign_in, coordinator, esf, codes, send):
    client = sign_in(coordinator)
    wrong = {"programme_area": codes["A2"].pk, "specific_objective": codes["A1A"].pk, "union_rate": "much"}
    assert send(client, page(esf), region=codes["SE23"].pk, nuts2="SE11", **wrong).context["form"].errors == {
        "union_rate": ["This is no number. Write it as in 57.7."],
        "specific_objective": ["The objective A1A is none of programme area A2. Change one of the two."],
        "nuts2": ["About SE23 has the NUTS 2 code SE23. Change one of the two."],
    }
    wrong |= {"programme_area": "99"}
    assert send(client, page(esf), **wrong).context["form"].errors == {
        "union_rate": ["This is no number. Write it as in 57.7."],
        "programme_area": ["This is not in the list. Choose something in it."],
    }


def test_whole_country_is_no_code_of_nuts_2(sign_in, coordinator, esf, codes, send):
    country = EsfCode.objects.create(
        kind="region", code="SE0", name_sv="ESF Nationellt", name_en="ESF national", status="verified"
    )
    client = sign_in(coordinator)
    choices = client.get(page(esf)).context["form"]["nuts2"].field.choices
    assert [value for value, _label in choices] == ["", "SE23", "SE11"]
    assert send(client, page(esf), nuts2="SE0").context["form"].errors == {
        "nuts2": ["This is not in the list. Choose something in it."]
    }
    send(client, page(esf), region=country.pk, nuts2="SE23")
    assert EsfOperation.objects.get().nuts2 == "SE23"


def test_fields_that_disagree_are_named(coordinator, esf, codes):
    assert sentences(esf, coordinator, period="2014-2020") == {
        "period": ["This is no period of the project's programme. Choose another one."]
    }
    assert sentences(esf, coordinator, programme_area=codes["1"]) == {
        "programme_area": ["1 is a code of 2014-2020. Choose one of the record's own period."]
    }
    assert sentences(esf, coordinator, programme_area=codes["A2"], specific_objective=codes["A1A"]) == {
        "specific_objective": ["The objective A1A is none of programme area A2. Change one of the two."]
    }
    assert sentences(esf, coordinator, region=codes["SE23"], nuts2="SE11") == {
        "nuts2": ["About SE23 has the NUTS 2 code SE23. Change one of the two."]
    }
    assert keep(esf, coordinator, programme_area=codes["A"], specific_objective=codes["A1A"], nuts2="SE11").pk


def test_disagreement_is_said_in_the_form(sign_in, coordinator, esf, codes, send):
    after = send(sign_in(coordinator), page(esf), region=codes["SE23"].pk, nuts2="SE11")
    assert after.context["form"].errors == {"nuts2": ["About SE23 has the NUTS 2 code SE23. Change one of the two."]}


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "sentence"),
    [
        (
            date(2020, 12, 31),
            date(2022, 1, 1),
            "The project begins on 31 December 2020; the funds of 2021-2027 pay from 1 January 2021. Look whether the decision has the right day.",
        ),
        (
            date(2028, 1, 1),
            date(2030, 1, 1),
            "The project ends on 1 January 2030; the funds of 2021-2027 pay until 31 December 2029. Look whether the decision has the right day.",
        ),
    ],
)
def test_decided_day_that_the_funds_do_not_pay_is_remarked_and_locks_nothing(
    sign_in, coordinator, esf, send, starts_on, ends_on, sentence
):
    keep(esf, coordinator)
    factories.DecisionFactory(project=esf, starts_on=starts_on, ends_on=ends_on)
    client = sign_in(coordinator)
    shown = client.get(page(esf))
    assert [(one.sentence, one.stops) for one in shown.context["remarks"]] == [(sentence, False)]
    assert sentence in shown.text
    assert send(client, page(esf), owner_city="Partille").redirect_chain == [(page(esf), 302)]
    assert EsfOperation.objects.get().owner_city == "Partille"


def test_first_and_last_day_that_a_period_pays_are_within(coordinator, esf):
    factories.DecisionFactory(project=esf, starts_on=date(2021, 1, 1), ends_on=date(2029, 12, 31))
    assert list(operations.beyond_what_is_paid(keep(esf, coordinator))) == []


def test_programme_stays_with_the_period_of_the_record(coordinator, esf):
    keep(esf, coordinator)
    esf.programme = "ESF"
    with pytest.raises(NotAllowed) as refused:
        project_facts.amend(project=esf, by=coordinator)
    assert refused.value.message_dict == {
        "programme": ["The record of the operation is one of 2021-2027. The programme stays."]
    }


def test_programme_changes_where_no_record_is(coordinator, esf):
    esf.programme = "ESF"
    assert project_facts.amend(project=esf, by=coordinator).programme == "ESF"


def test_closed_project_is_read_only(sign_in, coordinator, esf, codes, send):
    keep(esf, coordinator, union_rate=40, is_strategic=True, intervention_type=codes["151"])
    client = sign_in(coordinator)
    sent = fields(client.get(page(esf)).context["form"], owner_city="Partille")
    Project.objects.filter(pk=esf.pk).unkept("a test's own row").update(state="ended")
    shown = client.get(page(esf))
    assert [word in shown.text for word in ("Save the record", "151 About 151", "not stated")] == [False, True, True]
    assert dict(shown.context["form"].as_kept)["Money"][0] == ("The Union's rate, per cent", "40%")
    refused = client.post(page(esf), sent).context["form"].non_field_errors()
    assert refused == ["The project has ended and can only be read. Reopen it to change anything."]
    assert EsfOperation.objects.get().owner_city == "Uddevalla"


@pytest.mark.parametrize(
    ("language", "value", "said"), [("sv", "57.50", "57,5"), ("en", "57.50", "57.5"), ("sv", "40", "40")]
)
def test_rate_stands_in_its_field_as_it_would_be_written(coordinator, esf, language, value, said):
    from consortium.forms.operations import OperationForm

    keep(esf, coordinator, union_rate=Decimal(value))
    with translation.override(language):
        field = OperationForm(instance=operations.of(esf), user=coordinator)["union_rate"]
        assert (field.value(), f'value="{said}"' in str(field)) == (said, True)


def test_closed_project_without_a_record_says_so(sign_in, coordinator, esf):
    Project.objects.filter(pk=esf.pk).unkept("a test's own row").update(state="ended")
    assert "The record of this project was never written." in sign_in(coordinator).get(page(esf)).text


def test_projects_without_such_a_record_have_no_page(sign_in, coordinator, project, esf):
    client = sign_in(coordinator)
    assert client.get(page(project)).status_code == 404
    with pytest.raises(NotAllowed, match="Only a project of the Social Fund"):
        operations.keep(operation=EsfOperation(project=project), municipalities=[], activities={}, by=coordinator)
    Project.objects.filter(pk=esf.pk).unkept("a test's own row").update(is_reference_record=True)
    assert client.get(page(esf)).status_code == 404


def test_menu_has_the_record_of_a_project_of_the_social_fund_alone(coordinator, project, esf):
    request = RequestFactory().get("/")
    labels = {
        one.slug: [str(entry["label"]) for entry in project_pages.menu(one, coordinator, request.path)]
        for one in (project, esf)
    }
    assert ["ESF record" in labels[slug] for slug in ("exempel", "esf")] == [False, True]


def test_start_without_the_record_is_remarked(coordinator, project, esf):
    sentence = "The record of the operation has not been written, so the public page does not show it."
    assert [(one.sentence, one.stops) for one in objections.to("start", esf) if "record" in one.sentence] == [
        (sentence, False)
    ]
    keep(esf, coordinator)
    assert [one for one in objections.to("start", esf) if one.sentence == sentence] == []
    assert [one for one in objections.to("start", project) if one.sentence == sentence] == []


def test_support_is_at_most_the_cost_in_the_database_too(coordinator, esf):
    operation = keep(esf, coordinator, total_cost_sek=100, granted_support_sek=100)
    rows = EsfOperation.objects.filter(pk=operation.pk).unkept("the constraint is asked")
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.update(granted_support_sek=101)
    assert rows.update(total_cost_sek=None) == 1
    assert EsfCode.objects.filter(kind=EsfCodeKind.PROGRAMME).count() == 0


@pytest.mark.parametrize("partners", [1, 3, 50])
def test_page_asks_the_database_equally_often(sign_in, coordinator, esf, codes, django_assert_num_queries, partners):
    keep(esf, coordinator)
    for _n in range(partners):
        factories.ProjectMemberFactory(project=esf)
    client = sign_in(coordinator)
    client.get(page(esf))
    with django_assert_num_queries(18):
        shown = client.get(page(esf))
    assert len(shown.context["members"]) == partners


def test_accreditation_has_no_page_of_places(coordinator, project):
    accreditation = factories.ProjectFactory(slug="accreditation", programme="KA120-VET")
    labels = [
        [str(entry["label"]) for entry in project_pages.menu(one, coordinator, "/")] for one in (project, accreditation)
    ]
    assert ["Places" in found for found in labels] == [True, False]
    assert (accreditation.takes_registrations, list(Project.objects.registering())) == (False, [project])
