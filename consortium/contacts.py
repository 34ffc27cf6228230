"""The contact persons of a member: whom a letter to it goes to, and who may answer for it."""

from collections import defaultdict

from consortium.models import Membership, Organisation, User
from consortium.permissions import Permission
from westum.base.text import swedish


def of_members(members):
    """The contact persons of today of each member's organisation: lists of users by the organisation's number. One query."""
    rows = (
        Membership.objects.valid_today()
        .contacts()
        .filter(organisation__in={member.organisation_id for member in members}, user__is_active=True)
        .select_related("user")
        .order_by("user__name", "pk")
    )
    found = defaultdict(dict)
    for row in rows:
        found[row.organisation_id][row.user_id] = row.user
    return {organisation: list(users.values()) for organisation, users in found.items()}


def to_choose_from(organisation):
    """Users who are contact persons of the organisation today, by name."""
    rows = Membership.objects.valid_today().contacts().filter(organisation=organisation)
    return User.objects.filter(is_active=True, pk__in=rows.values("user")).order_by(swedish("name"), "pk")


def known_to(user):
    """Keys of the organisations whose people the user may know."""
    return set(Organisation.objects.permitting(user, Permission.PEOPLE_VIEW).values_list("pk", flat=True))
