"""Where the bars of a chart stand. Pure geometry: templates draw it, the same on page and paper.

Bars lie down, start at zero and carry their value at the end. At most three series: sea solid, granite hatched,
shoal outlined. A chart is drawn twice, broad with names beside the bars and narrow with names above them, so that
text keeps its size on a phone; the paper takes the broad one. Measures are in the units of the viewBox.
"""

import textwrap
from dataclasses import dataclass

from django.utils.text import slugify

SERIES = ("sea", "granite", "shoal")
CHARACTER = 7.6  # breadth of a letter at size 15, on the safe side
DIGITS = 58  # room for the value at the end of a bar
BAR_HEIGHT = {1: 20, 2: 13, 3: 11}
BETWEEN_BARS, BETWEEN_ROWS, LINE = 2, 11, 18


@dataclass(frozen=True)
class Bar:
    """One rectangle with its value; `look` names the series. A value of None is drawn as nothing and written "–"."""

    x: float
    y: float
    width: float
    height: float
    look: str
    value: object

    @property
    def text_x(self):
        return round(self.x + self.width + 6, 1)

    @property
    def text_y(self):
        return round(self.y + self.height / 2 + 5, 1)


@dataclass(frozen=True)
class Line:
    """One line of a row's name."""

    x: float
    y: float
    text: str


@dataclass(frozen=True)
class Row:
    """A row of a drawing: its name in one or two lines, its bars, what stands at the end, and the goal's stroke."""

    lines: tuple
    bars: tuple
    total: Bar | None
    goal: tuple | None  # x, top, height


@dataclass(frozen=True)
class Drawing:
    """One svg: `name` is broad or narrow, `anchor` where the names are pinned."""

    name: str
    anchor: str
    width: int
    height: int
    axis_x: float
    rows: tuple


@dataclass(frozen=True)
class BarChart:
    """What `components/chart_bars.html` draws. `table` holds (label, values, goal) as they were given."""

    key: str
    title: str
    description: str
    heading: str
    series: tuple
    table: tuple
    stacked: bool
    has_goals: bool
    broad: Drawing
    narrow: Drawing

    @property
    def legend(self):
        """Name and look of each series; empty for a single one, which the title names."""
        return list(zip(self.series, SERIES, strict=False)) if len(self.series) > 1 else []


def bars(*, title, rows, series, heading="", description="", stacked=False, key="", broad=520):
    """A chart of rows (label, values) or (label, values, goal).

    `series` names the one to three values of a row, `heading` the first column of the table, `description` is read
    out instead of the picture. A stacked chart writes the sum, the others each value. `broad` is the width of the
    broad drawing: 760 fills an A4 page. Raises ValueError for more than three series or a row of another length.
    """
    series = tuple(series)
    table = tuple((row[0], tuple(row[1]), row[2] if len(row) > 2 else None) for row in rows)
    if not 1 <= len(series) <= len(SERIES):
        raise ValueError("A bar chart has one to three series.")
    if any(len(values) != len(series) for _label, values, _goal in table):
        raise ValueError("Each row of a bar chart has one value for each series.")
    largest = max((reach(values, goal, stacked) for _label, values, goal in table), default=0) or 1
    return BarChart(
        key=key or slugify(title) or "chart",
        title=title,
        description=description,
        heading=heading,
        series=series,
        table=table,
        stacked=stacked,
        has_goals=any(goal is not None for _label, _values, goal in table),
        broad=draw("broad", table, largest=largest, width=broad, stacked=stacked),
        narrow=draw("narrow", table, largest=largest, width=320, stacked=stacked),
    )


def reach(values, goal, stacked):
    """The value at which the longest bar or stroke of a row ends."""
    numbers = [float(value) for value in values if value is not None]
    return max(sum(numbers) if stacked else max(numbers, default=0), float(goal or 0))


def draw(name, table, *, largest, width, stacked):
    """Lay the rows under each other. Names stand right of nothing: beside the bars (broad) or above them (narrow)."""
    beside = name == "broad"
    longest = max((len(str(label)) for label, _values, _goal in table), default=0)
    start = min(longest * CHARACTER + 12, width * 0.42) if beside else 1
    letters = int((start - 12) / CHARACTER) if beside else int(width / CHARACTER)
    room = width - start - DIGITS
    rows, top = [], 4.0
    for label, values, goal in table:
        names = textwrap.wrap(str(label), max(letters, 8), max_lines=2, placeholder="…") or [""]
        count = 1 if stacked else len(values)
        thick = BAR_HEIGHT[len(values)] if not stacked else BAR_HEIGHT[1]
        block = count * (thick + BETWEEN_BARS) - BETWEEN_BARS
        if beside:
            height = max(block, len(names) * LINE)
            first = top + (height - len(names) * LINE) / 2 + LINE - 5
            bars_top = top + (height - block) / 2
        else:
            height = len(names) * LINE + 2 + block
            first, bars_top = top + LINE - 5, top + len(names) * LINE + 2
        lines = tuple(
            Line(round(start - 10, 1) if beside else 0, round(first + n * LINE, 1), text) for n, text in enumerate(names)
        )
        scale = room / largest
        drawn, total = (pile if stacked else side_by_side)(values, start=start, top=bars_top, thick=thick, scale=scale)
        stroke = (
            None if goal is None else (round(start + float(goal) * scale, 1), round(bars_top - 4, 1), round(block + 8, 1))
        )
        rows.append(Row(lines, drawn, total, stroke))
        top += height + BETWEEN_ROWS
    return Drawing(name, "end" if beside else "start", width, round(top), round(start, 1), tuple(rows))


def side_by_side(values, *, start, top, thick, scale):
    """A bar for each value, one under the other."""
    return tuple(
        Bar(
            round(start, 1),
            round(top + n * (thick + BETWEEN_BARS), 1),
            round(float(value or 0) * scale, 1),
            thick,
            SERIES[n],
            value,
        )
        for n, value in enumerate(values)
    ), None


def pile(values, *, start, top, thick, scale):
    """One bar in parts, and an empty one at its end that carries the sum."""
    parts, x = [], start
    for n, value in enumerate(values):
        width = float(value or 0) * scale
        parts.append(Bar(round(x, 1), round(top, 1), round(width, 1), thick, SERIES[n], value))
        x += width
    total = sum(value for value in values if value is not None)
    return tuple(parts), Bar(round(x, 1), round(top, 1), 0, thick, "", total)


def segments(parts, total):
    """The rectangles of a flat bar 200 units wide: dicts x, width, look from parts with `value` and `look`.

    What exceeds the total fills the bar and no more; the numbers beside it say the rest.
    """
    whole = max(float(total or 0), sum(float(part["value"] or 0) for part in parts)) or 1
    drawn, x = [], 0.0
    for n, part in enumerate(parts):
        width = float(part["value"] or 0) / whole * 200
        drawn.append({"x": round(x, 1), "width": round(width, 1), "look": part.get("look") or ("sea", "shoal", "granite")[n]})
        x += width
    return drawn
