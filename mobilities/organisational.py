"""Organisational support of a project: what is due for its participants as they are now. It is kept nowhere.

It belongs to no person. Who has completed the stay is counted, for a forecast who is accepted or planned as well;
preparatory visits are not counted. The coordinator keeps a stated part, the members share the rest by their completed
participants.
"""

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Count

from consortium import share_keys
from mobilities.grants import GrantLine, organisational_support
from mobilities.models.states import OFF
from mobilities.rate_books import RateMissing
from mobilities.stages import STAGE_OF, Stage
from westum.base.money import CENT, round_half_up


class Participants(NamedTuple):
    """Whose and what: `code` is as which activity they count."""

    organisation: int
    code: str


@dataclass(frozen=True)
class Support:
    """What is due: the lines with their steps, or what a table lacks."""

    lines: tuple[GrantLine, ...] = ()
    missing: RateMissing | None = None

    @property
    def amount_eur(self):
        """None while it cannot be worked out."""
        return None if self.missing else sum((line.amount_eur for line in self.lines), Decimal(0))


def participants(project, book):
    """How many participants count, by the stage of their mobilities: stage → Counter of Participants. One query.

    What has no activity or no host yet is not among them; what has both counts, though its grant cannot be worked out.
    """
    found = {stage: Counter() for stage in Stage}
    rows = (
        project.mobilities.exclude(state__in=OFF)
        .filter(activity_type__isnull=False, receiving_organisation__isnull=False)
        .order_by()
        .values_list(
            "state",
            "sending_organisation",
            "activity_type__ec_code",
            "activity_type__key",
            "receiving_organisation__country",
        )
        .annotate(number=Count("pk"))
    )
    for state, organisation, ec_code, key, country, number in rows:
        code = ec_code or key
        activity = book.activities.get(code)
        if activity is None or not activity.is_preparatory_visit:
            found[STAGE_OF[state]][Participants(organisation, book.counted_as(code, country))] += number
    return found


def due(counts, book, awarded_eur):
    """The Support for so many participants by code, at most what is awarded (None: no limit)."""
    try:
        return Support(tuple(organisational_support(counts, book, awarded_eur)))
    except RateMissing as missing:
        return Support(missing=missing)


def by_code(*counters):
    """Counters of Participants added up over the members."""
    found = Counter()
    for counter in counters:
        for (_organisation, code), number in counter.items():
            found[code] += number
    return found


def by_organisation(participants):
    """A Counter of Participants added up over the activities."""
    found = Counter()
    for (organisation, _code), number in participants.items():
        found[organisation] += number
    return found


def shared(amount_eur, percent, completed):
    """By the key: `(the coordinator's, {organisation: its part})`. `completed` is organisation → participants.

    The members' parts are divided to the cent by the largest remainders. While nobody has completed anything there is
    nobody to share with, and all stays with the coordinator.
    """
    weights = {organisation: number for organisation, number in sorted(completed.items()) if number}
    if not weights:
        return amount_eur, {}
    coordinator = round_half_up(amount_eur * percent / 100)
    cents = int((amount_eur - coordinator) / CENT)
    portions = share_keys.divide(cents, list(weights.values()), [0] * len(weights))
    return coordinator, {
        organisation: portion.places * CENT for organisation, portion in zip(weights, portions, strict=True)
    }
