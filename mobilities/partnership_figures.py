"""What two sides' answers say beside each other: gaps, changes, means of a phase. Arithmetic and words, no database."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from mobilities.models import Score, Side
from westum.base import charts

WIDE = 2  # steps between the sides from which a statement is named as one to talk about
MINUS = "\N{MINUS SIGN}"


def mean(scores):
    """To one decimal, of those that were given; None when there are none."""
    given = [score for score in scores if score is not None]
    if not given:
        return None
    return to_a_decimal(Decimal(sum(given)) / len(given))


def to_a_decimal(number):
    return number.quantize(Decimal("0.1"), ROUND_HALF_UP)


@dataclass(frozen=True)
class SideOfLine:
    """What one side says of a statement, now and in the round before."""

    side: Side
    score: int | None
    note: str
    before: int | None
    had_round_before: bool

    @property
    def words(self):
        """4, mostly true."""
        return f"{self.score}, {Score(self.score).label}" if self.score else _("not answered")

    @property
    def change(self):
        """Steps up or down since last time; None when one of the two rounds has no answer."""
        return None if self.score is None or self.before is None else self.score - self.before

    @property
    def change_words(self):
        if not self.had_round_before:
            return _("first round")
        if self.score is None:
            return _("not answered")
        if self.before is None:
            return _("not answered last time")
        if self.change == 0:
            return _("as last time")
        return f"+{self.change}" if self.change > 0 else f"{MINUS}{-self.change}"


@dataclass(frozen=True)
class Line:
    """One statement with both sides."""

    statement: object
    school: SideOfLine
    employer: SideOfLine

    @property
    def sides(self):
        return self.school, self.employer

    @property
    def gap(self):
        """The school's score less the workplace's; None unless both have answered."""
        if self.school.score is None or self.employer.score is None:
            return None
        return self.school.score - self.employer.score

    @property
    def is_wide(self):
        return self.gap is not None and abs(self.gap) >= WIDE

    @property
    def gap_words(self):
        if self.gap is None:
            return _("not answered")
        if self.gap == 0:
            return pgettext("gap between school and workplace", "none")
        if self.gap > 0:
            return _("%(n)s, the school higher") % {"n": self.gap}
        return _("%(n)s, the workplace higher") % {"n": -self.gap}


@dataclass(frozen=True)
class PhaseLines:
    phase: object
    lines: tuple

    def mean_of(self, side):
        return mean(getattr(line, side).score for line in self.lines)

    def mean_before(self, side):
        return mean(getattr(line, side).before for line in self.lines)

    def answered(self, side):
        return sum(getattr(line, side).score is not None for line in self.lines)

    @property
    def answered_by_both(self):
        return {side: self.answered(side) for side in Side}


def compare(phases, answers, answers_before, *, had_round_before):
    """The phases with the lines of their statements. `answers…` are ratings by side and statement's key."""

    def side_of(side, statement):
        now, then = answers.get((side, statement.pk)), answers_before.get((side, statement.pk))
        return SideOfLine(
            side=side,
            score=now.score if now else None,
            note=now.note if now else "",
            before=then.score if then else None,
            had_round_before=had_round_before,
        )

    return [
        PhaseLines(
            phase,
            tuple(
                Line(statement, side_of(Side.SCHOOL, statement), side_of(Side.EMPLOYER, statement))
                for statement in phase.statements.all()
            ),
        )
        for phase in phases
    ]


def chart_of_gaps(found):
    return charts.bars(
        key="gaps",
        title=_("School and workplace by phase"),
        heading=_("Phase"),
        series=[_("School"), _("Workplace")],
        rows=[(str(row.phase), (row.mean_of(Side.SCHOOL), row.mean_of(Side.EMPLOYER))) for row in found],
        description=_("Mean of the answers, on a scale from 1 to 5. The same values stand in the table."),
        full=len(Score),
    )


def charts_of_change(found):
    """For each side how its phases stood last time and stand now."""
    titles = {Side.SCHOOL: _("The school: last time and now"), Side.EMPLOYER: _("The workplace: last time and now")}
    return [
        charts.bars(
            key=f"change-{side}",
            title=titles[side],
            heading=_("Phase"),
            series=[_("Last time"), _("Now")],
            rows=[(str(row.phase), (row.mean_before(side), row.mean_of(side))) for row in found],
            description=_("Mean of the answers, on a scale from 1 to 5. The same values stand in the table."),
            full=len(Score),
        )
        for side in Side
    ]
