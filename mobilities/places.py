"""A mobility and the places of its member's share: who holds one, who stands in the queue.

The share's counter is written by `consortium.shares` under the share's lock. A mobility's own row is always locked
before the share, here and in `lifecycle`, and two shares in the order of their numbers, so that two writers cannot
wait for each other.
"""

from django.db.models import Case, Count, IntegerField, OuterRef, Q, Subquery, When

from consortium import shares
from consortium.models import Allocation
from mobilities.models import Mobility, MobilityState


def share_of(mobility):
    """The member's share for the mobility's activity, or None when the member has none."""
    return _shares_of(mobility, [mobility.activity_type_id]).first()


def _shares_of(mobility, activity_types):
    return Allocation.objects.filter(
        member__project=mobility.project_id,
        member__organisation=mobility.sending_organisation_id,
        activity_type__in=activity_types,
    )


def _lock(mobility, *activity_types):
    list(_shares_of(mobility, activity_types).select_for_update(of=("self",)).order_by("pk"))


def queue_of(mobility):
    """Who waits for a place of the same share, the longest waiting first."""
    return (
        Mobility.objects.in_queue()
        .filter(
            project=mobility.project_id,
            sending_organisation=mobility.sending_organisation_id,
            activity_type=mobility.activity_type_id,
        )
        .order_by("submitted_at", "pk")
    )


def queue_number(mobility):
    """1 for the one that has waited longest."""
    return list(queue_of(mobility).values_list("pk", flat=True)).index(mobility.pk) + 1


def with_queue_numbers(mobilities):
    """Annotate `queue_number` with what `queue_number` says, null for whoever does not stand in a queue. No query."""
    same_share = {name: OuterRef(name) for name in ("project_id", "sending_organisation_id", "activity_type_id")}
    ahead = Q(submitted_at__lt=OuterRef("submitted_at")) | Q(
        submitted_at=OuterRef("submitted_at"), pk__lte=OuterRef("pk")
    )
    numbers = Mobility.objects.in_queue().filter(ahead, **same_share).order_by().values("activity_type_id")
    is_queued = When(
        state=MobilityState.SUBMITTED, has_place=False, then=Subquery(numbers.annotate(n=Count("pk")).values("n"))
    )
    return mobilities.annotate(queue_number=Case(is_queued, default=None, output_field=IntegerField()))


def take(mobility):
    """A place for a newcomer: none while others wait, because a person decides who gets a freed place."""
    _lock(mobility, mobility.activity_type_id)  # who lines up or leaves at this moment is seen as well
    if queue_of(mobility).exclude(pk=mobility.pk).exists():
        return False
    return take_freed(mobility)


def take_freed(mobility):
    """A place for this mobility, whoever else waits. False when the share is full."""
    return shares.take_place(
        project=mobility.project, organisation=mobility.sending_organisation, activity_type=mobility.activity_type
    )


def free(mobility):
    """Give the place back, if the mobility holds one. The caller saves `has_place` in the same transaction."""
    if mobility.has_place:
        shares.free_place(
            project=mobility.project, organisation=mobility.sending_organisation, activity_type=mobility.activity_type
        )
        mobility.has_place = False


def swap(before, after):
    """Free the place of `before` and lock the shares of both activities, for `after` to take or line up anew."""
    _lock(before, before.activity_type_id, after.activity_type_id)
    free(before)
