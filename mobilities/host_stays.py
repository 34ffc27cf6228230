"""What the bank of hosts learns of mobilities: completed stays as numbers, and that they follow a host that is merged."""

from django.db.models import Count
from django.utils.translation import ngettext

from consortium import host_merges, stays
from mobilities import lifecycle, verbs
from mobilities.models import Mobility
from mobilities.models.states import IS_LEARNERS


def completed(host_ids):
    """One count for each host and sending member. Numbers alone: the bank is open to all members."""
    rows = Mobility.objects.completed().filter(receiving_organisation__in=host_ids)
    numbers = rows.values_list("receiving_organisation", "sending_organisation").annotate(
        learners=Count("pk", filter=IS_LEARNERS), staff=Count("pk", filter=~IS_LEARNERS)
    )
    return [stays.Count(*row) for row in numbers]


def register():
    stays.told_by(completed)
    host_merges.moves(Mobility._meta.get_field("receiving_organisation"), follow, followers)


def follow(mobility, host):
    """The mobility's host is another row now. No fact of the stay changes, so that it follows in a project that has
    ended as well, and without the project's lock. It is saved by itself: lines written in bulk know no focus areas.
    """
    mobility.receiving_organisation = host
    lifecycle.save(mobility, "receiving_organisation", verb=verbs.HOST_MERGED)


def followers(number):
    return ngettext("%(n)s mobility moves along.", "%(n)s mobilities move along.", number) % {"n": number}
