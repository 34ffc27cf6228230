import gzip
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand

from westum.base.place_index import FILE, Place, line

NAMES = settings.BASE_DIR / "fixtures" / "place_names.tsv"
# From how many inhabitants on a town is in the list: we and our neighbours, the countries of the programme, the world.
NEAR = {"SE", "NO", "DK", "FI"}
# fmt: off
PROGRAMME = {
    "AT", "BE", "BG", "HR", "CY", "CZ", "EE", "FR", "DE", "GR", "HU", "IE", "IT", "LV", "LT", "LU", "MT", "NL", "PL",
    "PT", "RO", "SK", "SI", "ES", "IS", "LI", "MK", "RS", "TR", "AL", "BA", "ME", "MD", "UA", "GE", "XK", "CH", "GB",
}
# fmt: on
FROM_NEAR, FROM_PROGRAMME, FROM_ELSEWHERE = 500, 1000, 15_000
NO_TOWNS = {"PPLX", "PPLH", "PPLQ", "PPLW"}  # parts of towns; towns that are no more


class Command(BaseCommand):
    help = (
        "Make fixtures/places.tsv.gz anew from cities500.txt, which GeoNames offers for download, and place_names.tsv, "
        "which says how people in Sweden and in the town itself call it."
    )

    def add_arguments(self, parser):
        parser.add_argument("dump", type=Path, help="cities500.txt")
        parser.add_argument("--to", type=Path, default=FILE)

    def handle(self, *, dump, to, **options):
        with dump.open(encoding="utf-8") as rows, NAMES.open(encoding="utf-8") as names:
            places = chosen(rows, own_names(names))
        # Neither name nor time in the file's head: the same towns give the same bytes.
        to.write_bytes(gzip.compress("".join(map(line, places)).encode(), mtime=0))
        self.stdout.write(f"{len(places)} places, {to.stat().st_size / 1e6:.1f} MB.")


def own_names(rows):
    """By country and GeoNames' name: the name that we show, and further ones."""
    cells = (row.rstrip("\n").split("\t") for row in list(rows)[1:])
    return {
        (country, given): (name, tuple(filter(None, (one.strip() for one in also.split(",")))))
        for country, given, name, also in cells
    }


def chosen(rows, names):
    """The places of GeoNames' rows that we list, the most populated first. An own name goes to the biggest of a name."""
    cells = (row.rstrip("\n").split("\t") for row in rows)
    listed = [cell for cell in cells if int(cell[14]) >= _least(cell[8]) and cell[7] not in NO_TOWNS]
    left = dict(names)
    places = []
    for cell in sorted(listed, key=lambda cell: (-int(cell[14]), int(cell[0]))):
        given, country = cell[1], cell[8]
        name, also = left.pop((country, given), (given, ()))
        further = tuple(one for one in dict.fromkeys((given, *also)) if one != name)
        places.append(Place(int(cell[0]), name, further, country, cell[4], cell[5], int(cell[14])))
    return places


def _least(country):
    if country in NEAR:
        return FROM_NEAR
    return FROM_PROGRAMME if country in PROGRAMME else FROM_ELSEWHERE
