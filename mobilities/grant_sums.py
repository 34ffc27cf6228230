"""What the grants of a project's mobilities add up to, by category, activity type, member and stage.

Of drafts and submitted mobilities the grant is worked out anew, by the tables as they stand; of accepted and completed
ones it is the lines that are kept. Withdrawn and cancelled mobilities count nowhere, and what cannot be worked out is no
zero: it is named in `Sums.unknown`. As many queries for five thousand mobilities as for one.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Case, Count, Q, Value, When
from django.utils.translation import gettext

from mobilities import explanations, mobility_grants
from mobilities.grants import NotGranted
from mobilities.models import GrantLine
from mobilities.models.states import COMPLETED_OR_LATER
from mobilities.rate_books import RateMissing
from mobilities.stages import STAGE_OF, Stage
from westum.base.money import Total

OF_ONE_MOBILITY = {"distance_km", "travel_mode"}  # what of a missing rate no sentence needs


class Key(NamedTuple):
    """Whose money: budget category and activity type by their keys, the member as an organisation, and the stage."""

    category: str
    activity: str | None
    organisation: int
    stage: str


class Cause(NamedTuple):
    """Why grants of a stage cannot be worked out, in what JSON and a Counter can keep. `sentence` says it."""

    stage: str
    kind: str  # "lacking", "missing", "refused" or "not_kept"
    name: str = ""  # of the fact, the table or the rule
    number: int | None = None  # the rule's limit, or the call year
    case: tuple[tuple[str, object], ...] = ()


@dataclass
class Sums:
    amounts: dict[Key, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    unverified: set[Key] = field(default_factory=set)  # sums in which an amount rests on a rate that is not verified
    unknown: Counter[Cause] = field(default_factory=Counter)
    unsettled: int = 0  # completed mobilities that are counted by their accepted grant


def of_project(project, books):
    sums = Sums(unsettled=project.mobilities.unsettled().count())
    _add_kept(project, sums)
    parties = "activity_type", "sending_organisation", "receiving_organisation"
    for mobility in project.mobilities.planned().select_related(*parties):
        _add_planned(mobility, books, sums)
    for mobility in project.mobilities.without_grant().select_related(*parties):
        sums.unknown[_cause(mobility_grants.worked_out(mobility, books), STAGE_OF[mobility.state])] += 1
    return sums


def _add_kept(project, sums):
    columns = "category", "mobility__activity_type__key", "mobility__sending_organisation", "stage"
    for *names, total, doubts in _kept_by(*columns, mobility__project=project):
        key = Key(*names)
        sums.amounts[key] = total
        if doubts:
            sums.unverified.add(key)


def _kept_by(*names, **whose):
    """The lines in force added up by the values of `names`, with how many of them rest on a rate in doubt."""
    is_completed = When(mobility__state__in=COMPLETED_OR_LATER, then=Value(Stage.ACTUAL))
    return (
        GrantLine.objects.in_force()
        .filter(**whose)
        .order_by()
        .annotate(stage=Case(is_completed, default=Value(Stage.ACCEPTED)))
        .values_list(*names)
        .annotate(total=Total("amount_eur"), doubts=Count("pk", filter=Q(is_verified=False)))
    )


@dataclass(frozen=True)
class KeptSum:
    """What mobilities of one stage are granted, and whether each rate behind it is verified."""

    amount_eur: Decimal
    is_verified: bool


def kept_of_member(organisation, projects):
    """(project's key, stage) → KeptSum of the member's mobilities that are accepted or completed. One query."""
    rows = _kept_by(
        "mobility__project",
        "stage",
        mobility__project__in=projects,
        mobility__sending_organisation=organisation,
    )
    return {(project, stage): KeptSum(total, not doubts) for project, stage, total, doubts in rows}


def _add_planned(mobility, books, sums):
    grant, stage = mobility_grants.worked_out(mobility, books), STAGE_OF[mobility.state]
    if not grant.is_known:
        sums.unknown[_cause(grant, stage)] += 1
    for line in grant.lines:
        key = Key(line.category, mobility.activity_type.key, mobility.sending_organisation_id, stage)
        sums.amounts[key] += line.amount_eur
        if not line.is_verified:
            sums.unverified.add(key)


# Why


def _cause(grant, stage):
    if grant.missing:
        case = {name: value for name, value in grant.missing.case.items() if name not in OF_ONE_MOBILITY}
        return Cause(stage, "missing", grant.missing.table, grant.missing.call_year, tuple(sorted(case.items())))
    if grant.refused:
        return Cause(stage, "refused", grant.refused.reason, grant.refused.limit)
    if grant.lacking:
        return Cause(stage, "lacking", grant.lacking[0].field)
    return Cause(stage, "not_kept")


def missing_rate(cause):
    return RateMissing(cause.name, cause.number, **dict(cause.case))


def sentence(cause):
    """Why, in the active language."""
    if cause.kind == "missing":
        return explanations.missing(missing_rate(cause))
    if cause.kind == "refused":
        return explanations.refusal(NotGranted(cause.name, cause.number))[1]
    if cause.kind == "lacking":
        return str(mobility_grants.LACKING[cause.name])
    return gettext("It could not be worked out when it was accepted. Today it could.")
