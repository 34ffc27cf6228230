"""Places: from the award to the members' shares. Counters are written under the row's lock and checked by the database.

Locks are taken in one order, all awarded lines before member before share, so that two writers cannot wait for each other.
"""

from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from consortium import project_states, share_letters
from consortium.models import ActivityType, Allocation, AwardedLine, ProjectMember
from consortium.permissions import NotAllowed
from westum.base.forms import Changed

GAVE_PLACES = gettext_noop("gave places")
TOOK_A_PLACE = gettext_noop("took a place")
FREED_A_PLACE = gettext_noop("freed a place")


def awarded_lines(project):
    """The lines of the latest decision that award places, which shares are taken from."""
    return AwardedLine.objects.in_force().filter(
        decision__project=project, places__isnull=False, activity_type__isnull=False, category__isnull=True
    )


def lock_lines(project):
    """Lock the awarded lines of all the project's decisions, in their order, until the transaction ends."""
    list(AwardedLine.objects.filter(decision__project=project).select_for_update(of=("self",)).order_by("pk"))


def locked_award(project, activity_type):
    """The awarded line that shares of the activity type are taken from, under the lock of all the project's lines.

    Raises NotAllowed when shares are not open, or when the latest decision awards no places of the kind.
    """
    if not project_states.locked(project).takes_registrations:
        raise NotAllowed(_("Shares can be changed only while the project is running."))
    lock_lines(project)  # whoever is entering a decision is let finish first; what counts is looked up after that
    line = awarded_lines(project).select_for_update(of=("self",)).filter(activity_type=activity_type).first()
    if line is None:
        raise NotAllowed(_("The decision awards no places for this activity."))
    return line


def share_of(member, activity_type):
    """The member's share of the activity type; a new one with no places, not saved, where there is none yet."""
    share = Allocation.objects.filter(member=member, activity_type=activity_type).first()
    return share or Allocation(member=member, activity_type=activity_type)


def by_member(members, activity_type):
    """The shares of the activity type that there are, by the member's number."""
    rows = Allocation.objects.filter(member__in=members, activity_type=activity_type)
    return {share.member_id: share for share in rows}


class Table:
    """Members × activity types: in each cell the share, if there is one; below each column the sum of what is shown.

    The caller has asked which members the reader may see, `with_shares()`.
    """

    def __init__(self, lines, members):
        self.activity_types = [line.activity_type for line in lines]
        self.rows = [(member, self._cells(member)) for member in members]
        self.sums = [
            Sum.of(kind, [cells[column].share for _member, cells in self.rows])
            for column, kind in enumerate(self.activity_types)
        ]

    def _cells(self, member):
        found = {share.activity_type_id: share for share in member.allocations.all()}
        return [Cell(kind, found.get(kind.pk)) for kind in self.activity_types]


@dataclass(frozen=True)
class Cell:
    activity_type: ActivityType
    share: Allocation | None

    @property
    def parts(self):
        """Of the bar: what is taken."""
        return [{"value": self.share.places_taken}]


@dataclass(frozen=True)
class Sum:
    activity_type: ActivityType
    places: int
    places_taken: int

    @classmethod
    def of(cls, activity_type, shares):
        shares = [share for share in shares if share]
        return cls(activity_type, sum(share.places for share in shares), sum(share.places_taken for share in shares))


@transaction.atomic
def give_places(*, member, activity_type, places, reason, by, version=None):
    """Set a member's share of an activity type to `places` and keep the reason in the history.

    The member's contact persons get a letter when that is another number than before. `version` is the one of the share
    that the user saw, 0 where there was none. Raises NotAllowed when the award does not stretch or when more places
    than that are already taken, and Changed when somebody else has moved the share since.
    """
    line = locked_award(member.project, activity_type)
    # The member's row is the lock for a share that does not exist yet.
    ProjectMember.objects.select_for_update(of=("self",)).get(pk=member.pk)
    share = (
        Allocation.objects.select_for_update(of=("self",)).filter(member=member, activity_type=activity_type).first()
    ) or Allocation(member=member, activity_type=activity_type)
    if version is not None and share.version != version:
        raise Changed
    _refuse_what_does_not_fit(line, share, places)
    line.places_shared += places - share.places
    line._change_reason = share._change_reason = f"{GAVE_PLACES}\n{share.places} → {places}. {reason}"
    line.save(update_fields=["places_shared"])
    before, share.places = share.places, places
    share.version += 1
    share.save()
    if before != places:
        share_letters.tell_of_places({share.pk: before}, reason=reason, by=by)
    return share


def _refuse_what_does_not_fit(line, share, places):
    most = line.places_left + share.places
    if places > most:
        raise NotAllowed(
            _("The member can have at most %(most)s: it has %(has)s, and of the award %(free)s are left.")
            % {"most": most, "has": share.places, "free": line.places_left},
            field="places",
        )
    if places < share.places_taken:
        raise NotAllowed(
            ngettext(
                "%(taken)s place is already taken. Write at least that number, or withdraw a mobility first.",
                "%(taken)s places are already taken. Write at least that number, or withdraw a mobility first.",
                share.places_taken,
            )
            % {"taken": share.places_taken},
            field="places",
        )


def take_place(*, project, organisation, activity_type):
    """One place of the member's share under its lock. False when the share is full or there is none.

    Call it in a transaction; the place is taken when that commits.
    """
    share = (
        Allocation.objects.select_for_update(of=("self",))
        .filter(member__project=project, member__organisation=organisation, activity_type=activity_type)
        .first()
    )
    if share is None or share.is_full:
        return False
    share.places_taken += 1
    share._change_reason = TOOK_A_PLACE
    share.save(update_fields=["places_taken"])
    return True


def free_place(*, project, organisation, activity_type):
    """Give one taken place back to the member's share, under its lock, in the caller's transaction."""
    share = Allocation.objects.select_for_update(of=("self",)).get(
        member__project=project, member__organisation=organisation, activity_type=activity_type
    )
    share.places_taken -= 1
    share._change_reason = FREED_A_PLACE
    share.save(update_fields=["places_taken"])
