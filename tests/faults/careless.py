"""A worker that asks nobody whether a row is free, for the control: `celery -A tests.faults.careless worker`."""

import uuid

import django

django.setup()

from django.utils import timezone  # noqa: E402

from westum.base.jobs import JobState, LedgerQuerySet, LedgerRow  # noqa: E402
from westum.celery import app  # noqa: E402

__all__ = ["app"]


def claim(self, pk, *, seconds=None):
    now = timezone.now()
    self._working().filter(pk=pk).update(
        state=JobState.RUNNING, claim=uuid.uuid4(), claimed_until=now, started_at=now, attempts=1
    )
    return self.get(pk=pk)


def write(self, **fields):
    return bool(type(self)._base_manager.filter(pk=self.pk).update(**fields))


LedgerQuerySet.claim = claim
LedgerRow._write = write
