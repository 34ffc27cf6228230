"""What the grants of a project add up to, as a page and a paper show it, in the active language, from `grant_data`.

All of it is euro. None is what nobody has stated or what is not there; what cannot be worked out is named in `unknown` and
stands in no sum. Without an address of the project, as on paper, nothing is linked.
"""

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal

from django.urls import reverse
from django.utils.translation import gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from consortium.models import Currency
from mobilities import explanations, grant_sums, rate_tables
from mobilities.cancellations import Past, Pasts
from mobilities.grant_amounts import WHOLE_GRANT
from mobilities.rate_books import Category
from mobilities.stages import ROWS, Stage
from reporting import covers, figures
from reporting.sums import known_sum
from reporting.support import Support
from westum.base import charts
from westum.base.formats import number, percent
from westum.base.text import sort_key

EUR = Currency.EUR
COLUMNS = {
    Stage.DRAFTS: _("Drafts"),
    Stage.SUBMITTED: _("Submitted"),
    Stage.ACCEPTED: pgettext_lazy("stage of money", "Accepted"),
    Stage.ACTUAL: _("Actual"),
}
MEANINGS = [
    (COLUMNS[Stage.DRAFTS], _("What the drafts would be granted, worked out by the rates as they stand.")),
    (COLUMNS[Stage.SUBMITTED], _("The same of what is submitted and waits for the coordinator.")),
    (
        COLUMNS[Stage.ACCEPTED],
        _("The grants of accepted and ongoing mobilities, by the rates that they were accepted with."),
    ),
    (COLUMNS[Stage.ACTUAL], _("The grants of completed mobilities, by the real days.")),
    (_("Used"), _("Accepted and actual together, as a part of what is shared out, or else of what is awarded.")),
    (
        _("Forecast"),
        _(
            "Accepted and actual, and the part of drafts and submitted mobilities that will travel if each member "
            "calls off as large a part as before."
        ),
    ),
]


@dataclass(frozen=True)
class Entry:
    """An amount with all that it is grouped by. The organisation is None for what belongs to the project."""

    category: str
    activity: str | None
    organisation: int | None
    stage: str
    amount: Decimal
    is_verified: bool
    expected: Decimal  # what the forecast counts of it

    @property
    def is_planned(self):
        return self.stage in (Stage.DRAFTS, Stage.SUBMITTED)


@dataclass(frozen=True)
class Cell:
    """The amount of a stage in a row; `url` leads to the mobilities behind it."""

    heading: str
    amount: Decimal | None
    url: str = ""


@dataclass(frozen=True)
class Row:
    """Amounts of a category, of one activity type in it, of a member, or of everything."""

    name: str
    activity: str
    awarded: Decimal | None
    shared: Decimal | None
    cells: list[Cell]
    expected: Decimal | None  # of what is planned
    is_verified: bool
    organisation: int | None = None
    is_shared: bool = True  # something of each awarded line in it, so that what is used can be a part of that

    @property
    def words(self):
        return f"{self.name}, {self.activity}" if self.activity else self.name

    @property
    def used(self):
        return known_sum(cell.amount for cell in self.cells[2:])

    @property
    def used_share(self):
        """In words; empty where there is nothing to compare with."""
        return percent(self.used, (self.is_shared and self.shared) or self.awarded) if self.used is not None else ""

    @property
    def forecast(self):
        return known_sum([self.used, self.expected])

    @property
    def left(self):
        """Of the award, after the forecast; negative for what goes beyond it. None where no award is stated."""
        return None if self.awarded is None else self.awarded - (self.forecast or 0)

    @property
    def beyond(self):
        return -self.left if self.left is not None and self.left < 0 else None


@dataclass(frozen=True)
class Block:
    """A category with its sum and, where there are several, its activity types."""

    total: Row
    rows: list[Row]

    @property
    def has_parts(self):
        return len(self.rows) > 1


@dataclass(frozen=True)
class Unknown:
    """Mobilities whose grant is in no sum: how many, why, and the address of their list."""

    sentence: str
    reason: str
    url: str


@dataclass(frozen=True)
class PastRow:
    name: str
    past: Past
    url: str
    called_off_url: str

    @property
    def share(self):
        return percent(self.past.called_off, self.past.submitted)


class Grants:
    """`lines` are the euro lines of the budget, `members` the members' rows of its data."""

    def __init__(self, data, lines, members, slug=None):
        self.data, self.lines, self.slug = data, lines, slug
        self.call_year, self.rates_of, self.is_example = data["call_year"], data["rates_of"], data["is_example"]
        self.categories = {row["key"]: covers.in_language(row) for row in data["categories"]}
        self.activities = {row["key"]: covers.in_language(row) for row in data["activities"]}
        pasts = {int(key): Past(*past) for key, past in data["pasts"].items()}
        self.pasts = Pasts(pasts)
        self.members = _members(members, data["names"])
        self.support = data["support"] and Support(data["support"], self.activities_by_code, self.members)
        self.entries = [*map(self._entry, data["amounts"]), *self._entries_of_support()]
        self.member_shares = [
            (member["organisation"], category, activity, Decimal(amount))
            for member in members
            for category, activity, currency, amount in member["shares"]
            if currency == EUR and category != Category.ORGANISATIONAL_SUPPORT
        ]

    @property
    def activities_by_code(self):
        return {row["code"]: covers.in_language(row) for row in self.data["activities"]}

    def _entry(self, kept):
        category, activity, organisation, stage, amount, is_verified = kept
        amount = Decimal(amount)
        is_planned = stage in (Stage.DRAFTS, Stage.SUBMITTED)
        expected = self.pasts.of(organisation).expected(amount) if is_planned else amount
        return Entry(category, activity, organisation, stage, amount, is_verified, expected)

    def _entries_of_support(self):
        """Due, what accepted mobilities will add, and in the forecast alone what planned ones are expected to add."""
        if not self.support or not self.support.is_known:
            return []
        due, certain, expected = self.support.amounts
        parts = [(Stage.ACTUAL, due, due), (Stage.ACCEPTED, certain - due, certain - due)]
        parts.append((Stage.SUBMITTED, Decimal(0), expected - certain))
        return [
            Entry(Category.ORGANISATIONAL_SUPPORT, None, None, stage, amount, self.support.is_verified, counted)
            for stage, amount, counted in parts
            if amount or counted
        ]

    @property
    def is_empty(self):
        return not self.entries and not self.data["unknown"]

    @property
    def is_verified(self):
        return all(entry.is_verified for entry in self.entries)

    # Tables

    @property
    def headings(self):
        return list(COLUMNS.values())

    @property
    def meanings(self):
        return MEANINGS

    @property
    def blocks(self):
        """By category and activity type, of the whole project."""
        lines = [(line.category_key, line.activity_key, line.awarded, line.shared) for line in self.lines]
        return self._blocks(self.entries, lines)

    def blocks_of(self, organisation):
        """The same of one member, which has no organisational support: beside what it was given of each line."""
        entries = [entry for entry in self.entries if entry.organisation == organisation]
        shares = [(*key, None, amount) for owner, *key, amount in self.member_shares if owner == organisation]
        return self._blocks(entries, shares, organisation)

    def _blocks(self, entries, lines, organisation=None):
        found = []
        for category in [*self.categories, None]:
            of_category = [entry for entry in entries if entry.category == category]
            given = [line for line in lines if line[0] == category]
            activities = {entry.activity for entry in of_category} | {line[1] for line in given}
            if activities:
                rows = [
                    self._row(
                        category,
                        [entry for entry in of_category if entry.activity == activity],
                        [line for line in given if line[1] == activity],
                        activity=activity,
                        organisation=organisation,
                    )
                    for activity in [*self.activities, None]
                    if activity in activities
                ]
                total = self._row(category, of_category, given, organisation=organisation)
                found.append(Block(total, rows))
        return found

    def _row(self, category, entries, lines, *, activity=None, organisation=None):
        is_support = category == Category.ORGANISATIONAL_SUPPORT
        return self._summed(
            self.categories.get(category) or gettext("no category stated"),
            entries,
            awarded=known_sum(line[2] for line in lines),
            shared=known_sum(line[3] for line in lines),
            is_shared=all(line[3] for line in lines),
            words=self.activities[activity] if activity else gettext("the whole project"),
            url="#support" if is_support else None,
            narrowing=_narrowing(activity=activity, member=organisation, category=category),
            organisation=organisation,
        )

    def _summed(
        self,
        name,
        entries,
        *,
        awarded=None,
        shared=None,
        is_shared=True,
        words="",
        url=None,
        narrowing=None,
        organisation=None,
    ):
        return Row(
            name=name,
            activity=words,
            awarded=awarded,
            shared=shared,
            cells=[self._cell(stage, entries, url, narrowing or {}) for stage in Stage],
            expected=known_sum(entry.expected for entry in entries if entry.is_planned),
            is_verified=all(entry.is_verified for entry in entries),
            organisation=organisation,
            is_shared=is_shared,
        )

    def _cell(self, stage, entries, url, narrowing):
        amounts = [entry.amount for entry in entries if entry.stage == stage and (entry.amount or entry.organisation)]
        if self.slug is None or not amounts:
            url = ""
        elif url is None:
            url = figures.rows_url(self.slug, **ROWS[stage], **narrowing)
        return Cell(COLUMNS[stage], known_sum(amounts), url)

    @property
    def total(self):
        return self._summed(
            gettext("Together"),
            self.entries,
            awarded=known_sum(line.awarded for line in self.lines),
            shared=known_sum(line.shared for line in self.lines),
            is_shared=all(line.shared for line in self.lines),
        )

    @property
    def member_rows(self):
        """What the mobilities of each member are granted; organisational support is not among it."""
        return [
            self._summed(
                name,
                [entry for entry in self.entries if entry.organisation == organisation],
                shared=self._given(organisation),
                narrowing=_narrowing(member=organisation, category=WHOLE_GRANT),
                organisation=organisation,
            )
            for organisation, name in self.members.items()
        ]

    @property
    def members_with_parts(self):
        """Each member's row with those of its categories and activity types that have grants or a share, as a paper shows them."""
        return [
            (row, [part for block in self.blocks_of(row.organisation) for part in block.rows])
            for row in self.member_rows
        ]

    def _given(self, organisation):
        return known_sum(amount for owner, _category, _activity, amount in self.member_shares if owner == organisation)

    @property
    def members_total(self):
        rows = self.member_rows
        entries = [entry for entry in self.entries if entry.organisation is not None]
        return self._summed(
            gettext("All members"),
            entries,
            shared=known_sum(row.shared for row in rows),
            narrowing={"category": WHOLE_GRANT},
        )

    # The forecast

    @property
    def past_rows(self):
        return [
            PastRow(
                name,
                self.pasts.of(organisation),
                self._past_url(organisation, "once_submitted"),
                self._past_url(organisation, "called_off"),
            )
            for organisation, name in self.members.items()
            if organisation in self.pasts.by_organisation
        ]

    def _past_url(self, organisation, counted):
        """Over all projects, so no project stands in it."""
        if self.slug is None:
            return ""
        return f"{reverse('mobilities:mobilities')}?member={organisation}&counted={counted}"

    @property
    def past_in_words(self):
        past = self.pasts.together
        if not past.submitted:
            return gettext("No member has ever submitted a mobility, so all that is planned is counted in full.")
        return gettext(
            "Of %(submitted)s mobilities that the members have ever submitted, %(off)s were called off: %(share)s. "
            "A member that has never submitted any is counted with this part."
        ) % {
            "submitted": number(past.submitted),
            "off": number(past.called_off),
            "share": percent(past.called_off, past.submitted),
        }

    @property
    def chart(self):
        """Three bars for each category. None while nothing is awarded or granted."""
        rows = [
            (block.total.name, (block.total.awarded, block.total.used, block.total.forecast)) for block in self.blocks
        ]
        if not any(amount for _name, amounts in rows for amount in amounts):
            return None
        return charts.bars(
            title=gettext("Awarded, used and forecast by budget category, EUR"),
            rows=rows,
            series=(gettext("Awarded"), gettext("Accepted and actual"), gettext("Forecast")),
            heading=gettext("Budget category"),
            description=gettext("The same values stand in the tables below."),
            key="grants",
            currency=EUR,
            broad=840,
        )

    # What stands in no sum

    @property
    def causes(self):
        for *cause, case, count in self.data["unknown"]:
            yield grant_sums.Cause(*cause, tuple(map(tuple, case))), count

    @property
    def used_lacks(self):
        """How many accepted and completed mobilities have no amount."""
        return sum(count for cause, count in self.causes if cause.stage in (Stage.ACCEPTED, Stage.ACTUAL))

    @property
    def may_be_calculated(self):
        """Are there mobilities without a grant that could be worked out today?"""
        return any(cause.kind == "not_kept" for cause, _count in self.causes)

    @property
    def missing_tables(self):
        """Tables of annex IV that lack something, each once: its name and the place where it is entered."""
        rates = [grant_sums.missing_rate(cause) for cause, _count in self.causes if cause.kind == "missing"]
        if self.support and self.support.missing_rate:
            rates.append(self.support.missing_rate)
        return {rate_tables.where_missing(rate): explanations.TABLES[rate.table] for rate in rates}

    @property
    def unknown(self):
        """By stage and reason, each sentence once."""
        found = Counter()
        for cause, count in self.causes:
            found[cause.stage, grant_sums.sentence(cause)] += count
        order = list(Stage)
        return [
            Unknown(_without_amount(stage, count), reason, self._unknown_url(stage))
            for (stage, reason), count in sorted(found.items(), key=lambda item: (order.index(item[0][0]), item))
        ]

    def _unknown_url(self, stage):
        if self.slug is None:
            return ""
        is_planned = stage in (Stage.DRAFTS, Stage.SUBMITTED)
        return figures.rows_url(self.slug, **(ROWS[stage] if is_planned else {"counted": "without_grant"}))

    @property
    def unsettled(self):
        count = self.data["unsettled"]
        sentence = ngettext(
            "%(n)s completed mobility is counted by its accepted grant: none by the real days is kept.",
            "%(n)s completed mobilities are counted by their accepted grants: none by the real days are kept.",
            count,
        )
        return sentence % {"n": number(count)} if count else ""

    @property
    def unsettled_url(self):
        return figures.rows_url(self.slug, counted="unsettled") if self.slug else ""


def _narrowing(**asked):
    return {name: value for name, value in asked.items() if value}


def _members(members, names):
    """Organisation → name: the members in their order, then others that have sent somebody."""
    found = {member["organisation"]: member["name"] for member in members}
    others = {int(key): name for key, name in names.items() if int(key) not in found}
    return found | dict(sorted(others.items(), key=lambda item: sort_key(item[1])))


def _without_amount(stage, count):
    sentence = {
        Stage.DRAFTS: ngettext("%(n)s draft has no amount.", "%(n)s drafts have no amount.", count),
        Stage.SUBMITTED: ngettext(
            "%(n)s submitted mobility has no amount.", "%(n)s submitted mobilities have no amount.", count
        ),
        Stage.ACCEPTED: ngettext(
            "%(n)s accepted mobility has no amount.", "%(n)s accepted mobilities have no amount.", count
        ),
        Stage.ACTUAL: ngettext(
            "%(n)s completed mobility has no amount.", "%(n)s completed mobilities have no amount.", count
        ),
    }[stage]
    return sentence % {"n": number(count)}
