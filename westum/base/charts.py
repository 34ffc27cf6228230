"""Where the bars of a chart stand. Pure geometry: templates draw it, the same on page and paper.

Bars lie down, start at zero and carry their value at the end. At most three series: sea solid, granite hatched,
shoal outlined. A chart is drawn twice, broad with names beside the bars and narrow with names above them, so that
text keeps its size on a phone; the paper takes the broad one. Measures are in the units of the viewBox.
"""

import textwrap
from dataclasses import dataclass

from django.utils.text import slugify

SERIES = ("sea", "granite", "shoal")
LETTER = 7.6  # breadth of a letter at size 15, on the safe side
BAR_HEIGHT = {1: 20, 2: 13, 3: 14}
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
    text_x: float

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
    axes: tuple  # (top, bottom) of each piece of the zero line
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
    currency: str  # of the values, where they are money
    broad: Drawing
    narrow: Drawing

    @property
    def legend(self):
        """Name and look of each series; empty for a single one, which the title names."""
        return list(zip(self.series, SERIES, strict=False)) if len(self.series) > 1 else []


def bars(*, title, rows, series, heading="", description="", stacked=False, key="", broad=520, currency="", full=0):
    """A chart of rows (label, values) or (label, values, goal).

    `series` names the one to three values of a row, `heading` the first column of the table, `description` is read
    out instead of the picture. With a `currency` the values are written as money. A stacked chart writes the sum,
    the others each value. `broad` is the width of the broad drawing: 760 fills an A4 page. `full` is the end of a
    scale: a bar of that value has the whole breadth, and shorter ones their part of it. Raises ValueError for more
    than three series or a row of another length.
    """
    series = tuple(series)
    table = tuple((row[0], tuple(row[1]), row[2] if len(row) > 2 else None) for row in rows)
    if not 1 <= len(series) <= len(SERIES):
        raise ValueError("A bar chart has one to three series.")
    if any(len(values) != len(series) for _label, values, _goal in table):
        raise ValueError("Each row of a bar chart has one value for each series.")
    largest = max((reach(values, goal, stacked) for _label, values, goal in table), default=0)
    largest = max(largest, full) or 1
    return BarChart(
        key=key or slugify(title) or "chart",
        title=title,
        description=description,
        heading=heading,
        series=series,
        table=table,
        stacked=stacked,
        has_goals=any(goal is not None for _label, _values, goal in table),
        currency=currency,
        broad=draw("broad", table, largest=largest, width=broad, stacked=stacked, currency=currency),
        narrow=draw("narrow", table, largest=largest, width=320, stacked=stacked, currency=currency),
    )


def reach(values, goal, stacked):
    """The value at which the longest bar or stroke of a row ends."""
    numbers = [float(value) for value in values if value is not None]
    return max(sum(numbers) if stacked else max(numbers, default=0), float(goal or 0))


def draw(name, table, *, largest, width, stacked, currency=""):
    """Lay the rows under each other, with names beside the bars (broad) or above them (narrow)."""
    beside = name == "broad"
    longest = max((len(str(label)) for label, _values, _goal in table), default=0)
    start = min(longest * LETTER + 12, width * 0.42) if beside else 1
    letters = max(int((start - 12) / LETTER) if beside else int(width / LETTER), 8)
    scale = (width - start - room_for(largest, currency)) / largest
    rows, axes, top = [], [], 4.0
    for label, values, goal in table:
        names = textwrap.wrap(str(label), letters, max_lines=2, placeholder="…") or [""]
        thick = BAR_HEIGHT[1 if stacked else len(values)]
        block = thick if stacked else len(values) * (thick + BETWEEN_BARS) - BETWEEN_BARS
        text = len(names) * LINE
        height = max(block, text) if beside else text + 2 + block
        first_line = top + (height - text) / 2 if beside else top
        bars_top = top + (height - block) / 2 if beside else top + text + 2
        stroke = None if goal is None else round(start + float(goal) * scale, 1)
        lay = pile if stacked else side_by_side
        bars_of_row, total = lay(values, start=start, top=bars_top, thick=thick, scale=scale, stroke=stroke)
        rows.append(
            Row(
                lines=tuple(
                    Line(round(start - 10, 1) if beside else 0, round(first_line + (n + 1) * LINE - 5, 1), part)
                    for n, part in enumerate(names)
                ),
                bars=bars_of_row,
                total=total,
                goal=None if stroke is None else (stroke, round(bars_top - 4, 1), round(block + 8, 1)),
            )
        )
        axes.append((round(bars_top - 3, 1), round(bars_top + block + 3, 1)))
        top += height + BETWEEN_ROWS
    return Drawing(
        name=name,
        anchor="end" if beside else "start",
        width=width,
        height=round(top),
        axis_x=round(start, 1),
        axes=((0, round(top)),) if beside else tuple(axes),
        rows=tuple(rows),
    )


def room_for(largest, currency=""):
    """Breadth that the longest value needs behind its bar; money may have cents."""
    return 24 + LETTER * len(f"{largest:,.2f} {currency}" if currency else f"{largest:,.0f}")


def bar(value, *, x, top, width, thick, look, stroke=None):
    """A bar whose value stands at its end, or behind the goal's stroke where the two would meet."""
    text_x = x + width + 6
    if stroke is not None and stroke - 36 < text_x < stroke + 9:
        text_x = stroke + 9
    return Bar(round(x, 1), round(top, 1), round(width, 1), thick, look, value, round(text_x, 1))


def side_by_side(values, *, start, top, thick, scale, stroke):
    """A bar for each value, one under the other."""
    return tuple(
        bar(
            value,
            x=start,
            top=top + n * (thick + BETWEEN_BARS),
            width=float(value or 0) * scale,
            thick=thick,
            look=SERIES[n],
            stroke=stroke,
        )
        for n, value in enumerate(values)
    ), None


def pile(values, *, start, top, thick, scale, stroke):
    """One bar in parts, and an empty one at its end that carries the sum."""
    parts, x = [], start
    for n, value in enumerate(values):
        width = float(value or 0) * scale
        parts.append(bar(value, x=x, top=top, width=width, thick=thick, look=SERIES[n]))
        x += width
    total = sum(value for value in values if value is not None)
    return tuple(parts), bar(total, x=x, top=top, width=0, thick=thick, look="", stroke=stroke)


def segments(parts, total):
    """The rectangles of a flat bar 200 units wide: dicts x, width, look from parts with `value` and `look`.

    What exceeds the total fills the bar and no more; the numbers beside it say the rest.
    """
    whole = max(float(total or 0), sum(float(part["value"] or 0) for part in parts)) or 1
    drawn, x = [], 0.0
    for n, part in enumerate(parts):
        width = float(part["value"] or 0) / whole * 200
        drawn.append(
            {"x": round(x, 1), "width": round(width, 1), "look": part.get("look") or ("sea", "shoal", "granite")[n]}
        )
        x += width
    return drawn
