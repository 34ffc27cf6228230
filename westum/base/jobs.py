"""Background work. A row is the ledger and the broker only a bell: what the broker forgets, the sweep rings for again.

A worker takes a row by one atomic UPDATE, for as long as a job may last at all. Everything it writes afterwards
carries its claim, so that a worker that was given up for dead cannot overwrite the one that took over.
"""

import logging
import time
import uuid
from datetime import timedelta
from functools import cache, partial

from celery import current_app
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import DatabaseError, models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

log = logging.getLogger(__name__)

MADE = gettext_noop("made")
FAILED = gettext_noop("failed")

WRITES_APART = 0.2  # seconds between two writes of progress
FIRST_RING_AFTER = timedelta(seconds=20)  # a row that old and still queued has lost its bell
RING_AGAIN_AFTER = timedelta(seconds=30)
RINGS_A_SWEEP = 200  # more bells than the workers can answer before the next sweep help nobody
QUIET_AFTER_FAILURE = 10  # seconds without a bell after the broker did not answer, so that no page waits twice

_tasks = {}
_quiet_until = 0.0


class JobState(models.TextChoices):
    QUEUED = "queued", _("queued")
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")


def first_ring():
    return timezone.now() + FIRST_RING_AFTER


class LedgerQuerySet(models.QuerySet):
    def _working(self):
        """Taking and progress leave no line of history; ordering and ending do."""
        return self.unkept("a worker's bookkeeping") if hasattr(self, "unkept") else self

    def waiting(self):
        return self.filter(state=JobState.QUEUED)

    def past_claim(self, now=None):
        """Rows whose worker had its time and did not come back."""
        return self.filter(state=JobState.RUNNING, claimed_until__lt=now or timezone.now())

    def claim(self, pk, *, seconds=None):
        """Take the row for a worker and return it, or return None when it is taken, done or failed.

        Call it outside a transaction: others must see the claim before the work begins.
        """
        now, claim = timezone.now(), uuid.uuid4()
        free = Q(state=JobState.QUEUED) | Q(state=JobState.RUNNING, claimed_until__lt=now)
        taken = (
            self._working()
            .filter(free, pk=pk, attempts__lt=self.model.ATTEMPTS)
            .update(
                state=JobState.RUNNING,
                claim=claim,
                claimed_until=now + timedelta(seconds=seconds or settings.HARD_LIMIT),
                started_at=now,
                attempts=F("attempts") + 1,
                done=None,
                total=None,
                stage="",
                reason="",
            )
        )
        return self.get(pk=pk, claim=claim) if taken else None


class LedgerRow(models.Model):
    """One piece of work that a worker does once."""

    ATTEMPTS = 3  # how often a worker may take the row before it is given up

    state = models.CharField(_("state"), max_length=10, choices=JobState, default=JobState.QUEUED, editable=False)
    requested_at = models.DateTimeField(_("requested at"), default=timezone.now, editable=False)
    started_at = models.DateTimeField(_("started at"), null=True, blank=True, editable=False)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True, editable=False)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0, editable=False)
    claim = models.UUIDField(_("claim"), null=True, blank=True, editable=False)
    claimed_until = models.DateTimeField(_("claimed until"), null=True, blank=True, editable=False)
    ring_at = models.DateTimeField(_("ring at"), default=first_ring, editable=False)
    done = models.PositiveIntegerField(_("steps done"), null=True, blank=True, editable=False)
    total = models.PositiveIntegerField(_("steps in all"), null=True, blank=True, editable=False)
    stage = models.CharField(_("stage"), max_length=40, blank=True, default="", editable=False)
    reason = models.TextField(_("reason"), blank=True, default="", editable=False)
    objects = LedgerQuerySet.as_manager()

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(name="%(class)s_state_is_known", condition=Q(state__in=JobState.values)),
            models.CheckConstraint(
                name="%(class)s_running_has_claim",
                condition=~Q(state=JobState.RUNNING) | Q(claim__isnull=False, claimed_until__isnull=False),
            ),
            models.CheckConstraint(
                name="%(class)s_done_within_total",
                condition=Q(done__isnull=True) | Q(total__isnull=True) | Q(done__lte=F("total")),
            ),
            models.CheckConstraint(
                name="%(class)s_failed_says_why",
                condition=~Q(state=JobState.FAILED) | ~Q(reason=""),
            ),
        ]

    @property
    def is_waiting(self):
        return self.state in {JobState.QUEUED, JobState.RUNNING}

    @property
    def percent(self):
        """Whole percent done, or None while it is unknown."""
        return self.done * 100 // self.total if self.total and self.done is not None else None

    def advance(self, done=None, total=None, stage=None):
        """Show progress; at most five writes a second, the last step always. False when the row is no longer ours.

        Inside a transaction nobody sees it before the commit.
        """
        now = time.monotonic()
        new_stage = stage is not None and stage != self.stage
        due = now - getattr(self, "_advanced_at", -1.0) >= WRITES_APART
        if not (due or new_stage or (done is not None and done == total)):
            return self._still_ours
        self._advanced_at = now
        fields = {"done": done, "total": total} | ({} if stage is None else {"stage": stage})
        self._still_ours = self._write(**fields)
        return self._still_ours

    def finish(self, **fields):
        """Done, with what the work made. False when another worker has taken the row: then nothing was written."""
        return self._end(JobState.DONE, MADE, reason="", **fields)

    def fail(self, reason):
        """Failed for good, with the reason as the reader will see it; `reason` is a text or an exception."""
        return self._end(JobState.FAILED, FAILED, reason=sentence_of(reason))

    def put_back(self, reason, *, seconds):
        """Failed for now: queued again, and rung for after that many seconds. The last attempt fails for good."""
        if self.attempts >= self.ATTEMPTS:
            return self.fail(reason)
        return self._write(
            state=JobState.QUEUED,
            reason=sentence_of(reason),
            ring_at=timezone.now() + timedelta(seconds=seconds),
            claim=None,
            claimed_until=None,
        )

    def try_again(self):
        """Queue a failed row anew, as its reader asked. False when it has not failed."""
        fields = {"state": JobState.QUEUED, "attempts": 0, "reason": "", "finished_at": None, "ring_at": first_ring()}
        if not type(self)._base_manager.filter(pk=self.pk, state=JobState.FAILED).update(**fields):
            return False
        for name, value in fields.items():
            setattr(self, name, value)
        ring(registered()[type(self)], self.pk)
        return True

    _still_ours = True

    @transaction.atomic
    def _end(self, state, verb, **fields):
        ended = self._write(state=state, finished_at=timezone.now(), claim=None, claimed_until=None, **fields)
        if ended and hasattr(self._meta, "simple_history_manager_attribute"):
            type(self).history.bulk_history_create([self], update=True, default_change_reason=verb)
        return ended

    def _write(self, **fields):
        """UPDATE while the claim is ours; the object in hand follows the row."""
        mine = type(self)._base_manager.filter(pk=self.pk, state=JobState.RUNNING, claim=self.claim)
        if self.claim is None or not mine.update(**fields):
            return False
        for name, value in fields.items():
            setattr(self, name, value)
        return True


def sentence_of(reason):
    """What the reader is told: a sentence meant for people as it is, anything else without its technical words."""
    if isinstance(reason, ValidationError):
        return " ".join(reason.messages)
    if isinstance(reason, BaseException):
        return gettext("This could not be finished because of a fault in the portal (%(kind)s). Try again.") % {
            "kind": type(reason).__name__
        }
    return str(reason)


def register(model, task):
    """Say which task works on the rows of a model, so that the sweep can ring for them. Each `tasks.py` does so."""
    _tasks[model] = task


def registered():
    """Model → task, of all apps. A web process has read no `tasks.py` until it asks here for the first time."""
    _read_all_tasks()
    return dict(_tasks)


@cache
def _read_all_tasks():
    current_app.loader.import_default_modules()


def ring(task, pk):
    """Call a worker to the row once the transaction is committed. Never raises: a lost bell is rung by the sweep.

    `task` is the task or its dotted path, where importing it would go in a circle.
    """
    transaction.on_commit(partial(_ring_now, task, pk), robust=True)


def _ring_now(task, pk):
    """True when the broker took the message. After a failure no bell is tried for a while: each try costs 2 s."""
    global _quiet_until
    if time.monotonic() < _quiet_until:
        return False
    try:
        task = import_string(task) if isinstance(task, str) else task
        task.apply_async((pk,), retry=False, ignore_result=True)
    except Exception as fault:  # whatever a broker's library may raise
        _quiet_until = time.monotonic() + QUIET_AFTER_FAILURE
        log.warning("The broker did not take %s for row %s: %s. The sweep will.", task, pk, type(fault).__name__)
        return False
    return True


def sweep(now=None):
    """Queue again what is past its claim, give up what was tried too often, ring for what waits. Returns bells rung."""
    now = now or timezone.now()
    rung, faults = 0, []
    for model, task in registered().items():
        try:
            rung += _sweep(model, task, LedgerQuerySet(model).past_claim(now), now)
        except DatabaseError as fault:  # one table that does not answer keeps nobody else's work waiting
            faults.append(fault)
    if faults:
        raise ExceptionGroup("Some ledgers could not be swept.", faults)
    return rung


def recover():
    """Before web and worker of an embedded installation start: no worker lives, so what is running is not. Bells rung.

    Also right after the one worker of such an installation has died, before the next one starts.
    """
    now = timezone.now()
    rung = 0
    for model, task in registered().items():
        rows = LedgerQuerySet(model)
        rows.waiting().update(ring_at=now)
        rung += _sweep(model, task, rows.filter(state=JobState.RUNNING), now)
    return rung


def _sweep(model, task, abandoned, now):
    free = {"claim": None, "claimed_until": None}
    abandoned.filter(attempts__gte=model.ATTEMPTS).update(
        state=JobState.FAILED,
        finished_at=now,
        reason=gettext("The work was started several times and never came to its end. Try again, or ask for help."),
        **free,
    )
    abandoned.update(state=JobState.QUEUED, ring_at=now, **free)
    due = LedgerQuerySet(model).waiting().filter(ring_at__lte=now).order_by("requested_at", "pk")
    rows = list(due.values_list("pk", flat=True)[:RINGS_A_SWEEP])
    LedgerQuerySet(model).waiting().filter(pk__in=rows).update(ring_at=now + RING_AGAIN_AFTER)
    return sum(_ring_now(task, pk) for pk in rows)
