import random

import pytest
from django.core import serializers
from django.db import connection

from consortium.models import Municipality, Organisation
from westum.base.text import fold, sort_key, swedish

IN_ORDER = [
    "", "1 mil", "2 mil", "Aa", "aal", "Ab", "Alingsås", "Borås", "Eva", "évb", "Evc", "Lilla Edet", "Lilla-Edet",
    "Lund", "Müb", "Myc", "Ulrika", "Vara", "Wara", "Zeta", "Ål", "åsa", "Åsa", "Åsb", "äpple", "Ärla", "Öckerö",
    "öl", "øm", "Ör",
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Åsa", "asa"),
        ("ÅSA ÄRLA-ÖBERG", "asa arla-oberg"),
        ("A\u030asa", "asa"),
        ("José  Nuñez\u00a0Łucja", "jose nunez lucja"),
        ("Søren Straße", "soren strasse"),
        ("Lučenec", "lucenec"),
        ("", ""),
    ],
)
def test_fold_leaves_plain_small_letters(text, folded):
    assert fold(text) == folded


def test_fold_joins_parts_and_skips_what_is_missing():
    assert fold("Åsa", None, "", "Öberg", 7) == "asa oberg 7"


def test_sort_key_puts_swedish_letters_last():
    shuffled = random.Random(7).sample(IN_ORDER, len(IN_ORDER))
    assert sorted(shuffled, key=sort_key) == IN_ORDER


def test_sort_key_sees_one_letter_however_it_is_written():
    assert sort_key("Å")[:3] == sort_key("A\u030a")[:3]


@pytest.mark.django_db
def test_database_sorts_as_python_does():
    for number, name in enumerate(random.Random(8).sample(IN_ORDER[1:], len(IN_ORDER) - 1)):
        Municipality.objects.create(code=f"14{number:02}", name=name, county_code="14", county_name="Västra Götaland")
    assert list(Municipality.objects.order_by(swedish("name")).values_list("name", flat=True)) == IN_ORDER[1:]
    assert list(Municipality.objects.order_by(swedish("-name")).values_list("name", flat=True)) == IN_ORDER[:0:-1]


@pytest.mark.django_db
def test_database_and_python_agree_on_generated_names():
    """Letters, accents, hyphens, blanks and digits in every mixture that names have."""
    made = random.Random(9)
    letters = "abeyzåäöABEYZÅÄÖéÉüÜøæ- 12"
    names = sorted(
        {"".join(made.choice(letters) for _ in range(made.randint(1, 6))).strip() for _ in range(600)} - {""}
    )
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE generated (name varchar(20))")
        cursor.executemany("INSERT INTO generated VALUES (%s)", [(name,) for name in names])
        collation = "swedish" if connection.vendor == "sqlite" else '"sv-SE-x-icu"'
        cursor.execute(f"SELECT name FROM generated ORDER BY name COLLATE {collation}")
        found = [name for (name,) in cursor.fetchall()]
        cursor.execute("DROP TABLE generated")
    assert found == sorted(names, key=sort_key)


@pytest.fixture
def organisation():
    return Organisation.objects.create(name="Åsa Lärcenter", city="Göteborg")


@pytest.mark.django_db
@pytest.mark.parametrize("words", ["åsa", "ASA", "Åsa lär", "goteborg", "A\u030asa"])
def test_folded_search_finds_whatever_the_accents(organisation, words):
    assert Organisation.objects.filter(search__contains=fold(words)).get() == organisation


@pytest.mark.django_db
def test_folded_text_follows_each_whole_save(organisation):
    organisation.name = "Ärla"
    organisation.save()
    assert Organisation.objects.values_list("search", flat=True).get() == "arla goteborg"


@pytest.mark.django_db
def test_folded_text_comes_with_fixtures():
    row = {"model": "consortium.organisation", "pk": 7, "fields": {"name": "Öckerö", "city": "Öckerö"}}
    for loaded in serializers.deserialize("python", [row]):
        loaded.save()
    assert Organisation.objects.filter(search__contains="ockero").count() == 1


@pytest.mark.django_db
def test_folded_text_of_a_deferred_row_is_the_stored_one(organisation, django_assert_num_queries):
    row = Organisation.objects.only("search").get()
    with django_assert_num_queries(0):
        assert row.search == "asa larcenter goteborg"
    row = Organisation.objects.only("name").get()
    with django_assert_num_queries(1):
        assert row.search == "asa larcenter goteborg"
