"""With whom the members work: each pair of a member and a partner, with its latest round."""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Sum

from consortium.models import Organisation
from consortium.permissions import Permission
from mobilities.models import Mobility, PartnershipPhase, PartnershipRating, PartnershipReview, Side
from mobilities.partnership_figures import to_a_decimal
from westum.base.text import sort_key


@dataclass
class Pair:
    member: Organisation
    partner: Organisation
    latest: PartnershipReview | None = None
    due_on: object = None  # the day chosen in the latest closed round, while no other is open
    phases: tuple = ()  # (phase, mean of the school, mean of the workplace)

    @property
    def is_due(self):
        return self.latest is not None and self.due_on is not None and self.latest.is_due


def members_of(user):
    """Members whose partnerships the user reads."""
    return Organisation.objects.members().permitting(user, Permission.PARTNERSHIP_VIEW).in_order()


def pairs(user):
    """Partners that a member has met for a round, and behind them those that it has found or sent participants to."""
    members = {member.pk: member for member in members_of(user)}
    reviews = PartnershipReview.objects.visible_to(user).order_by("number")
    latest = {(review.organisation_id, review.partner_id): review for review in reviews}
    partners = Organisation.objects.visible_to(user).partners()
    keys = {*latest}
    keys.update(partners.filter(found_by__in=members).values_list("found_by", "pk"))
    stays = Mobility.objects.completed().filter(sending_organisation__in=members)
    keys.update(stays.values_list("sending_organisation", "receiving_organisation").distinct())
    by_key = {partner.pk: partner for partner in partners}
    found = [
        _pair(members[member], by_key[partner], latest.get((member, partner)))
        for member, partner in keys
        if member in members and partner in by_key
    ]
    return sorted(found, key=_in_order)


def _in_order(pair):
    return pair.latest is None, sort_key(pair.partner.name), sort_key(pair.member.name), pair.partner.pk


def _pair(member, partner, latest):
    due_on = latest.next_on if latest and not latest.is_open else None
    return Pair(member, partner, latest, due_on)


def with_means(found):
    """The pairs, each with the means of its latest round."""
    phases = list(PartnershipPhase.objects.all())
    means = means_of([pair.latest for pair in found if pair.latest])
    for pair in found:
        if pair.latest:
            pair.phases = phases_of(phases, means, pair.latest)
    return found


def phases_of(phases, means, review):
    return tuple(
        (phase, *(means.get((review.pk, phase.pk, side)) for side in (Side.SCHOOL, Side.EMPLOYER))) for phase in phases
    )


def means_of(reviews):
    """Mean of the answers by review's key, phase's key and side."""
    rows = PartnershipRating.objects.filter(review__in=reviews, score__isnull=False)
    rows = rows.values_list("review", "statement__phase", "side").annotate(Sum("score"), Count("score"))
    return {(review, phase, side): to_a_decimal(Decimal(total) / n) for review, phase, side, total, n in rows}


@dataclass(frozen=True)
class Rounds:
    """A member's rounds with one partner, newest first; each with the means of its phases."""

    member: Organisation
    reviews: tuple


def rounds_by_member(reviews):
    reviews = list(reviews.with_parties().order_by("-number"))
    phases, means, found = list(PartnershipPhase.objects.all()), means_of(reviews), defaultdict(list)
    for review in reviews:
        review.phases = phases_of(phases, means, review)
        found[review.organisation].append(review)
    members = sorted(found, key=lambda member: sort_key(member.name))
    return [Rounds(member, tuple(found[member])) for member in members]
