"""Stays as numbers, what members say of a host, and who knows it."""

import pytest
from django.urls import reverse

from consortium import host_ties, hosts
from consortium.models import Acquaintance, HostVerdict, Organisation
from consortium.permissions import NotAllowed
from tests import factories
from tests.consortium.conftest import fields

LIST = reverse("consortium:hosts")


def stay(project, member, host, group="learner", state="completed"):
    person = factories.ParticipantFactory(organisation=member, group=group)
    return factories.MobilityFactory(project=project, participant=person, receiving_organisation=host, state=state)


def judge_url(host, member):
    return reverse("consortium:judge_host", args=[host.pk, member.pk])


def know_url(host):
    return reverse("consortium:know_host", args=[host.pk])


@pytest.fixture
def used(project, member_a, member_b, host):
    """Two learners and one of staff of A have been there, one learner of B; one of A is there now."""
    for member, group in [
        (member_a, "learner"),
        (member_a, "learner"),
        (member_a, "supervisor"),
        (member_b, "learner"),
    ]:
        stay(project, member, host, group)
    stay(project, member_a, host, state="ongoing")
    return host


def counted(host):
    (found,) = host_ties.count(list(host_ties.loaded(Organisation.objects.filter(pk=host.pk))))
    return found


# Stays


def test_stays_are_counted_by_member_and_group(used, contact, member_a, member_b):
    found = counted(used)
    rows = host_ties.experiences(found, contact)
    assert [(row.member, row.count.learners, row.count.staff) for row in rows] == [(member_a, 2, 1), (member_b, 1, 0)]
    assert found.stays == 4


def test_page_shows_numbers_and_no_participant(sign_in, contact, coordinator, used):
    for user in (contact, coordinator):
        page = sign_in(user).get(used.get_absolute_url())
        assert "4 stays have ended here." in page.text
        for mobility in used.incoming_mobilities.all():
            assert mobility.participant.last_name not in page.text
            assert mobility.get_absolute_url() not in page.text


# Would use again


def test_a_member_says_whether_it_would_use_the_host_again(sign_in, send, contact, used, member_a):
    client, url = sign_in(contact), judge_url(used, member_a)
    assert url in client.get(used.get_absolute_url()).text
    page = send(client, url, would_use_again="False", note="Too far from town.")
    verdict = HostVerdict.objects.get()
    assert (verdict.organisation, verdict.would_use_again, verdict.given_by) == (member_a, False, contact)
    assert "0 of 1 member would use it again." in page.text
    assert "Too far from town." in page.text
    send(client, url, would_use_again="True", note="They have moved.")
    verdict.refresh_from_db()
    assert (verdict.would_use_again, verdict.version, verdict.history.count()) == (True, 1, 2)


def test_all_members_read_what_one_says(sign_in, other_contact, contact, used, member_a):
    hosts.judge(verdict=HostVerdict(host=used, organisation=member_a, would_use_again=True, note="Good."), by=contact)
    page = sign_in(other_contact).get(used.get_absolute_url())
    assert "Good." in page.text
    assert judge_url(used, member_a) not in page.text
    assert "1 yes, 0 no" in sign_in(other_contact).get(LIST).text


@pytest.mark.parametrize("who", ["other_contact", "staff", "auditor", "outsider", "participant"])
def test_others_say_nothing_for_the_member(who, request, sign_in, used, member_a):
    client = sign_in(request.getfixturevalue(who))
    assert client.get(judge_url(used, member_a)).status_code == 404
    assert client.post(judge_url(used, member_a), {"would_use_again": "False"}).status_code == 404
    with pytest.raises(NotAllowed, match="The member itself"):
        hosts.judge(
            verdict=HostVerdict(host=used, organisation=member_a, would_use_again=False),
            by=request.getfixturevalue(who),
        )
    assert not HostVerdict.objects.exists()


def test_nothing_is_said_before_a_stay_has_ended(sign_in, send, contact, project, host, member_a):
    stay(project, member_a, host, state="ongoing")
    client = sign_in(contact)
    assert judge_url(host, member_a) not in client.get(host.get_absolute_url()).text
    errors = send(client, judge_url(host, member_a), would_use_again="True").context["form"].errors
    assert "when a stay" in errors["would_use_again"][0]
    assert not HostVerdict.objects.exists()


def test_answer_is_asked_for(sign_in, contact, used, member_a):
    errors = sign_in(contact).post(judge_url(used, member_a), {}).context["form"].errors
    assert list(errors) == ["would_use_again"]


def test_second_editor_of_an_answer_sees_both(sign_in, send, contact, coordinator, used, member_a):
    hosts.judge(verdict=HostVerdict(host=used, organisation=member_a, would_use_again=True, note="First."), by=contact)
    client, url = sign_in(contact), judge_url(used, member_a)
    mine = fields(client.get(url).context["form"], note="Mine.")
    send(sign_in(coordinator), url, note="Theirs.")
    page = client.post(url, mine)
    assert [(line["mine"], line["theirs"]) for line in page.context["form"].conflict] == [("Mine.", "Theirs.")]


# Who knows it


def test_whoever_knows_a_host_says_so_and_takes_it_back(sign_in, contact, other_contact, host):
    client = sign_in(contact)
    for _press in range(2):
        page = client.post(know_url(host), {"knows": "yes"}, follow=True)
    assert Acquaintance.objects.get().user == contact
    assert "I no longer know them" in page.text
    seen = sign_in(other_contact).get(host.get_absolute_url()).text
    assert contact.name in seen
    assert contact.email in seen
    assert "I know them" in seen
    client.post(know_url(host), {"knows": "no"})
    assert not Acquaintance.objects.exists()
    assert Acquaintance.history.count() == 2


@pytest.mark.parametrize("who", ["staff", "auditor", "outsider", "participant"])
def test_who_has_no_hosts_knows_none(who, request, sign_in, host):
    user = request.getfixturevalue(who)
    assert sign_in(user).post(know_url(host), {"knows": "yes"}).status_code == 404
    with pytest.raises(NotAllowed):
        hosts.know(host=host, by=user)
    assert not Acquaintance.objects.exists()


def test_who_has_left_is_no_longer_shown(sign_in, contact, coordinator, host):
    hosts.know(host=host, by=contact)
    assert [known.user for known in counted(host).known_by] == [contact]
    contact.memberships.unkept("a test").update(to_date=factories.day(-1))
    assert counted(host).known_by == []
    assert contact.email not in sign_in(coordinator).get(host.get_absolute_url()).text


def test_list_takes_the_same_queries_for_any_number(sign_in, contact, project, member_a, django_assert_max_num_queries):
    client, counted = sign_in(contact), []
    for n in (1, 3, 25):
        for _ in range(n - Organisation.objects.hosts().count()):
            host = factories.OrganisationFactory(host=True, found_by=member_a)
            stay(project, member_a, host)
            hosts.know(host=host, by=contact)
            HostVerdict(host=host, organisation=member_a, would_use_again=True).save()
        with django_assert_max_num_queries(24) as queries:
            page = client.get(LIST)
        assert len(page.context["page"].object_list) == n
        counted.append(len(queries))
    assert len(set(counted)) == 1
