"""The chart of the region: a coast in simple lines, and places where the register says that they are.

Pure geometry for `components/region.html`: flat projection at 58° N, y grows southwards, 250 units a degree of latitude. The
coast, islands and lakes are our own drawing in "longitude latitude" pairs, for orientation and not for navigation.
"""

import math
from dataclasses import dataclass

WIDTH, HEIGHT, TOP = 530, 632, 18  # the part of the plane that is shown: x from 0, y from TOP
WEST, NORTH, SCALE = 10.55, 59.32, 250
NARROWER = math.cos(math.radians(58))


def project(latitude, longitude):
    """x and y of a place."""
    return round((float(longitude) - WEST) * SCALE * NARROWER, 1), round((NORTH - float(latitude)) * SCALE, 1)


def outline(pairs):
    """Points of "longitude latitude, longitude latitude, …"."""
    return [project(latitude, longitude) for longitude, latitude in (pair.split() for pair in pairs.split(", "))]


COAST = outline(
    "11.50 59.70, 11.45 59.30, 11.33 59.11, 11.14 59.02, 11.16 58.94, 11.13 58.86, 11.20 58.78, 11.22 58.69, "
    "11.27 58.66, 11.24 58.60, 11.28 58.53, 11.25 58.46, 11.22 58.41, 11.20 58.35, 11.32 58.36, 11.37 58.33, "
    "11.40 58.27, 11.46 58.26, 11.53 58.31, 11.62 58.37, 11.66 58.30, 11.78 58.33, 11.86 58.31, 11.84 58.22, "
    "11.82 58.12, 11.80 58.07, 11.76 58.00, 11.70 57.90, 11.72 57.84, 11.76 57.74, 11.86 57.70, 11.88 57.64, "
    "11.92 57.57, 11.94 57.48, 11.90 57.42, 12.00 57.36, 12.06 57.44, 12.10 57.38, 12.11 57.26, 12.17 57.20, "
    "12.21 57.11, 12.30 57.03, 12.35 56.94, 12.46 56.88, 12.62 56.80, 12.74 56.68, 12.86 56.62, 12.95 56.40, "
    "12.90 56.20"
)
ISLANDS = [
    outline("11.50 58.24, 11.60 58.27, 11.74 58.25, 11.75 58.17, 11.62 58.14, 11.50 58.17"),
    outline("11.56 58.07, 11.68 58.08, 11.73 58.02, 11.66 57.97, 11.55 57.99"),
    outline("11.60 57.73, 11.68 57.75, 11.68 57.70"),
    outline("10.95 58.88, 11.00 58.92, 11.02 58.86"),
]
LAKES = [
    outline(
        "12.36 58.39, 12.44 58.47, 12.46 58.62, 12.52 58.75, 12.60 58.88, 12.66 58.99, 12.74 59.05, 12.86 59.02, "
        "12.92 58.94, 13.02 58.90, 13.08 58.98, 13.05 59.10, 13.16 59.26, 13.40 59.36, 13.75 59.33, 14.05 59.28, "
        "13.98 59.12, 13.98 58.98, 13.95 58.84, 13.84 58.72, 13.62 58.68, 13.40 58.66, 13.34 58.58, 13.20 58.54, "
        "13.14 58.58, 13.18 58.72, 13.06 58.76, 13.00 58.66, 12.92 58.55, 12.78 58.46, 12.60 58.44, 12.50 58.39"
    ),
    outline(
        "14.62 58.75, 14.52 58.60, 14.42 58.50, 14.30 58.30, 14.18 58.12, 14.12 57.90, 14.17 57.79, 14.30 57.80, "
        "14.44 58.00, 14.62 58.15, 14.72 58.35, 14.95 58.60, 14.90 58.78"
    ),
]
MAINLAND = [*COAST, (2000, COAST[-1][1]), (2000, COAST[0][1])]


def curve(points, *, closed):
    """An SVG path that runs smoothly past the points."""
    middles = [((a[0] + b[0]) / 2, (a[1] + b[1]) / 2) for a, b in zip(points, points[1:], strict=False)]
    start = f"M{points[0][0]:.1f} {points[0][1]:.1f}"
    bends = "".join(f"Q{p[0]:.1f} {p[1]:.1f} {m[0]:.1f} {m[1]:.1f}" for p, m in zip(points, middles, strict=False))
    return f"{start}{bends}L{points[-1][0]:.1f} {points[-1][1]:.1f}{'Z' if closed else ''}"


COAST_PATH = curve(COAST, closed=False)
MAINLAND_PATH = f"{COAST_PATH}L2000 {COAST[-1][1]:.1f}L2000 {COAST[0][1]:.1f}Z"
ISLAND_PATH = "".join(curve([*island, island[0]], closed=True) for island in ISLANDS)
LAKE_PATH = "".join(curve([*lake, lake[0]], closed=True) for lake in LAKES)


def inside(point, polygon):
    """Whether the point lies in the polygon (a ray to the east crosses its edge an odd number of times)."""
    x, y = point
    crossings = 0
    for (x1, y1), (x2, y2) in zip(polygon, [*polygon[1:], polygon[0]], strict=True):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            crossings += 1
    return crossings % 2 == 1


def on_water(point):
    """Whether the point lies in the sea; a lake is light enough for dark letters."""
    return not any(inside(point, land) for land in [MAINLAND, *ISLANDS])


@dataclass(frozen=True)
class Name:
    """A name beside its dot."""

    x: float
    y: float
    anchor: str
    on_water: bool


@dataclass(frozen=True)
class Place:
    """A dot. `name_wide` and `name_phone` are None where there is no room; every name also stands in a list beside."""

    name: str
    x: float
    y: float
    on: bool
    name_wide: Name | None
    name_phone: Name | None

    @property
    def radius(self):
        return 6.5 if self.on else 4.5


def chart(places):
    """Places as dots with names that do not cover each other. `places` are (name, latitude, longitude, on).

    Those without coordinates or outside the picture are left out. Those that are `on` choose their room first.
    """
    dots = [
        (name, *project(latitude, longitude), bool(on))
        for name, latitude, longitude, on in places
        if latitude is not None and longitude is not None
    ]
    dots = [dot for dot in dots if 8 < dot[1] < WIDTH - 8 and TOP + 8 < dot[2] < TOP + HEIGHT - 8]
    dots.sort(key=lambda dot: (not dot[3], dot[0]))
    wide, phone = names(dots, size=13), names(dots, size=21)
    return [Place(name, x, y, on, wide[name], phone[name]) for name, x, y, on in dots]


def names(dots, *, size):
    """Room for each name at a size of letters: over the sea where the whole name has it, else right of its dot, left,
    above or below, or none."""
    taken = [(x - 8, y - 8, x + 8, y + 8) for _name, x, y, _on in dots]
    found = {}
    for name, x, y, _on in dots:
        found[name] = None
        breadth = len(name) * size * 0.56
        right, left_hand = ("start", x + 11, y), ("end", x - 11 - breadth, y)
        above, below = ("middle", x - breadth / 2, y - size - 4), ("middle", x - breadth / 2, y + size + 4)
        at_sea = on_water((x - 11, y)) and on_water((x - 11 - breadth, y))
        for anchor, left, middle in [left_hand, right, above, below] if at_sea else [right, left_hand, above, below]:
            box = (left, middle - size * 0.55, left + breadth, middle + size * 0.55)
            free = all(box[2] < t[0] or t[2] < box[0] or box[3] < t[1] or t[3] < box[1] for t in taken)
            if free and left >= 2 and box[2] <= WIDTH - 2 and box[1] > TOP and box[3] < TOP + HEIGHT:
                at = {"start": left, "end": left + breadth, "middle": x}[anchor]
                water = on_water((left + breadth / 2, middle))
                found[name] = Name(round(at, 1), round(middle + size * 0.35, 1), anchor, water)
                taken.append(box)
                break
    return found
