"""Whom a letter to a member goes to."""

from collections import defaultdict

from consortium.models import Membership


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
