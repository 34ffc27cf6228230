import gzip
import io
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.utils import translation

from westum.base import place_index
from westum.base.place_index import Place
from westum.management.commands import make_places


def names(places):
    return [place.name for place in places]


@pytest.mark.parametrize(
    "town",
    ["Bengtsfors", "Munkedal", "Lysekil", "Kungshamn", "Tanumshede", "Färgelanda", "Åmål", "Ed", "Henån", "Nossebro"],
)
def test_small_towns_of_the_consortium_are_found(town):
    assert [place.country for place in place_index.named(town, country="SE")] == ["SE"]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("Göteborg", "Göteborg"),
        ("gothenburg", "Göteborg"),
        ("Köpenhamn", "København"),
        ("münchen", "München"),
        ("Wien", "Wien"),
        ("Vienna", "Wien"),
        ("Rom", "Roma"),
        ("Corcaigh", "Cork"),
        ("Lissabon", "Lisboa"),
        ("aten", "Athína"),
        ("åbo", "Turku"),
    ],
)
def test_a_town_is_found_by_its_own_name_and_by_the_swedish_one(typed, found):
    assert place_index.search(typed)[0].name == found


def test_what_is_called_so_comes_before_what_begins_so_and_bigger_towns_before_smaller_ones():
    found = place_index.search("paris")
    assert names(found)[:2] == ["Paris", "Paris"]
    assert [place.country for place in found[:2]] == ["FR", "US"]
    assert names(place_index.search("ed"))[:2] == ["Ed", "Edmonton"]


def test_words_inside_a_name_are_found_after_its_beginning():
    assert names(place_index.search("åmål"))[0] == "Åmål"
    assert names(place_index.search("schwalbach", country="DE"))[-1].endswith("Schwalbach")
    assert "Palma de Mallorca" in names(place_index.search("mallorca"))


def test_a_country_narrows_the_search():
    assert {place.country for place in place_index.search("san", country="PT")} == {"PT"}
    assert place_index.search("göteborg", country="PT") == []


@pytest.mark.parametrize(
    "typed",
    ["", " ", "a", "|", "\t\n", "zzzzzzzz", "x" * 5000, "å" * 300, "\ud800\ud800", "2711537", "|ed|", "\x00\x00"],
)
def test_whatever_is_typed_is_answered(typed):
    assert len(place_index.search(typed)) <= place_index.MOST


def test_at_most_ten_are_found():
    assert len(place_index.search("san")) == 10
    assert len(place_index.search("st", most=3)) == 3


def test_a_place_knows_where_it_is():
    cork = place_index.the_only("cork", country="IE")
    assert (cork.latitude, cork.longitude, cork.country) == ("51.89797", "-8.47061", "IE")
    assert cork.point == (Decimal("51.89797"), Decimal("-8.47061"))
    assert place_index.by_key(cork.key) == place_index.by_key(str(cork.key)) == cork
    with translation.override("sv"):
        assert str(cork) == "Cork, Irland"
    with translation.override("en"):
        assert str(cork) == "Cork, Ireland"


@pytest.mark.parametrize("key", ["", "x", "-1", "0", "999999999", None, "1e5", "²"])
def test_a_key_that_is_none_finds_nothing(key):
    assert place_index.by_key(key) is None


def test_one_place_is_the_only_one_of_its_name_or_none_is():
    assert len(place_index.named("Neustadt", country="DE")) > 1
    assert place_index.the_only("Neustadt", country="DE") is None
    assert place_index.the_only("Atlantis", country="GR") is None
    assert place_index.the_only("Cork", country="") is None
    assert place_index.the_only("", country="SE") is None


def test_the_searchable_names_of_the_file_are_folded_as_searches_are():
    """The file is made once; `fold` may change later."""
    rows = gzip.decompress(place_index.FILE.read_bytes()).decode().splitlines(keepends=True)
    assert [row for row in rows if place_index.line(place_index.parsed(row.rstrip("\n"))) != row] == []


DUMP = """\
2711537|Gothenburg||GOT,Göteborg|57.70716|11.96679|P|PPLA|SE||28||||608462||||
5695743|Gothenburg|||40.92945|-100.16068|P|PPL|US||NE||||30514||||
1|Gothenburg|||60|12|P|PPL|SE||28||||700||||
2|Litenby|||60.5|12.5|P|PPL|SE||28||||499||||
3|Kleindorf|||50.5|12.5|P|PPL|DE||01||||999||||
4|Dorf|||50.6|12.5|P|PPL|DE||01||||1000||||
5|Stadtteil|||50.6|12.5|P|PPLX|DE||01||||9000||||
6|Elsewhere|||10|10|P|PPL|ZW||01||||14999||||
""".replace("|", "\t")


def test_the_index_is_made_from_a_dump_of_geonames():
    own = make_places.own_names(["country\tgeonames\tname\talso\n", "SE\tGothenburg\tGöteborg\tGötet, G-borg\n"])
    assert make_places.chosen(io.StringIO(DUMP), own) == [
        Place(2711537, "Göteborg", ("Gothenburg", "Götet", "G-borg"), "SE", "57.70716", "11.96679", 608462),
        Place(5695743, "Gothenburg", (), "US", "40.92945", "-100.16068", 30514),
        Place(4, "Dorf", (), "DE", "50.6", "12.5", 1000),
        Place(1, "Gothenburg", (), "SE", "60", "12", 700),
    ]


def test_the_same_dump_gives_the_same_bytes(tmp_path, capsys):
    dump, one, other = tmp_path / "cities500.txt", tmp_path / "one.gz", tmp_path / "other.gz"
    dump.write_text(DUMP)
    for target in (one, other):
        call_command("make_places", str(dump), to=target)
    assert one.read_bytes() == other.read_bytes()
    assert (
        gzip.decompress(one.read_bytes()).decode().startswith("|goteborg|gothenburg|\t2711537\tGöteborg\tGothenburg\t")
    )
    assert capsys.readouterr().out.startswith("4 places, ")
