"""Who belongs to the network, since when and until when."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from consortium import network
from consortium.models import NetworkMembership, OrganisationKind
from consortium.permissions import NotAllowed
from tests import factories
from westum.base.forms import Changed
from westum.base.history import lines_of


def join(organisation):
    return reverse("consortium:network_join", args=[organisation.pk])


def page_of(membership):
    return reverse("consortium:network_membership", args=[membership.organisation_id, membership.pk])


def test_coordinator_enters_a_member_without_a_day_that_nobody_knows(sign_in, coordinator, member_a, send):
    page = send(sign_in(coordinator), join(member_a))
    membership = NetworkMembership.objects.get()
    assert (membership.joined_on, membership.left_on, membership.is_valid) == (None, None, True)
    assert "Member of the network" in page.text
    assert page_of(membership) in page.text


def test_membership_ends_by_a_day_and_the_next_begins_after_it(sign_in, coordinator, member_a, send):
    client, first = sign_in(coordinator), factories.NetworkMembershipFactory(organisation=member_a)
    send(client, page_of(first), left_on=factories.day(-30))
    page = send(client, join(member_a), joined_on=factories.day(-29))
    assert [row.is_valid for row in page.context["in_network"]] == [True, False]
    first.refresh_from_db()
    assert (first.left_on, first.version) == (factories.day(-30), 1)
    assert lines_of(first)[0].what == "changed the membership of the network"


@pytest.mark.parametrize(
    ("joined", "left", "field"),
    [(-500, None, "left_on"), (-300, -200, "joined_on"), (None, -350, "left_on"), (-100, None, "joined_on")],
)
def test_two_memberships_never_meet(joined, left, field, coordinator, member_a):
    factories.NetworkMembershipFactory(organisation=member_a, left_on=factories.day(-100))
    days = {"joined_on": joined, "left_on": left}
    row = NetworkMembership(
        organisation=member_a, **{name: None if day is None else factories.day(day) for name, day in days.items()}
    )
    with pytest.raises(NotAllowed) as refused:
        network.keep(membership=row, by=coordinator)
    assert list(refused.value.message_dict) == [field]
    assert NetworkMembership.objects.count() == 1


def test_second_open_membership_is_refused_at_the_field(sign_in, coordinator, member_a, send):
    factories.NetworkMembershipFactory(organisation=member_a)
    page = send(sign_in(coordinator), join(member_a), joined_on=factories.day(-3))
    assert list(page.context["form"].errors) == ["left_on"]


def test_only_members_belong_to_the_network(sign_in, coordinator, host, member_a):
    assert sign_in(coordinator).get(join(host)).status_code == 404
    member_a.kind = OrganisationKind.OTHER
    member_a.save()
    with pytest.raises(NotAllowed, match="Only a member"):
        network.keep(membership=NetworkMembership(organisation=member_a), by=coordinator)


@pytest.mark.parametrize("who", ["staff", "auditor", "contact"])
def test_others_read_the_membership_and_change_nothing(who, request, sign_in, project, member_a):
    membership = factories.NetworkMembershipFactory(organisation=member_a)
    client = sign_in(request.getfixturevalue(who))
    page = client.get(member_a.get_absolute_url())
    assert list(page.context["in_network"]) == [membership]
    assert page_of(membership) not in page.text
    assert client.post(page_of(membership), {}).status_code == 404
    assert client.post(join(member_a), {}).status_code == 404


def test_somebody_faster_is_noticed(coordinator, member_a):
    membership = factories.NetworkMembershipFactory(organisation=member_a)
    stale = NetworkMembership.objects.get(pk=membership.pk)
    network.keep(membership=membership, by=coordinator)
    with pytest.raises(Changed):
        network.keep(membership=stale, by=coordinator)


@pytest.mark.parametrize(
    "broken",
    [
        {"joined_on": factories.day(-300), "left_on": factories.day(-301)},
        {"joined_on": factories.day(-3), "left_on": None},
        {"joined_on": None, "left_on": factories.day(-900)},
    ],
)
def test_constraints_hold(broken, member_a):
    factories.NetworkMembershipFactory(organisation=member_a)
    factories.NetworkMembershipFactory(organisation=member_a, joined_on=None, left_on=factories.day(-999))
    with pytest.raises(IntegrityError), transaction.atomic():
        factories.NetworkMembershipFactory(organisation=member_a, **broken)


@pytest.mark.parametrize(
    ("network", "found"),
    [
        ("now", ["Almby lärcentrum"]),
        ("earlier", ["Björkby lärcentrum"]),
        ("never", ["Nätverk Westum"]),
        ("sometime", ["Almby lärcentrum", "Björkby lärcentrum", "Nätverk Westum"]),
    ],
)
def test_list_of_organisations_is_narrowed_by_the_network(network, found, sign_in, coordinator, member_a, member_b):
    factories.NetworkMembershipFactory(organisation=member_a, joined_on=factories.day(-400), left_on=factories.day(-30))
    factories.NetworkMembershipFactory(organisation=member_a, joined_on=factories.day(-3))
    factories.NetworkMembershipFactory(organisation=member_b, left_on=factories.day(-1))
    page = sign_in(coordinator).get(reverse("consortium:organisations"), {"network": network})
    assert [str(row) for row in page.context["page"]] == found
