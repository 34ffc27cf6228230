"""Figures: the countable sets of mobilities and the granted places, named, explained, counted and linked to their rows.

What counts as registered, accepted or completed stands beside the model, with the queryset methods of `Mobility` of the
same names; nothing is filtered here. So a figure is the same on the public page, on the desk and on paper.
"""

from dataclasses import dataclass

from django.db.models import Count, Q, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from consortium.models import Allocation, Audience, AwardedLine
from mobilities.models.states import IS_ACCEPTED, IS_COMPLETED, IS_LEARNERS, IS_REGISTERED
from reporting import esf_record, naming
from westum.base.formats import day, number
from westum.base.templatetags.words import missing

SMALL = 5  # a public page does not tell groups of fewer people apart


@dataclass(frozen=True)
class Tally:
    """One figure and its two parts. None stands for what nobody has stated."""

    learners: int | None = 0
    staff: int | None = 0

    @property
    def all(self):
        known = [part for part in (self.learners, self.staff) if part is not None]
        return sum(known) if known else None

    def __add__(self, other):
        return Tally(_plus(self.learners, other.learners), _plus(self.staff, other.staff))


def _plus(one, other):
    return one if other is None else other if one is None else one + other


UNSTATED = Tally(None, None)


@dataclass(frozen=True)
class CountedSet:
    """A set of mobilities that is counted: its word, what it means, and the model's own condition."""

    name: Promise
    meaning: Promise
    condition: Q


SETS = {
    "registered": CountedSet(
        _("registered"),
        _("Mobilities that are entered in the funder's own system, as a draft or complete."),
        IS_REGISTERED,
    ),
    "accepted": CountedSet(
        pgettext_lazy("figure", "accepted"),
        _(
            "Mobilities that the coordinator of Westum has accepted, and all that came after: ongoing, completed, closed."
        ),
        IS_ACCEPTED,
    ),
    "completed": CountedSet(
        pgettext_lazy("figure", "completed"),
        _("Mobilities whose stay abroad is over. Cancelled mobilities are not among them."),
        IS_COMPLETED,
    ),
}
PARTS = {"learners": IS_LEARNERS, "staff": ~IS_LEARNERS}
# All of them at once, so that a table of figures is one query.
COUNTS = {
    f"{key}_{part}": Count("pk", filter=counted_set.condition & condition)
    for key, counted_set in SETS.items()
    for part, condition in PARTS.items()
}
APPROVED = _("approved")
APPROVED_MEANING = _("Places that the funder has granted, by its latest decision.")
PLACES_MEANING = _("Places of the approved ones that the coordinator has given to the member.")
LEARNERS_MEANING = _("Mobilities of people who attend vocational education.")
STAFF_MEANING = _("Mobilities of teachers, supervisors and other staff.")


@dataclass(frozen=True)
class Figure:
    """What `components/figures.html` shows. `url` leads to the rows that the number counts, for who may see them.

    `as_of` says of which day the number is, `how` is the address of the page that tells how it is counted.
    """

    number: object
    name: object
    meaning: object = ""
    url: str = ""
    as_of: object = ""
    how: str = ""


# Counting


def counted(mobilities, *by):
    """Count each set by the values of the given fields, in one query.

    Returns a dict: the value, or with several fields the tuple of values → set's key → Tally. Without fields the dict
    of keys itself. A mobility counts once for each value, so sums over a many-to-many field mean nothing.
    """
    if not by:
        return _tallies(mobilities.order_by().aggregate(**COUNTS))
    rows = mobilities.order_by().values(*by).annotate(**COUNTS)
    return {row[by[0]] if len(by) == 1 else tuple(row[field] for field in by): _tallies(row) for row in rows}


def _tallies(row):
    return {key: Tally(**{part: row[f"{key}_{part}"] for part in PARTS}) for key in SETS}


def nothing():
    """Each set, empty."""
    return {key: Tally() for key in SETS}


def total(tallies):
    """The sum of several dicts of tallies, set by set."""
    added = nothing()
    for each in tallies:
        added = {key: added[key] + each[key] for key in SETS}
    return added


def approved(projects):
    """Project's pk → Tally of the places that its latest decision grants. A project of which nothing is stated is missing."""
    lines = AwardedLine.objects.in_force().of_places().filter(decision__project__in=projects)
    return _by_audience(lines, "decision__project")


def places(members):
    """Member's pk → Tally of the places of its shares. A member without a share is missing."""
    return _by_audience(Allocation.objects.filter(member__in=members), "member")


def places_taken(members):
    """Member's pk → Tally of the places of its shares that mobilities hold."""
    return _by_audience(Allocation.objects.filter(member__in=members), "member", "places_taken")


def _by_audience(rows, owner, field="places"):
    found = {}
    for row in rows.order_by().values(owner, "activity_type__audience").annotate(number=Sum(field)):
        part = "learners" if row["activity_type__audience"] == Audience.LEARNER else "staff"
        known = found.get(row[owner], UNSTATED)
        found[row[owner]] = known + Tally(**{"learners": None, "staff": None} | {part: row["number"]})
    return found


# Showing


def rows_url(slug, **narrowing):
    """The list of mobilities that a number of the project counts."""
    return f"{reverse('mobilities:mobilities')}?{urlencode({'project': slug} | narrowing)}"


def of_project(project, mobilities, granted):
    """The desk's figures of a project over the mobilities that the reader sees, each linked to its rows."""
    tallies = counted(mobilities)
    registered = tallies["registered"]
    return [
        granted,
        *(Figure(tallies[key].all, s.name, s.meaning, rows_url(project.slug, counted=key)) for key, s in SETS.items()),
        Figure(
            registered.learners,
            _("learners"),
            _("Of the registered."),
            rows_url(project.slug, counted="registered", group="learner"),
        ),
        Figure(
            registered.staff,
            _("staff"),
            _("Of the registered."),
            rows_url(project.slug, counted="registered", group="staff"),
        ),
    ]


def of_operation(project, operation, partners):
    """The desk's figures of an ESF project, which has no mobilities. `operation` is None while nobody has written it."""
    return [
        Figure(operation and operation.participants_planned, _("participants"), _("Planned, by the record.")),
        Figure(
            operation and esf_record.rate(operation.union_rate),
            _("the Union's rate"),
            _("The Union's part, not what the project pays itself."),
        ),
        Figure(1 + partners, _("support recipients"), _("The owner and its partners.")),
        Figure(naming.years(project), _("period"), naming.period(project) or ""),
    ]


def granted(tally, **shown):
    """The figure of the places that the funder has granted."""
    return Figure(tally.all, APPROVED, f"{APPROVED_MEANING} {parts_of(tally)}".strip(), **shown)


def share_of(number):
    """The figure of the places that a member has got, for its contact person."""
    return Figure(number, _("places"), PLACES_MEANING)


def parts_of(tally):
    """ "Learners 101, staff 124.", where something is known."""
    if tally.all is None:
        return ""
    return gettext("Learners %(learners)s, staff %(staff)s.") % {
        "learners": missing(number(tally.learners)),
        "staff": missing(number(tally.staff)),
    }


def public(registered, approved_places, *, decided=""):
    """The four figures of a public page, each with its day and the page that tells how it is counted.

    `decided` says of which day the grant is. Groups of fewer than five people are not told apart.
    """
    few = any(0 < (part or 0) < SMALL for part in (registered.learners, registered.staff))
    withheld = gettext("fewer than 5") if 0 < (registered.all or 0) < SMALL else None
    today = "" if registered.all is None else gettext("As of %(day)s.") % {"day": day(timezone.localdate())}
    staff, learners = (gettext("not shown") if few else part for part in (registered.staff, registered.learners))
    return [
        Figure(
            withheld or registered.all,
            SETS["registered"].name,
            SETS["registered"].meaning,
            as_of=today,
            how=how("registered"),
        ),
        granted(approved_places, as_of=decided if approved_places.all is not None else "", how=how("approved")),
        Figure(staff, _("staff"), _("Of the registered."), as_of=today, how=how("groups")),
        Figure(learners, _("learners"), _("Of the registered."), as_of=today, how=how("groups")),
    ]


def how(word):
    """The place on the page of definitions where the word stands."""
    return f"{reverse('reporting:counted')}#{word}"
