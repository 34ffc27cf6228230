"""From the award to the members' shares by a key that everybody can follow: a quota for each, then the largest remainders.

1. A member's quota is award × the member's number / the sum of the numbers.
2. Who has more places taken than the quota keeps those; the rest of the award is divided among the others anew.
3. Each gets the whole places of the quota. What is left goes one by one to the largest remainders; with equal ones to
   the larger number, then in the order of the list.

By wishes nobody gets more than was wished for: when fewer places are wished for than there are to divide, the rest of
the award stays unshared.
"""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop, ngettext

from consortium import share_letters, shares
from consortium.models import Allocation, ProjectMember, Wish
from consortium.permissions import NotAllowed
from westum.base.forms import Changed
from westum.base.money import round_half_up

SHARED_OUT = gettext_noop("shared out the award")


class Key(models.TextChoices):
    EQUAL = "equal", gettext_lazy("Equal for every member")
    WISHES = "wishes", gettext_lazy("By the places wished for")
    HAND = "hand", gettext_lazy("By hand, from the shares of today")

    @property
    def is_ceiling(self):
        """Is the number of a member also the most that it gets?"""
        return self == Key.WISHES


@dataclass(frozen=True)
class Portion:
    """What one member gets, and the steps to it. `kept` says that the quota was less than what is taken."""

    number: int
    quota: Fraction
    places: int
    kept: bool = False

    @property
    def whole(self):
        return self.quota.numerator // self.quota.denominator

    @property
    def quota_shown(self):
        """With two decimals, as a page shows it."""
        return round_half_up(Decimal(self.quota.numerator) / self.quota.denominator, 2)

    @property
    def added(self):
        """1 when the remainder brought one place more."""
        return self.places - self.whole


def divide(award, numbers, least, is_ceiling=False):
    """The portions of `award` places in the order of `numbers`; nobody gets less than in `least`.

    Their sum is the award. With `is_ceiling` nobody gets more than the own number either, unless it is taken already,
    and the sum may be less. Raises NotAllowed when all numbers are 0, or when more is taken than awarded.
    """
    if not sum(numbers):  # each member has 1 by the other key
        raise NotAllowed(
            _(
                "No member has wished for places of this activity, so there is nothing to share out by. Choose another key."
            )
        )
    if sum(least) > award:
        raise NotAllowed(_("More places are taken than were awarded."))
    keeping = set()
    while True:
        rest, quotas = _quotas(award, numbers, least, keeping, is_ceiling)
        short = {index for index, quota in quotas.items() if quota < least[index]}
        if not short:
            break
        keeping |= short
    places = {index: quota.numerator // quota.denominator for index, quota in quotas.items()}
    left = rest - sum(places.values())
    by_rest = sorted(quotas, key=lambda index: (places[index] - quotas[index], -numbers[index], index))
    for index in by_rest[:left]:
        places[index] += 1
    return [
        Portion(number, Fraction(least[index]), least[index], kept=True)
        if index in keeping
        else Portion(number, quotas[index], places[index])
        for index, number in enumerate(numbers)
    ]


def _quotas(award, numbers, least, keeping, is_ceiling):
    """What is divided among those who do not just keep theirs, and each one's part of it."""
    others = [index for index in range(len(numbers)) if index not in keeping]
    weight = sum(numbers[index] for index in others)
    rest = award - sum(least[index] for index in keeping)
    if is_ceiling:
        rest = min(rest, weight)
    return rest, {index: Fraction(rest * numbers[index], weight) if weight else Fraction(0) for index in others}


def numbers(key, project, activity_type, members):
    """The key's number of each member; None by hand, which needs none."""
    if key == Key.HAND:
        return None
    if key == Key.EQUAL:
        return [1 for _member in members]
    rows = Wish.objects.filter(member__project=project, activity_type=activity_type)
    wished = dict(rows.values_list("member", "places"))
    return [wished.get(member.pk, 0) for member in members]


@transaction.atomic
def share_out(*, project, activity_type, places, seen, reason, by):
    """Set the shares of all members named in `places` (number by ProjectMember's key) at once, or none of them.

    The contact persons of each member whose share changes get a letter. `seen` has the version of each share that the
    user saw, 0 where there was none. Raises Changed when one has moved since, and NotAllowed at the field
    `places-<key>` when a member holds more, or when the award does not stretch.
    """
    line = shares.locked_award(project, activity_type)
    members = list(
        ProjectMember.objects.filter(project=project, pk__in=places).select_for_update(of=("self",)).order_by("pk")
    )
    found = Allocation.objects.filter(member__in=members, activity_type=activity_type).order_by("pk")
    by_member = {share.member_id: share for share in found.select_for_update(of=("self",))}
    changed = []
    for member in members:
        share = by_member.get(member.pk) or Allocation(member=member, activity_type=activity_type)
        if share.version != seen.get(member.pk, 0):
            raise Changed
        _refuse_less_than_taken(share, places[member.pk])
        if share.places != places[member.pk]:
            changed.append((share, share.places, places[member.pk]))
    _write(line, changed, reason)
    share_letters.tell_of_places({share.pk: before for share, before, _after in changed}, reason=reason, by=by)
    return [share for share, _before, _after in changed]


def _write(line, changed, reason):
    change = sum(after - before for _share, before, after in changed)
    if change > line.places_left:
        raise NotAllowed(
            _("This adds up to %(sum)s places, and %(award)s were awarded. Make some shares smaller.")
            % {"sum": line.places_shared + change, "award": line.places}
        )
    if change:
        line.places_shared += change
        line._change_reason = f"{SHARED_OUT}\n{reason}"
        line.save(update_fields=["places_shared"])
    for share, before, after in changed:
        share.places = after
        share.version += 1
        share._change_reason = f"{SHARED_OUT}\n{before} → {after}. {reason}"
        share.save()


def _refuse_less_than_taken(share, places):
    if places < share.places_taken:
        raise NotAllowed(
            ngettext(
                "%(taken)s place is already taken. Write at least that number.",
                "%(taken)s places are already taken. Write at least that number.",
                share.places_taken,
            )
            % {"taken": share.places_taken},
            field=f"places-{share.member_id}",
        )
