from decimal import Decimal

import pytest
from django.template.loader import render_to_string

from westum.base import charts, region


def chart(rows, series=("Learners",), **options):
    return charts.bars(title="By member", rows=rows, series=series, **options)


def test_bars_start_at_zero_and_keep_their_proportions():
    broad = chart([("Borås", (30,)), ("Skövde", (15,)), ("Orust", (0,))]).broad
    first, second, third = (row.bars[0] for row in broad.rows)
    assert {first.x, second.x, third.x} == {broad.axis_x}
    assert second.width == pytest.approx(first.width / 2, abs=0.1)
    assert third.width == 0


@pytest.mark.parametrize("name", ["broad", "narrow"])
@pytest.mark.parametrize("largest", [1, 9, 124, 1_234_567, Decimal("81500.50")])
def test_nothing_leaves_the_picture(name, largest):
    rows = [
        ("Kunskapsförbundet Väst och dess grannar i hela regionen", (largest, largest / 2, None), largest),
        ("A", (0, 0, 0)),
    ]
    drawing = getattr(chart(rows, ("a", "b", "c")), name)
    for row in drawing.rows:
        for bar in row.bars:
            assert bar.x + bar.width <= drawing.width
            assert bar.text_x + 8 * len(f"{bar.value or 0:,.0f}") <= drawing.width
            assert bar.y + bar.height <= drawing.height
        assert all(0 <= line.y <= drawing.height for line in row.lines)


def test_rows_do_not_touch():
    for drawing in (
        chart([(str(n), (n, n + 1)) for n in range(14)], ("a", "b")).broad,
        chart([("x", (1,))] * 3).narrow,
    ):
        edges = [(row.bars[0].y, row.bars[-1].y + row.bars[-1].height) for row in drawing.rows]
        assert all(bottom < top for (_t, bottom), (top, _b) in zip(edges, edges[1:], strict=False))


def test_a_long_name_takes_two_lines_and_then_an_ellipsis():
    lines = (
        chart([("Hotell, restaurang, turism och allt annat som man kan tänka sig i världen", (1,))]).broad.rows[0].lines
    )
    assert len(lines) == 2
    assert lines[1].text.endswith("…")


def test_a_stack_puts_its_parts_end_to_end_and_carries_the_sum():
    row = chart([("Borås", (3, None, 2))], ("a", "b", "c"), stacked=True).broad.rows[0]
    assert row.bars[1].width == 0
    assert row.bars[1].x == pytest.approx(row.bars[0].x + row.bars[0].width, abs=0.2)
    assert row.bars[2].x == pytest.approx(row.bars[1].x, abs=0.2)
    assert row.total.value == 5


def test_a_value_stands_clear_of_the_goal():
    row = chart([("Learners", (95,), 101)]).broad.rows[0]
    assert row.goal[0] > row.bars[0].x + row.bars[0].width
    assert row.bars[0].text_x > row.goal[0]


def test_an_empty_chart_is_drawn():
    assert chart([]).broad.rows == ()
    assert chart([("Borås", (None,))]).broad.rows[0].bars[0].width == 0


@pytest.mark.parametrize(("series", "values"), [((), ()), (("a", "b", "c", "d"), (1, 2, 3, 4)), (("a",), (1, 2))])
def test_a_chart_that_cannot_be_told_apart_is_refused(series, values):
    with pytest.raises(ValueError, match="bar chart"):
        chart([("Borås", values)], series)


def test_a_chart_comes_with_words_and_its_table():
    drawn = chart(
        [("Borås", (11, 13)), ("<Skövde>", (None, 9))],
        ("Learners", "Staff"),
        key="members",
        description="Most in Borås.",
    )
    page = render_to_string("components/chart_bars.html", {"chart": drawn})
    assert page.count("<desc") == 2
    assert "Most in Borås." in page
    assert '<th scope="row">&lt;Skövde&gt;</th>' in page
    assert page.count('<td class="num">') == 4
    paper = render_to_string("components/chart_bars.html", {"chart": drawn, "paper": True})
    assert "<table" not in paper
    assert paper.count('<svg class="drawing') == 1
    assert 'fill="#0d5069"' in paper  # the PDF engine reads no CSS inside a picture


@pytest.mark.parametrize(
    ("values", "total", "widths"),
    [
        ((50, 25), 100, [100.0, 50.0]),
        ((150,), 100, [200.0]),
        ((0, None), 0, [0.0, 0.0]),
        ((Decimal("81.5"),), Decimal(163), [100.0]),
    ],
)
def test_a_flat_bar_is_never_longer_than_full(values, total, widths):
    drawn = charts.segments([{"value": value} for value in values], total)
    assert [part["width"] for part in drawn] == widths
    assert [part["look"] for part in drawn] == ["sea", "shoal"][: len(values)]


def test_places_stand_where_the_register_says():
    (place,) = region.chart([("Borås", Decimal("57.72101"), Decimal("12.94010"), True)])
    assert (place.x, place.y) == region.project(57.72101, 12.9401) == (316.6, 399.7)
    assert place.radius > region.chart([("Borås", 57.7, 12.9, False)])[0].radius


def test_places_without_coordinates_or_outside_are_left_out():
    assert region.chart([("Nowhere", None, None, True), ("Kiruna", 67.9, 20.2, True)]) == []


def test_names_do_not_cover_each_other_or_a_dot():
    places = region.chart([(f"Name {n}", 58.2 + n % 5 * 0.05, 12.4 + n // 5 * 0.2, n % 2) for n in range(20)])
    for attribute, size in (("name_wide", 13), ("name_phone", 21)):
        boxes = []
        for place in places:
            name = getattr(place, attribute)
            if name is None:
                continue
            breadth = len(place.name) * size * 0.56
            left = {"start": name.x, "end": name.x - breadth, "middle": name.x - breadth / 2}[name.anchor]
            boxes.append((left, left + breadth, name.y - size * 0.35))
        assert boxes
        for n, (left, right, y) in enumerate(boxes):
            assert all(right < b[0] or b[1] < left or abs(y - b[2]) >= size for b in boxes[n + 1 :])


def test_sea_and_land_are_told_apart():
    assert region.on_water(region.project(57.6, 11.0))
    assert not region.on_water(region.project(57.72, 12.94))
    assert not region.on_water(region.project(58.2, 11.63))  # Orust, an island
    assert not region.on_water(region.project(58.95, 13.2))  # Vänern: light enough for dark letters
