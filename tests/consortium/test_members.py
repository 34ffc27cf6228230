"""The members of a project: the table, one member's page, who answers for it, its papers."""

import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from consortium import handing_over, member_table, members, objections, people
from consortium.models import MemberPaper, MemberRole, ProjectMember, ProjectState
from consortium.permissions import NotAllowed, Role
from tests import factories
from tests.consortium.conftest import fields
from westum.base import files
from westum.base.forms import Changed
from westum.base.history import lines_of
from westum.base.letters import Letter


def table_of(project):
    return reverse("consortium:members", args=[project.slug])


def edit_of(member):
    return reverse("consortium:member_edit", args=[member.project.slug, member.pk])


def add_of(member, kind="mandate"):
    return reverse("consortium:member_paper_add", args=[member.project.slug, member.pk, kind])


@pytest.fixture
def member(project, member_a):
    return project.members.get(organisation=member_a)


@pytest.fixture
def second(member_a):
    """Another contact person of member A."""
    user = factories.UserFactory(name="Siv Efterträdare", email="siv@example.org")
    factories.MembershipFactory(user=user, role=Role.CONTACT, organisation=member_a)
    return user


def a_paper(member, by, kind="mandate", offset=-20, file=None):
    return members.add_paper(
        member=member, kind=kind, signed_on=factories.day(offset), signed_by="Rut Rektor", file=file, by=by
    )


# The table


def lacks(page):
    return {str(row.member): [lack.value for lack in row.lacks] for row in page.context["rows"]}


def test_table_says_what_each_member_lacks(sign_in, coordinator, project, member, contact):
    page = sign_in(coordinator).get(table_of(project))
    everything = ["contact", "mandate", "agreement"]
    assert lacks(page) == {"Almby lärcentrum": everything, "Björkby lärcentrum": everything}
    member.contact = contact
    member.save()
    a_paper(member, coordinator)
    page = sign_in(coordinator).get(table_of(project))
    assert lacks(page)["Almby lärcentrum"] == ["login", "agreement"]
    contact.last_login = timezone.now()
    contact.save()
    a_paper(member, coordinator, kind="agreement")
    page = sign_in(coordinator).get(table_of(project))
    assert lacks(page)["Almby lärcentrum"] == []
    assert "Something is missing for 1 member of the project." in page.text


def test_contact_whose_access_has_run_out_is_none(sign_in, coordinator, project, member, former_contact):
    member.contact = former_contact
    member.save()
    page = sign_in(coordinator).get(table_of(project))
    assert lacks(page)["Almby lärcentrum"][0] == "contact"
    assert former_contact.name not in page.text


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("q=almby", ["Almby lärcentrum"]),
        ("q=ALINGSAS", ["Almby lärcentrum"]),
        ("q=nowhere", []),
        ("role=coordinator", ["Björkby lärcentrum"]),
        ("missing=mandate", ["Björkby lärcentrum"]),
        ("missing=anything", ["Almby lärcentrum", "Björkby lärcentrum"]),
        ("sort=-name", ["Björkby lärcentrum", "Almby lärcentrum"]),
        ("sort=-missing", ["Björkby lärcentrum", "Almby lärcentrum"]),
        ("missing=nobody&role=king&sort=shoe&colour=red", ["Almby lärcentrum", "Björkby lärcentrum"]),
    ],
)
def test_filter_and_order_stand_in_the_address(asked, found, sign_in, coordinator, project, member, member_b):
    member.municipalities.add(factories.MunicipalityFactory())
    a_paper(member, coordinator)
    other = project.members.get(organisation=member_b)
    other.role = MemberRole.COORDINATOR
    other.save()
    page = sign_in(coordinator).get(f"{table_of(project)}?{asked}")
    assert [str(row.member) for row in page.context["rows"]] == found


@pytest.mark.parametrize("order", member_table.ORDERS)
def test_each_column_sorts_both_ways(order, sign_in, coordinator, project):
    client = sign_in(coordinator)
    assert len(client.get(f"{table_of(project)}?sort={order}").context["rows"]) == 2
    assert len(client.get(f"{table_of(project)}?sort=-{order}").context["rows"]) == 2


def test_names_of_people_are_for_those_who_may_know_them(sign_in, project, member, contact, auditor, staff):
    member.contact = contact
    member.save()
    page = sign_in(auditor).get(table_of(project))
    assert contact.name not in page.text
    assert "there is one" in page.text
    assert lacks(page)["Almby lärcentrum"] == ["mandate", "agreement"]  # whether the person has logged in is no matter
    assert contact.name not in sign_in(auditor).get(member.get_absolute_url()).text
    assert contact.name in sign_in(staff).get(table_of(project)).text
    own = sign_in(contact).get(table_of(project))
    assert [str(row.member) for row in own.context["rows"]] == ["Almby lärcentrum"]


def test_export_has_the_rows_of_the_page_and_people_by_right(sign_in, coordinator, auditor, project, member, contact):
    member.contact = contact
    member.save()
    url = reverse("consortium:members_export", args=[project.slug, "xlsx"]) + "?q=almby"

    def rows(user):
        content = b"".join(sign_in(user).get(url).streaming_content)
        return list(openpyxl.load_workbook(io.BytesIO(content)).worksheets[0].values)

    headers, row = rows(coordinator)
    told = dict(zip(headers, row, strict=True))
    assert (told["Member"], told["Contact person"], told["Places"]) == ("Almby lärcentrum", contact.name, 20)
    headers, row = rows(auditor)
    assert "Contact person" not in headers
    assert contact.email not in row
    unknown = reverse("consortium:members_export", args=[project.slug, "pdf"])
    assert sign_in(coordinator).get(unknown).status_code == 404


def test_table_takes_the_same_queries_for_any_number_of_members(
    sign_in, coordinator, association, django_assert_max_num_queries
):
    client, counted = sign_in(coordinator), []
    for n in (1, 3, 50):
        organisations = factories.OrganisationFactory.create_batch(n)
        project = factories.running_project(members=organisations, owner=association)
        for row in project.members.all():
            row.contact = factories.MembershipFactory(organisation=row.organisation).user
            row.save()
            factories.MemberPaperFactory(member=row)
        with django_assert_max_num_queries(25) as queries:
            page = client.get(table_of(project))
        assert len(page.context["rows"]) == n
        counted.append(len(queries))
    assert len(set(counted)) == 1


# One member


def test_coordinator_changes_a_member_and_the_history_says_what(sign_in, coordinator, member, contact, second, send):
    factories.MunicipalityFactory(code="1488", name="Trollhättan")
    page = send(
        sign_in(coordinator),
        edit_of(member),
        printed_name="Almby l.",
        municipalities="Trollhättan",
        stands_for_status="inferred",
        contact=contact.pk,
        deputy=second.pk,
    )
    assert page.redirect_chain[-1][0] == member.get_absolute_url()
    member.refresh_from_db()
    assert (member.printed_name, member.contact, member.deputy, member.version) == ("Almby l.", contact, second, 1)
    assert [str(found) for found in member.municipalities.all()] == ["Trollhättan"]
    line = lines_of(member)[0]
    assert line.who == "Sara Exempelsson"
    assert "Stands for: – → Trollhättan." in line.detail
    assert "Siv Efterträdare" in page.text


def test_only_contact_persons_of_today_at_the_member_answer_for_it(
    sign_in, coordinator, member, contact, other_contact, former_contact, deactivated, send
):
    client = sign_in(coordinator)
    for stranger in (other_contact, former_contact, deactivated, coordinator):
        page = send(client, edit_of(member), contact=stranger.pk)
        assert list(page.context["form"].errors) == ["contact"]
        for field in ("contact", "deputy"):
            row = ProjectMember.objects.get(pk=member.pk)
            setattr(row, field, stranger)
            with pytest.raises(NotAllowed) as refused:
                members.amend(member=row, municipalities=[], by=coordinator)
            assert list(refused.value.message_dict) == [field]
    member.refresh_from_db()
    assert (member.contact, member.deputy, member.version) == (None, None, 0)


def test_deputy_is_somebody_else(sign_in, coordinator, member, contact, send):
    page = send(sign_in(coordinator), edit_of(member), contact=contact.pk, deputy=contact.pk)
    assert page.context["form"].errors["deputy"] == [
        "Choose another person than the responsible contact person, or nobody."
    ]


def test_project_has_one_coordinating_organisation(sign_in, coordinator, project, member, member_b, send):
    other = project.members.get(organisation=member_b)
    other.role = MemberRole.COORDINATOR
    other.save()
    page = send(sign_in(coordinator), edit_of(member), role="coordinator")
    assert list(page.context["form"].errors) == ["role"]


def test_two_who_change_a_member_do_not_overwrite_each_other(sign_in, coordinator, member, contact, send):
    client = sign_in(coordinator)
    mine = fields(client.get(edit_of(member)).context["form"], printed_name="Mine")
    send(client, edit_of(member), printed_name="Theirs")
    page = client.post(edit_of(member), mine)
    assert [(found["mine"], found["theirs"]) for found in page.context["form"].conflict] == [("Mine", "Theirs")]
    stale = ProjectMember.objects.get(pk=member.pk)
    stale.version = 0
    with pytest.raises(Changed):
        members.amend(member=stale, municipalities=[], by=coordinator)


@pytest.mark.parametrize("who", ["staff", "auditor", "contact"])
def test_others_read_and_change_nothing(who, request, sign_in, member):
    client = sign_in(request.getfixturevalue(who))
    assert edit_of(member) not in client.get(member.get_absolute_url()).text
    assert client.get(edit_of(member)).status_code == 404
    assert client.post(add_of(member), {}).status_code == 404


def test_ended_project_is_read_only(sign_in, coordinator, project, member):
    paper = a_paper(member, coordinator)
    project.state = ProjectState.ENDED
    project.save()
    member = ProjectMember.objects.get(pk=member.pk)
    assert edit_of(member) not in sign_in(coordinator).get(member.get_absolute_url()).text
    assert "can only be read" in sign_in(coordinator).get(edit_of(member)).text
    for deed in (
        lambda: members.amend(member=member, municipalities=[], by=coordinator),
        lambda: a_paper(member, coordinator),
        lambda: members.end_paper(paper=paper, ended_on=factories.day(0), reason="x", by=coordinator),
    ):
        with pytest.raises(NotAllowed, match="can only be read"):
            deed()


def test_member_of_another_owners_project_is_not_there(sign_in, coordinator, project, member):
    project.is_reference_record = True
    project.save()
    for url in (table_of(project), member.get_absolute_url(), edit_of(member), add_of(member)):
        assert sign_in(coordinator).get(url).status_code == 404


# Papers


def test_paper_is_added_with_its_file_and_read_by_who_sees_the_member(
    sign_in, coordinator, contact, other_contact, member, send
):
    upload = SimpleUploadedFile("mandate.pdf", factories.PDF, content_type="application/pdf")
    page = send(sign_in(coordinator), add_of(member), signed_on=factories.day(-3), signed_by="Rut Rektor", file=upload)
    paper = MemberPaper.objects.get()
    assert (paper.member, paper.kind, paper.signed_by, paper.added_by) == (
        member,
        "mandate",
        "Rut Rektor",
        coordinator,
    )
    assert paper.get_absolute_url() in page.text
    answer = sign_in(contact).get(paper.get_absolute_url())
    assert b"".join(answer.streaming_content) == factories.PDF
    assert sign_in(other_contact).get(paper.get_absolute_url()).status_code == 404


def test_newer_paper_keeps_the_earlier_one(sign_in, coordinator, member):
    file = files.keep(factories.PDF, name="old.pdf", content_type="application/pdf")
    old, other = a_paper(member, coordinator, file=file), a_paper(member, coordinator, kind="agreement")
    new = a_paper(member, coordinator, offset=-5)
    old.refresh_from_db()
    other.refresh_from_db()
    assert (old.ended_on, new.ended_on, other.ended_on) == (factories.day(-5), None, None)
    page = sign_in(coordinator).get(member.get_absolute_url())
    assert old.get_absolute_url() in page.text
    assert lines_of(old)[0].what == "replaced the paper by a newer one"


def test_paper_without_file_serves_none(sign_in, coordinator, member):
    assert sign_in(coordinator).get(a_paper(member, coordinator).get_absolute_url()).status_code == 404


def test_days_of_a_paper_are_checked_at_their_fields(sign_in, coordinator, member, send):
    client = sign_in(coordinator)
    paper = a_paper(member, coordinator)
    end = reverse("consortium:member_paper_end", args=[member.project.slug, member.pk, paper.pk])
    for url, day, field in [
        (add_of(member), factories.day(1), "signed_on"),
        (add_of(member), factories.day(-30), "signed_on"),
        (end, factories.day(1), "ended_on"),
        (end, factories.day(-30), "ended_on"),
    ]:
        page = send(client, url, **{field: day, "signed_by": "Rut", "reason": "Why."})
        assert list(page.context["form"].errors) == [field]
    assert MemberPaper.objects.in_force().get() == paper


def test_paper_ends_with_a_reason_and_stays(sign_in, coordinator, member, send):
    paper = a_paper(member, coordinator)
    end = reverse("consortium:member_paper_end", args=[member.project.slug, member.pk, paper.pk])
    page = send(sign_in(coordinator), end, ended_on=factories.day(-1), reason="They left the application.")
    paper.refresh_from_db()
    assert paper.ended_on == factories.day(-1)
    assert "No mandate" in page.text
    assert lines_of(paper)[0].detail.startswith("They left the application.")
    assert sign_in(coordinator).get(end).status_code == 404
    with pytest.raises(NotAllowed, match="ended already"):
        members.end_paper(paper=paper, ended_on=factories.day(0), reason="Again.", by=coordinator)


def test_unknown_kind_of_paper_is_not_there(sign_in, coordinator, member):
    assert sign_in(coordinator).get(add_of(member, "treaty")).status_code == 404


def test_member_with_papers_stays_in_the_project(coordinator, association, member_a):
    project = factories.ProjectFactory(owner=association)
    member = factories.ProjectMemberFactory(project=project, organisation=member_a)
    assert objections.to("remove_member", member) == []
    a_paper(member, coordinator)
    assert [objection.stops for objection in objections.to("remove_member", member)] == [True]


# The deputy changes hands as well


def answer_for(member, contact, deputy):
    member.contact, member.deputy = contact, deputy
    member.save()


def test_deputy_is_handed_over(coordinator, member, contact, second, member_a):
    third = factories.MembershipFactory(organisation=member_a)
    answer_for(member, contact, second)
    handing_over.hand_over(membership=second.memberships.get(), successor=third, ends_access=True, by=coordinator)
    member.refresh_from_db()
    assert (member.contact, member.deputy, member.version) == (contact, third.user, 1)
    (letter,) = Letter.objects.filter(to=third.user.email)
    assert "Deputy from now on in these projects:" in letter.body
    assert "Responsible contact person from now on" not in letter.body


def test_nobody_is_responsible_and_deputy_at_once(coordinator, member, contact, second):
    answer_for(member, contact, second)
    handing_over.hand_over(
        membership=contact.memberships.get(), successor=second.memberships.get(), ends_access=False, by=coordinator
    )
    member.refresh_from_db()
    assert (member.contact, member.deputy) == (second, None)


def test_ended_access_leaves_the_place_of_deputy(coordinator, member, contact, second):
    answer_for(member, contact, second)
    people.end_membership(membership=second.memberships.get(), by=coordinator)
    member.refresh_from_db()
    assert (member.contact, member.deputy) == (contact, None)


# Whom the coordinator acts for


@pytest.mark.parametrize(
    ("state", "is_reference_record", "counts"),
    [("planned", False, True), ("running", False, True), ("ended", False, False), ("running", True, False)],
)
def test_contact_persons_are_sought_for_members_of_current_projects(
    state, is_reference_record, counts, association, member_a
):
    project = factories.ProjectFactory(owner=association, state=state, is_reference_record=is_reference_record)
    factories.ProjectMemberFactory(project=project, organisation=member_a)
    assert list(people.members_without_contact()) == ([member_a] if counts else [])


@pytest.mark.parametrize(("field", "value"), [("kind", "treaty"), ("ended_on", factories.day(-99))])
def test_constraints_of_papers_hold(field, value, coordinator, member):
    paper = a_paper(member, coordinator)
    setattr(paper, field, value)
    with pytest.raises(IntegrityError), transaction.atomic():
        paper.save()


def test_deputy_becomes_responsible_and_is_told_when_the_contact_goes(coordinator, member, contact, second, project):
    answer_for(member, contact, second)
    people.end_membership(membership=contact.memberships.get(), by=coordinator)
    member.refresh_from_db()
    assert (member.contact, member.deputy, member.version) == (second, None, 1)
    (letter,) = Letter.objects.filter(to=second.email)
    assert f"{contact} is no longer contact person for Almby lärcentrum." in letter.body
    assert f"- {project.name}" in letter.body


def test_deputy_without_access_does_not_become_responsible(coordinator, member, contact, second):
    answer_for(member, contact, second)
    second.is_active = False
    second.save()
    people.end_membership(membership=contact.memberships.get(), by=coordinator)
    member.refresh_from_db()
    assert (member.contact, member.deputy) == (None, second)
    assert [letter.to for letter in Letter.objects.all()] == [contact.email]


def test_ending_names_who_becomes_responsible_and_where(sign_in, send, coordinator, member, contact, second, project):
    answer_for(member, contact, second)
    alone = factories.ProjectFactory(name_en="Alone", slug="alone")
    factories.ProjectMemberFactory(project=alone, organisation=member.organisation, contact=contact)
    ended = factories.ProjectFactory(slug="over", state="ended")
    factories.ProjectMemberFactory(project=ended, organisation=member.organisation, contact=contact)
    client = sign_in(coordinator)
    address = reverse("consortium:end_membership", args=[contact.memberships.get().pk])
    sentences = [
        f"{second} becomes the responsible contact person in {project.name_en}.",
        "Nobody is then the responsible contact person in Alone.",
    ]
    shown = client.get(address)
    assert shown.context["moves_up"] == sentences
    assert all(f"<li>{sentence}</li>" in shown.text for sentence in sentences)
    after = send(client, address)
    assert " ".join([f"{contact} no longer has access for Almby lärcentrum.", *sentences]) in after.text


def test_whose_access_ends_gets_a_letter_in_the_own_language(coordinator, contact):
    contact.language = "sv"
    contact.save()
    people.end_membership(membership=contact.memberships.get(), by=coordinator)
    (letter,) = Letter.objects.filter(to=contact.email)
    assert (letter.language, coordinator.email in letter.body) == ("sv", True)
    assert "Almby lärcentrum" in letter.subject


def test_who_ends_the_own_access_gets_no_letter(contact, coordinator):
    people.end_membership(membership=contact.memberships.get(), by=contact)
    assert not Letter.objects.exists()


def test_letter_says_what_has_ended(coordinator, contact):
    contact.language = "en"
    contact.save()
    people.end_membership(membership=contact.memberships.get(), by=coordinator)
    letter = Letter.objects.get()
    assert letter.subject == "Your access for Almby lärcentrum has ended"
    assert "Your access to Westum as contact person for Almby lärcentrum has ended." in letter.body
    assert f"Ended by {coordinator}." in letter.body
