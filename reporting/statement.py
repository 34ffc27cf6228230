"""A member's statement as a page and a paper show it, in the active language, from the data of `statement_data`.

Amounts are Decimal and stay in the currency of their share: nothing here adds euro and kronor. None is what nobody has
stated.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from consortium.budget_shares import WHOLE_PROJECT
from consortium.models import AnswerState, AwardedLine, Currency, ProjectState
from mobilities.filters import QUEUED
from mobilities.models import MobilityState
from mobilities.stages import ROWS
from reporting import covers, figures
from reporting.grant_budget import COLUMNS
from reporting.sums import known_sum
from westum.base.formats import number

GIVEN_MEANING = _("Places and money that the coordinator has given to the member.")
TAKEN_MEANING = _(
    "Places that the member's mobilities hold, from submitted to closed. Drafts and what was withdrawn or cancelled hold none."
)
LEFT_MEANING = _(
    "Given less taken. Places left in a project that is being reported or has ended can no longer be used; they are not added to those of other projects."
)
WAITING_MEANING = _("Submitted mobilities that wait in the queue, as no place of the share is free.")
DRAFT_MEANING = _("Drafts take no place.")


def awarded(projects):
    """The lines of the latest decisions that shares have a page of: (project's address, category, activity type)."""
    lines = AwardedLine.objects.in_force().filter(decision__project__slug__in=projects)
    found = lines.values_list(
        "decision__project__slug", "category__key", "activity_type__key", "places", "amount"
    ).order_by()
    return {
        (slug, category, activity)
        for slug, category, activity, places, amount in found
        if (amount if category else places) is not None
    }


@dataclass(frozen=True)
class Places:
    """Places of one activity type, or of all of them; with the addresses of what is behind each number."""

    name: str
    wished: int | None
    given: int | None
    taken: int | None
    waiting: int
    share_url: str = ""
    taken_url: str = ""
    waiting_url: str = ""

    @property
    def left(self):
        return None if self.given is None else self.given - self.taken

    @property
    def is_full(self):
        return bool(self.given) and self.left == 0


@dataclass(frozen=True)
class Money:
    """A share of one line of the budget; `url` leads to how it came about."""

    category: str
    activity: str
    currency: str
    amount: Decimal
    url: str = ""


@dataclass(frozen=True)
class Part:
    """The shares of one currency and their sum."""

    currency: str
    lines: list[Money]

    @property
    def total(self):
        return sum(line.amount for line in self.lines)


@dataclass(frozen=True)
class Move:
    """Places that came (plus) or went (minus)."""

    on: date
    activity: str
    places: int
    other: str
    reason: str

    @property
    def comes(self):
        return self.places > 0

    @property
    def number(self):
        return abs(self.places)


@dataclass(frozen=True)
class StateCount:
    state: MobilityState
    number: int
    url: str

    @property
    def label(self):
        return self.state.label

    @property
    def meaning(self):
        return DRAFT_MEANING if self.state == MobilityState.DRAFT else ""


@dataclass(frozen=True)
class Granted:
    """What the member's mobilities of one stage are granted."""

    name: str
    amount: Decimal
    is_verified: bool
    url: str


class InProject:
    """What the member has in one project. `lines` are the awarded lines that shares have a page of, for links."""

    def __init__(self, data, organisation, lines):
        project = data["project"]
        self.slug, self.state = project["slug"], ProjectState(project["state"])
        self.name, self.facts = covers.in_language(project["name"]), project
        self.member, self.organisation, self._lines = data["member"], organisation, lines
        self.wish = data["wish"] and AnswerState(data["wish"])
        self.places = [self._places(row) for row in data["places"]]
        self.parts = self._parts(data["money"])
        self.moves = [_move(row) for row in data["moves"]]
        self._grants = data.get("grants") or {"amounts": [], "unknown": 0, "example_of": None}
        self.example_of = self._grants["example_of"]
        self.mobilities = [
            StateCount(MobilityState(state), number, self._rows(state=state))
            for state, number in sorted(data["mobilities"].items(), key=lambda entry: _in_life(entry[0]))
        ]

    @property
    def grants(self):
        """What is accepted, and what is actual, where there is any."""
        return [
            Granted(str(COLUMNS[stage]), Decimal(amount), is_verified, self._rows(**ROWS[stage]))
            for stage, amount, is_verified in self._grants["amounts"]
        ]

    @property
    def granted(self):
        return sum(grant.amount for grant in self.grants)

    @property
    def without_grant(self):
        """A sentence on accepted mobilities whose grant is in no sum; empty where there are none."""
        number_ = self._grants["unknown"]
        sentence = ngettext(
            "%(n)s accepted or completed mobility has no amount yet and is in no sum.",
            "%(n)s accepted or completed mobilities have no amount yet and are in no sum.",
            number_,
        )
        return sentence % {"n": number(number_)} if number_ else ""

    @property
    def without_grant_url(self):
        return self._rows(counted="without_grant")

    @property
    def anchor(self):
        return f"project-{self.slug}"

    @property
    def period(self):
        return covers.period(self.facts)

    @property
    def all_places(self):
        """The sum of its activity types, of what is known."""
        shares, taken = reverse("consortium:shares", args=[self.slug]), self._rows(counted="placed")
        return sum_of(self.places, gettext("Together"), share_url=shares, taken_url=taken)

    @property
    def is_over(self):
        """What is left can no longer be used."""
        return self.state in {ProjectState.REPORTING, ProjectState.ENDED}

    @property
    def is_empty(self):
        """Nothing has been given, and nobody registered."""
        return not (self.places or self.parts or self.moves or self.mobilities)

    @property
    def has_wishes(self):
        return any(row.wished is not None for row in self.places)

    @property
    def is_waiting(self):
        return any(row.waiting for row in self.places)

    @property
    def is_silent(self):
        """Asked what it wishes for, and no answer yet, while the answer is waited for."""
        return self.wish == AnswerState.OPEN and self.state == ProjectState.PLANNED

    @property
    def has_declined(self):
        return self.wish == AnswerState.DECLINED

    @property
    def mobilities_in_all(self):
        return sum(count.number for count in self.mobilities)

    @property
    def mobilities_url(self):
        return self._rows()

    def _rows(self, **narrowing):
        """The list of the member's mobilities in the project."""
        return figures.rows_url(self.slug, member=self.organisation, **narrowing)

    def _places(self, row):
        key = row["activity"]["key"]
        name = "consortium:share" if (self.slug, None, key) in self._lines else "consortium:shares"
        arguments = [self.slug, self.member, key] if name == "consortium:share" else [self.slug]
        return Places(
            name=covers.in_language(row["activity"]),
            wished=row["wished"],
            given=row["given"],
            taken=row["taken"],
            waiting=row["waiting"],
            share_url=reverse(name, args=arguments),
            taken_url=self._rows(counted="placed", activity=key),
            waiting_url=self._rows(state=QUEUED, activity=key),
        )

    def _parts(self, shares):
        lines = [self._money(share) for share in shares]
        of = {currency: [line for line in lines if line.currency == currency] for currency in Currency.values}
        return [Part(currency, found) for currency, found in of.items() if found]

    def _money(self, share):
        category, activity = share["category"], share["activity"]
        key = activity and activity["key"]
        page = ""
        if (self.slug, category["key"], key) in self._lines:
            arguments = [self.slug, self.member, category["key"], key or WHOLE_PROJECT]
            page = reverse("consortium:budget_share", args=arguments)
        return Money(
            category=covers.in_language(category),
            activity=covers.in_language(activity) if activity else gettext("the whole project"),
            currency=share["currency"],
            amount=Decimal(share["amount"]),
            url=page,
        )


class Statement:
    """The data of `statement_data` in the active language. On a page `lines` are `awarded(…)`, for links to shares."""

    def __init__(self, data, lines=frozenset()):
        self.name = data["member"]["name"]
        self.projects = [InProject(row, data["member"]["pk"], lines) for row in data["projects"]]

    @property
    def is_several(self):
        return len(self.projects) > 1

    @property
    def all_places(self):
        return sum_of([row for project in self.projects for row in project.places], gettext("Together"))

    @property
    def left(self):
        """Places of all projects that can still be used."""
        return known_sum(project.all_places.left for project in self.projects if not project.is_over)

    @property
    def has_unused(self):
        """Some places were left over in a project in which they can no longer be used."""
        return any(project.is_over and project.all_places.left for project in self.projects)

    @property
    def parts(self):
        """The money of all projects, by currency."""
        parts = [part for project in self.projects for part in project.parts]
        of = {currency: [part for part in parts if part.currency == currency] for currency in Currency.values}
        return [
            Part(currency, [line for part in found for line in part.lines]) for currency, found in of.items() if found
        ]


def sum_of(rows, name, **addresses):
    """Rows of places added up, of what they state."""
    return Places(
        name=name,
        wished=known_sum(row.wished for row in rows),
        given=known_sum(row.given for row in rows),
        taken=known_sum(row.taken for row in rows),
        waiting=sum(row.waiting for row in rows),
        **addresses,
    )


def _move(row):
    return Move(
        date.fromisoformat(row["on"]), covers.in_language(row["activity"]), row["places"], row["other"], row["reason"]
    )


def _in_life(state):
    return MobilityState.values.index(state)
