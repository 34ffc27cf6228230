"""Who changed what, when, by which way and why: django-simple-history with one more column.

The verb is the change reason: `mobility._change_reason = "accepted"`, and a person's words follow on the next line.
"""

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache

from celery import current_task
from django.db import models, transaction
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _
from simple_history.manager import HistoryManager
from simple_history.models import HistoricalRecords

from westum.base import formats

_user = ContextVar("history_user", default=None)
_via = ContextVar("history_via", default=None)


class Via(models.TextChoices):
    FORM = "form", _("on a page")
    IMPORT = "import", _("by an import")
    WORKER = "worker", _("by the portal itself")
    ADMIN = "admin", _("in the back room")
    COMMAND = "command", _("by a command")


def current_via():
    """What `acting` says; else a worker's task, a page, or a command."""
    if via := _via.get():
        return via
    if current_task:
        return Via.WORKER
    return Via.FORM if hasattr(HistoricalRecords.context, "request") else Via.COMMAND


@contextmanager
def acting(user=None, via=None):
    """Lines written inside carry this user and this way: `with history.acting(user=by, via="import"): …`."""
    tokens = _user.set(user or _user.get()), _via.set(Via(via) if via else _via.get())
    try:
        yield
    finally:
        _user.reset(tokens[0])
        _via.reset(tokens[1])


def actor_of(instance=None, request=None, **kwargs):
    return _user.get() or (request.user if request else None)


class LineBase(models.Model):
    """The columns that each history table has beside django-simple-history's own."""

    via = models.CharField(_("by which way"), max_length=10, choices=Via, default=current_via, editable=False)

    class Meta:
        abstract = True


class Lines(HistoryManager):
    """`row.history`. Its class is made once for all rows, and not anew at each save."""

    from_queryset = classmethod(cache(HistoryManager.from_queryset.__func__))


def History(**options):  # noqa: N802  (it stands where HistoricalRecords would stand)
    """`history = History()` in a model that bears money, rights or persons."""
    return HistoricalRecords(
        **{
            "bases": [LineBase],
            "history_manager": Lines,
            "get_user": actor_of,
            "history_change_reason_field": models.TextField(_("reason"), null=True),
        }
        | options
    )


class HistoryMissed(RuntimeError):
    """A bulk write would leave no line."""


class KeptQuerySet(models.QuerySet):
    """Of a noun with history: refuses the writes that leave no line, unless told why none is needed.

    `save`, `delete`, `create_many` and `update_many` leave their lines.
    """

    _unkept = ""

    def unkept(self, why):
        """The same rows, open to bulk writes. `why` is for the reader of the code and must be said."""
        if not why:
            raise ValueError("Say why no line of history is needed.")
        rows = self._chain()
        rows._unkept = why
        return rows

    def _clone(self):
        clone = super()._clone()
        clone._unkept = self._unkept
        return clone

    def _insist(self):
        if not self._unkept:
            raise HistoryMissed(f"{self.model.__name__} keeps history: save the rows, or call unkept(why) first.")

    def update(self, **fields):
        self._insist()
        return super().update(**fields)

    update.alters_data = True

    def bulk_create(self, objs, *args, **options):
        self._insist()
        return super().bulk_create(objs, *args, **options)

    def bulk_update(self, objs, fields, *args, **options):
        self._insist()
        return super().bulk_update(objs, fields, *args, **options)


@transaction.atomic
def create_many(model, rows, *, reason="created this"):
    """Insert the rows, and a line for each, in a few statements. Returns the rows."""
    rows = KeptQuerySet(model).unkept("the lines follow").bulk_create(rows, batch_size=500)
    model.history.bulk_history_create(rows, batch_size=500, default_change_reason=reason)
    return rows


@transaction.atomic
def update_many(model, rows, fields, *, reason):
    """Update these fields of the rows, and write a line for each, in a few statements."""
    changed = KeptQuerySet(model).unkept("the lines follow").bulk_update(rows, fields, batch_size=500)
    model.history.bulk_history_create(rows, batch_size=500, update=True, default_change_reason=reason)
    return changed


@dataclass(frozen=True)
class Line:
    """One line of a history as a page shows it."""

    at: datetime
    who: str
    what: str
    detail: str


VERBS = {"+": _("created this"), "~": _("changed this"), "-": _("deleted this")}
NOBODY = {Via.WORKER: _("The portal"), Via.IMPORT: _("An import")}
_UNTOLD = {"version", "search", "state", "ring_at"}  # fields that change along with others, and what the verb says


def lines_of(row, *, limit=100):
    """The newest lines of a row's history, newest first. One query, and one for each kept many-to-many field."""
    model = row.history.model
    sets = [_set_of(model, field) for field in model._history_m2m_fields]
    records = row.history.select_related("history_user").prefetch_related(*sets)
    records = list(records.order_by("-history_date", "-history_id")[: limit + 1])
    older = [*records[1:], None]
    return [_line(record, before) for record, before in zip(records, older, strict=True)][:limit]


def lines_of_rows(rows, *, limit=100, verbs=VERBS):
    """The newest lines of several rows of one model, newest first, each as (key of its row, Line). One query.

    Lines that tell nothing are left out: a log-in, of which the history keeps no field. `verbs` are for lines without one.
    """
    if not rows:
        return []
    records = type(rows[0]).history.filter(id__in=[row.pk for row in rows]).select_related("history_user")
    found, newer = [], {}
    for record in records.order_by("-history_date", "-history_id"):
        if record.id in newer:
            found.append((record.id, newer[record.id], record))
        newer[record.id] = record
    found += [(key, record, None) for key, record in newer.items()]
    found = [
        (key, _line(record, before, verbs))
        for key, record, before in found
        if before is None or record.history_change_reason or _changed_fields(record, before)
    ]
    return sorted(found, key=lambda pair: pair[1].at, reverse=True)[:limit]


def _set_of(model, field):
    """The name under which a line has what a many-to-many field held then, so that it can be fetched for all lines."""
    return f"{model._meta.model_name}_{field.name}_set"


def _line(record, before, verbs=VERBS):
    verb, _newline, note = (record.history_change_reason or "").partition("\n")
    what = _said(verb) if verb else str(verbs[record.history_type])
    labels = [_told(field, record, before) for field in _changed_fields(record, before)]
    labels = [label for label in labels if label not in what]  # "chose focus areas" needs no second saying
    changed = gettext("Changed: %(fields)s.") % {"fields": ", ".join(labels)} if labels else ""
    return Line(
        at=record.history_date,
        who=who_of(record),
        what=what,
        detail=" ".join(part for part in (_ended(note) if changed else note, changed) if part),
    )


def who_of(record):
    """The name of who wrote the line."""
    return str(record.history_user or NOBODY.get(record.via, _("The operator")))


def changed(before, after):
    return f"{before} \N{RIGHTWARDS ARROW} {after}"


def compared(row, before, names):
    """Fields of these names that differ between a row and one of its records, each as a line of history tells it."""
    fields = [row._meta.get_field(name) for name in names]
    return [
        str(field.verbose_name)
        if field.is_relation
        else f"{field.verbose_name} {changed(_value(field, before), _value(field, row))}"
        for field in fields
        if getattr(row, field.attname) != getattr(before, field.attname)
    ]


def _told(field, record, before):
    """The field's name, and where its model lets the values be seen, both of them: those named in `told_values`."""
    if field.name not in getattr(record.instance_type, "told_values", ()):
        return str(field.verbose_name)
    return f"{field.verbose_name} {changed(_value(field, before), _value(field, record))}"


def _value(field, record):
    value = getattr(record, field.attname)
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, date):
        return formats.day(value)
    if isinstance(value, int | Decimal):
        return formats.number(value)
    return str(value) if value else pgettext("history", "nothing")


def _ended(note):
    """With a full stop before what follows it."""
    return f"{note}." if note and note[-1] not in ".!?…" else note


def _said(verb):
    """The verb in the reader's language: "accepted" as a deed, which other words than those for a state translate."""
    deed = pgettext("history", verb)
    return deed if deed != verb else gettext(verb)


def _changed_fields(record, before):
    if record.history_type != "~" or before is None:
        return []
    fields = [
        field
        for field in record.tracked_fields
        if field.editable
        and field.name not in _UNTOLD
        and getattr(record, field.attname) != getattr(before, field.attname)
    ]
    return fields + [field for field in record._history_m2m_fields if _kept(record, field) != _kept(before, field)]


def _kept(record, field):
    """The keys of the rows that the many-to-many field had when the line was written."""
    key = f"{field.m2m_reverse_field_name()}_id"
    return {getattr(kept, key) for kept in getattr(record, _set_of(type(record), field)).all()}
