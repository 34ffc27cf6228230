"""Employers at home: any member adds one for all, the one that found it changes it."""

import pytest
from django.urls import reverse

from consortium import employers
from consortium.models import Organisation
from consortium.permissions import NotAllowed
from tests import factories
from tests.consortium.conftest import fields

NEW = reverse("consortium:employer_new")
WANTED = {"name": "Solgläntans vårdboende", "city": "Almby"}


def edit(employer):
    return reverse("consortium:employer_edit", args=[employer.pk])


@pytest.fixture
def employer(member_a):
    return factories.OrganisationFactory(kind="employer", name="Almby omsorg", city="Almby", found_by=member_a)


def test_contact_adds_an_employer(sign_in, send, contact, other_contact, member_a):
    page = send(sign_in(contact), NEW, **WANTED, organisation_number="5560360793", other_names="Solgläntan")
    found = Organisation.objects.get(kind="employer")
    assert page.redirect_chain[-1][0] == found.get_absolute_url()
    assert (found.found_by, found.country, found.organisation_number) == (member_a, "SE", "556036-0793")
    assert [other.name for other in found.other_names.all()] == ["Solgläntan"]
    assert found.history.first().history_change_reason == "added to the employers"
    page = sign_in(other_contact).get(found.get_absolute_url())
    assert page.status_code == 200
    assert edit(found) not in page.text


def test_coordinator_says_who_has_found_it(sign_in, send, coordinator, member_b):
    client = sign_in(coordinator)
    assert "found_by" in send(client, NEW, **WANTED).context["form"].errors
    send(client, NEW, **WANTED, found_by=member_b.pk)
    assert Organisation.objects.get(kind="employer").found_by == member_b


def test_look_alike_is_shown_first(sign_in, send, contact, employer):
    page = send(sign_in(contact), NEW, name="Almby Omsorg AB", city="Almby")
    assert page.context["form"].look_alikes == [employer]
    assert employer.get_absolute_url() in page.text
    send(sign_in(contact), NEW, name="Almby Omsorg AB", city="Almby", new_all_the_same="yes")
    assert Organisation.objects.employers().count() == 2


def test_number_of_another_is_refused_at_its_field(sign_in, send, contact, employer):
    employer.organisation_number = "556036-0793"
    employer.save()
    page = send(sign_in(contact), NEW, **WANTED, organisation_number="556036-0793")
    assert list(page.context["form"].errors) == ["organisation_number"]


def test_the_finder_changes_it(sign_in, send, contact, employer):
    assert edit(employer) in sign_in(contact).get(employer.get_absolute_url()).text
    send(sign_in(contact), edit(employer), city="Nyby")
    employer.refresh_from_db()
    assert (employer.city, employer.version) == ("Nyby", 1)


@pytest.mark.parametrize("who", ["other_contact", "staff", "auditor", "outsider", "participant"])
def test_others_change_nothing(who, request, sign_in, project, employer):
    user = request.getfixturevalue(who)
    client = sign_in(user)
    assert client.get(edit(employer)).status_code == 404
    assert client.post(edit(employer), WANTED).status_code == 404
    with pytest.raises(NotAllowed, match="found this employer"):
        employers.change(employer=employer, other_names=[], by=user)
    if who != "other_contact":
        assert client.get(NEW).status_code == 404
    with pytest.raises(NotAllowed, match="for which you act"):
        employers.add(employer=Organisation(kind="employer", name="X", found_by=employer.found_by), by=user)
    assert Organisation.objects.employers().count() == 1


def test_host_is_not_changed_as_an_employer(sign_in, contact, host, member_a):
    host.found_by = member_a
    host.save()
    assert sign_in(contact).get(edit(host)).status_code == 404


def test_second_editor_sees_both(sign_in, send, contact, coordinator, employer):
    client = sign_in(contact)
    mine = fields(client.get(edit(employer)).context["form"], city="Mine")
    send(sign_in(coordinator), edit(employer), city="Theirs")
    page = client.post(edit(employer), mine)
    assert [(line["mine"], line["theirs"]) for line in page.context["form"].conflict] == [("Mine", "Theirs")]
