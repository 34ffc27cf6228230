"""Towns by their names, with country and place on the map: `fixtures/places.tsv.gz`, made from GeoNames by `make_places`.

A process reads the file when it first needs it and keeps it as one text, in which the biggest town comes first: a search
goes through it from the top and stops when it has enough, so that the first found are the best known.
"""

import gzip
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from django.conf import settings

from westum.base import formats
from westum.base.text import fold

FILE = settings.BASE_DIR / "fixtures" / "places.tsv.gz"
MOST = 10
SHORTEST = 2  # letters; a single one finds everything


@dataclass(frozen=True)
class Place:
    """`also` are further names by which it is found; `key` is its number at GeoNames."""

    key: int
    name: str
    also: tuple[str, ...]
    country: str
    latitude: str
    longitude: str
    population: int

    def __str__(self):
        return f"{self.name}, {formats.country(self.country)}"

    @property
    def point(self):
        return Decimal(self.latitude), Decimal(self.longitude)

    @property
    def where(self):
        """Its place on the map in words, by which towns of one name and country differ."""
        return formats.point(*self.point)

    @property
    def words(self):
        return folded_names(self.name, self.also)

    def is_called(self, text):
        """Is this, or the beginning of this, one of its names or of the words in them?"""
        wanted = _needle(text)
        return bool(wanted) and any(f"{sign}{wanted}" in f"|{word}" for word in self.words for sign in "| -")


def folded_names(name, also=()):
    return tuple(dict.fromkeys(map(fold, (name, *also))))


def line(place):
    """The place as the file has it. Its first column is what a search looks at: |goteborg|gothenburg|"""
    words = "|".join(("", *place.words, ""))
    facts = (place.name, ",".join(place.also), place.country, place.latitude, place.longitude, place.population)
    return "\t".join(map(str, (words, place.key, *facts))) + "\n"


def parsed(row):
    """The place of a line without its end."""
    _words, key, name, also, country, latitude, longitude, population = row.split("\t")
    names = tuple(filter(None, also.split(",")))
    return Place(int(key), name, names, country, latitude, longitude, int(population))


def search(text, *, country="", most=MOST):
    """Places that are called so, then those whose name begins so, then those with a word that begins so."""
    wanted = _needle(text)
    if len(wanted) < SHORTEST:
        return []
    found = {}
    for pattern in (f"|{wanted}|", *(f"{sign}{wanted}" for sign in "| -")):
        for place in _with(pattern, country):
            found.setdefault(place.key, place)
            if len(found) == most:
                return list(found.values())
    return list(found.values())


def named(text, *, country="", most=MOST):
    """Places of exactly this name, in this country if it is given."""
    wanted, found = _needle(text), []
    if wanted:
        for place in _with(f"|{wanted}|", country):
            found.append(place)
            if len(found) == most:
                break
    return found


def biggest(country, *, most=MOST):
    """The towns of a country with the most inhabitants."""
    text, wanted, at, found = _text(), f"\t{country}\t".encode(), 0, []
    while len(found) < most and (at := text.find(wanted, at)) >= 0:
        place, at = _place(at), text.find(b"\n", at)
        if place.country == country:
            found.append(place)
    return found


def the_only(text, *, country):
    """The place of this name in this country when there is exactly one, else None."""
    found = named(text, country=country, most=2) if country else []
    return found[0] if len(found) == 1 else None


def by_key(key):
    """The place with this number, or None."""
    if not re.fullmatch(r"[0-9]{1,9}", str(key)):
        return None
    at = _text().find(f"|\t{int(key)}\t".encode())
    return _place(at) if at >= 0 else None


def _needle(text):
    """What is sought: without the signs that part the columns and names."""
    return re.sub(r"[|\t\n]+", " ", fold(text))[:80].strip()


def _with(pattern, country) -> Iterator[Place]:
    """Places in whose names the pattern is, from the top."""
    text, wanted, at = _text(), pattern.encode(errors="ignore"), 0
    while (at := text.find(wanted, at)) >= 0:
        place, at = _place(at), text.find(b"\n", at)
        # A pattern that begins with a space is also found in the columns behind the names.
        if country in ("", place.country) and pattern in f"|{'|'.join(place.words)}|":
            yield place


def _place(at):
    """The place of the line in which this position is."""
    text = _text()
    return parsed(text[text.rfind(b"\n", 0, at) + 1 : text.find(b"\n", at)].decode())


@lru_cache(maxsize=1)
def _text():
    return gzip.decompress(FILE.read_bytes())
