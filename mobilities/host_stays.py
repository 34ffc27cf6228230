"""Completed stays as numbers, for the bank of hosts."""

from django.db.models import Count

from consortium import stays
from mobilities.models import Mobility
from mobilities.models.states import IS_LEARNERS


def completed(host_ids):
    """One count for each host and sending member. Numbers alone: the bank is open to all members."""
    rows = Mobility.objects.completed().filter(receiving_organisation__in=host_ids)
    numbers = rows.values_list("receiving_organisation", "sending_organisation").annotate(
        learners=Count("pk", filter=IS_LEARNERS), staff=Count("pk", filter=~IS_LEARNERS)
    )
    return [stays.Count(*row) for row in numbers]
