"""The data of a project's budget: what its latest decision awards, what is shared out, what grants use, ready for JSON.

They are the same in both languages. Amounts are texts with two decimals, each beside its currency; None is what nobody has
stated.
"""

from collections import defaultdict

from consortium.models import BudgetShare
from reporting import covers, figures, grant_data


def snapshot(project):
    """What is awarded, shared out, planned and used in the project now."""
    lines = _lines(project)
    return {
        "project": covers.project_data(project),
        "lines": [_line(line) for line in lines if line.amount is not None or line.category_id],
        "places": [
            {"activity": _named(line.activity_type), "awarded": line.places, "shared": line.places_shared}
            for line in lines
            if line.places is not None and line.activity_type_id and not line.category_id
        ],
        "members": _members(project),
        "grants": grant_data.snapshot(project),
    }


def _lines(project):
    if project.decision is None:
        return []
    lines = project.decision.lines.select_related("category", "activity_type")
    # What has no category, and what is for the whole project, stands last.
    return sorted(lines, key=lambda line: (line.category_id or 10**9, line.activity_type_id or 10**9, line.pk))


def _line(line):
    can_be_shared = line.amount is not None and line.category_id
    return {
        "category": _named(line.category),
        "activity": _named(line.activity_type),
        "currency": line.currency,
        "awarded": _text(line.amount),
        "shared": _text(line.amount_shared) if can_be_shared else None,
    }


def _members(project):
    """Each member with its places and its shares of the money, `[category, activity type, currency, amount]`."""
    members = list(project.members.select_related("organisation").in_order())
    places = figures.places(members)
    shares = defaultdict(list)
    for share in (
        BudgetShare.objects.filter(member__in=members).select_related("category", "activity_type").order_by("pk")
    ):
        activity = share.activity_type and share.activity_type.key
        shares[share.member_id].append([share.category.key, activity, share.currency, _text(share.amount)])
    return [
        {
            "pk": member.pk,
            "organisation": member.organisation_id,
            "name": member.organisation.name,
            "places": places[member.pk].all if member.pk in places else None,
            "shares": shares[member.pk],
        }
        for member in members
    ]


def _named(row):
    return row and {"key": row.key, "sv": row.name_sv, "en": row.name_en}


def _text(amount):
    """1000.00 as both databases write it, whatever they return."""
    return None if amount is None else f"{amount:.2f}"
