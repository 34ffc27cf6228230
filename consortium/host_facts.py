"""What two rows of the bank say of the same host, fact by fact, and which value is kept where they differ."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from consortium.models import Organisation
from westum.base import formats
from westum.base.text import sort_key

BOTH = "both"  # the answer about a list: keep what stands in either


@dataclass(frozen=True)
class Fact:
    """Fields that mean something together: no address is put together from two."""

    name: str
    label: str | Promise
    fields: tuple[str, ...]
    shown: Callable[[Organisation], str]
    fullness: Callable[[tuple], object] = lambda values: sum(value is not None for value in values)

    is_list = False

    def value(self, host):
        """The values of the fields, with nothing at all for those that say nothing."""
        values = (getattr(host, Organisation._meta.get_field(field).attname) for field in self.fields)
        return tuple(None if value == "" else value for value in values)

    def says(self, host):
        return tuple(value for value in self.value(host) if value is not None)

    def take(self, host, giver):
        for field in self.fields:
            attname = Organisation._meta.get_field(field).attname
            setattr(host, attname, getattr(giver, attname))


@dataclass(frozen=True)
class ListFact:
    """Rows of reference data to which the host is bound, as its languages."""

    name: str
    label: str | Promise

    is_list = True

    def value(self, host):
        return frozenset(row.pk for row in getattr(host, self.name).all())

    says = value

    def shown(self, host):
        return formats.listed(sorted(map(str, getattr(host, self.name).all()), key=sort_key))


@dataclass(frozen=True)
class Compared:
    """One fact of both rows. It is asked about where both say something, and not the same."""

    fact: Fact | ListFact
    stays: Organisation
    goes: Organisation

    @property
    def is_question(self):
        speak = self.fact.says(self.stays) and self.fact.says(self.goes)
        return bool(speak) and self.fact.value(self.stays) != self.fact.value(self.goes)

    @property
    def is_stated(self):
        return bool(self.fact.says(self.stays) or self.fact.says(self.goes))

    @property
    def shown(self):
        return [self.fact.shown(host) for host in (self.stays, self.goes)]

    @property
    def choices(self):
        """Answers with their words: the number of the row whose value is kept."""
        pairs = [(str(host.pk), self.fact.shown(host)) for host in (self.stays, self.goes)]
        return [(BOTH, _("Both lists together")), *pairs] if self.fact.is_list else pairs

    @property
    def proposed(self):
        """Lists together; else what one alone says, or the fuller value, or that of the row which has been here longer."""
        if self.fact.is_list:
            return BOTH
        speaking = [host for host in (self.stays, self.goes) if self.fact.says(host)]
        if len(speaking) == 2:
            speaking.sort(key=lambda host: self.fact.fullness(self.fact.value(host)), reverse=True)
        return str((speaking or [self.stays])[0].pk)


def _text(field):
    return lambda host: str(getattr(host, field) or "")


def _address(host):
    town = " ".join(part for part in (host.postal_code, host.city) if part)
    return "\n".join(part for part in (host.street, town, formats.country(host.country)) if part)


def _capacity(host):
    return "" if host.capacity is None else str(host.capacity)


def agreement(host):
    """Its days in words, and below the name of its file; empty when there is none."""
    if not host.agreed_on:
        return ""
    days = {"first": formats.day(host.agreed_on), "last": formats.day(host.agreed_until)}
    words = _("signed on %(first)s, valid until %(last)s") if host.agreed_until else _("signed on %(first)s")
    return "\n".join([words % days, *([host.agreement_file.name] if host.agreement_file else [])])


def _how_long(values):
    """An agreement without a last day goes on. Of two that are valid equally long the later one counts for more."""
    agreed_on, agreed_until, _file = values
    return agreed_until or date.max, agreed_on


FACTS = [
    Fact("name", gettext_lazy("Name"), ("name",), _text("name")),
    Fact("legal_name", gettext_lazy("Legal name"), ("legal_name",), _text("legal_name")),
    Fact("address", gettext_lazy("Address"), ("street", "postal_code", "city", "country"), _address),
    Fact("place", gettext_lazy("Place on the map"), ("latitude", "longitude"), _text("point")),
    Fact(
        "organisation_number",
        gettext_lazy("Organisation number"),
        ("organisation_number",),
        _text("organisation_number"),
    ),
    Fact("oid", "OID", ("oid",), _text("oid")),
    ListFact("fields_of_work", gettext_lazy("Fields of work")),
    ListFact("languages", gettext_lazy("Languages")),
    Fact("capacity", gettext_lazy("How many at a time"), ("capacity",), _capacity),
    # An agreement is a whole with its days and its file; of two the one that is valid longer is proposed.
    Fact(
        "agreement",
        gettext_lazy("Agreement"),
        ("agreed_on", "agreed_until", "agreement_file"),
        agreement,
        fullness=_how_long,
    ),
    Fact(
        "learning_outcomes",
        gettext_lazy("How it works with learning outcomes"),
        ("learning_outcomes",),
        _text("learning_outcomes"),
        fullness=lambda values: len(values[0]),
    ),
    Fact("found_by", gettext_lazy("Found by"), ("found_by",), _text("found_by")),
    ListFact("municipalities", gettext_lazy("Municipalities")),
]


def compared(stays, goes):
    return [Compared(fact, stays, goes) for fact in FACTS]
