"""The data of a member's statement: what it was given, uses and has left in each project, ready for JSON.

They are the same in both languages. Amounts are texts with two decimals, each beside its currency. None is what nobody has
stated: a share that was not given is no zero.
"""

from collections import Counter, defaultdict

from django.db.models import Count, Q
from django.utils import timezone

from consortium.models import (
    ActivityType,
    Allocation,
    BudgetShare,
    Organisation,
    Project,
    ProjectMember,
    ShareMove,
    Wish,
    WishAnswer,
)
from mobilities import grant_sums
from mobilities.models import Mobility, MobilityState
from mobilities.models.states import IS_WAITING_FOR_A_PLACE
from mobilities.stages import Stage
from reporting import covers


def locked(organisation):
    """The member's row under a lock that holds up no foreign keys.

    Its projects' rows are locked before, then its shares, each in the order of their keys, so that its figures are of
    one moment: whoever gives a place back locks the share and not the project.
    """
    projects = Project.objects.own().filter(pk__in=organisation.project_members.values("project"))
    list(projects.select_for_update(of=("self",), no_key=True).order_by("pk"))
    shares = Allocation.objects.filter(member__organisation=organisation, member__project__is_reference_record=False)
    list(shares.select_for_update(of=("self",), no_key=True).order_by("pk"))
    return Organisation.objects.with_statement().select_for_update(of=("self",), no_key=True).get(pk=organisation.pk)


def snapshot(organisation):
    """What it has in every project of the consortium's own now."""
    return of_members(organisation, ProjectMember.objects.filter(organisation=organisation))


def of_members(organisation, members):
    """The same of the given rows alone, a queryset of the organisation's `ProjectMember`. Ended projects are among them."""
    by_project = {member.project_id: member for member in members.filter(project__is_reference_record=False)}
    projects = list(Project.objects.filter(pk__in=by_project).select_related("owner").newest_first())
    members = list(by_project.values())
    activities = ActivityType.objects.in_bulk()
    places, money, moves = _places(members), _money(members), _moves(members)
    wishes, answers = (
        _wishes(members),
        dict(WishAnswer.objects.filter(member__in=members).values_list("member", "state")),
    )
    states, waiting = _mobilities(organisation, projects)
    grants = _grants(organisation, projects)
    return {
        "member": {
            "pk": organisation.pk,
            "name": organisation.name,
            "organisation_number": organisation.organisation_number,
        },
        "projects": [
            {
                "project": covers.project_facts(project) | {"slug": project.slug, "state": project.state},
                "member": member.pk,
                "places": _rows(activities, places[member.pk], wishes[member.pk], waiting[project.pk]),
                "wish": answers.get(member.pk),
                "money": money[member.pk],
                "moves": moves[member.pk],
                "grants": grants[project.pk],
                "mobilities": {
                    state: states[project.pk][state] for state in MobilityState if states[project.pk][state]
                },
            }
            for project, member in ((project, by_project[project.pk]) for project in projects)
        ],
    }


def _rows(activities, shares, wishes, waiting):
    """A row for each activity type of which there is something to say."""
    return [
        {
            "activity": {"key": activity.key, "sv": activity.name_sv, "en": activity.name_en},
            "wished": wishes.get(activity.pk),
            "given": shares[activity.pk][0] if activity.pk in shares else None,
            "taken": shares[activity.pk][1] if activity.pk in shares else None,
            "waiting": waiting[activity.pk],
        }
        for activity in activities.values()
        if activity.pk in shares or activity.pk in wishes or waiting[activity.pk]
    ]


def _places(members):
    found = defaultdict(dict)
    for share in Allocation.objects.filter(member__in=members):
        found[share.member_id][share.activity_type_id] = share.places, share.places_taken
    return found


def _wishes(members):
    found = defaultdict(dict)
    for wish in Wish.objects.filter(member__in=members):
        found[wish.member_id][wish.activity_type_id] = wish.places
    return found


def _money(members):
    """Shares by member, in the order of the budget: what is for the whole project stands last in its category."""
    found = defaultdict(list)
    shares = BudgetShare.objects.filter(member__in=members).select_related("category", "activity_type")
    for share in sorted(shares, key=lambda share: (share.category_id, share.activity_type_id or 10**9, share.pk)):
        found[share.member_id].append(
            {
                "category": _named(share.category),
                "activity": _named(share.activity_type),
                "currency": share.currency,
                "amount": f"{share.amount:.2f}",
            }
        )
    return found


def _moves(members):
    """Moves by member, newest first: places that came count as plus, those that went as minus."""
    found = defaultdict(list)
    own = {member.pk for member in members}
    moves = ShareMove.objects.filter(Q(giver__in=own) | Q(receiver__in=own)).with_names().newest_first()
    for move in moves:
        comes = move.receiver_id in own
        other = move.giver if comes else move.receiver
        found[move.receiver_id if comes else move.giver_id].append(
            {
                "on": timezone.localdate(move.moved_at).isoformat(),
                "activity": _named(move.activity_type),
                "places": move.places if comes else -move.places,
                "other": other.organisation.name,
                "reason": move.reason,
            }
        )
    return found


def _mobilities(organisation, projects):
    """How many in each state, and how many of each activity type wait for a place: two dicts of counters by project."""
    states, waiting = defaultdict(Counter), defaultdict(Counter)
    rows = (
        Mobility.objects.filter(sending_organisation=organisation, project__in=projects)
        .order_by()
        .values("project", "state", "activity_type")
        .annotate(number=Count("pk"), waiting=Count("pk", filter=IS_WAITING_FOR_A_PLACE))
    )
    for row in rows:
        states[row["project"]][row["state"]] += row["number"]
        waiting[row["project"]][row["activity_type"]] += row["waiting"]
    return states, waiting


def _grants(organisation, projects):
    """What the member's accepted and completed mobilities are granted, by project. Organisational support is not in it."""
    kept = grant_sums.kept_of_member(organisation, projects)
    unknown = Counter(
        Mobility.objects.filter(sending_organisation=organisation, project__in=projects)
        .without_grant()
        .values_list("project", flat=True)
    )
    return {
        project.pk: {
            "amounts": [
                [stage, f"{kept[project.pk, stage].amount_eur:.2f}", kept[project.pk, stage].is_verified]
                for stage in (Stage.ACCEPTED, Stage.ACTUAL)
                if (project.pk, stage) in kept
            ],
            "unknown": unknown[project.pk],
            "example_of": project.rates_of if project.has_example_rates else None,
        }
        for project in projects
    }


def _named(row):
    return row and {"key": row.key, "sv": row.name_sv, "en": row.name_en}
