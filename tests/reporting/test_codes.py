import pytest

from reporting import codes
from tests import factories


def test_a_code_follows_from_its_parts():
    assert codes.code_of("a", 1) == codes.code_of("a", 1)
    found = {codes.code_of("a", n) for n in range(2000)}
    assert len(found) == 2000
    assert all(codes.read(code) == code for code in found)


def test_codes_use_no_letters_that_look_alike():
    assert not set("01OILU") & set(codes.ALPHABET)


def test_fingerprint_knows_no_order_of_keys():
    assert codes.fingerprint({"a": 1, "b": [2, "å"]}) == codes.fingerprint({"b": [2, "å"], "a": 1})
    assert codes.fingerprint({"a": 1}) != codes.fingerprint({"a": 2})


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("WST-7K4M-92QX", "WST-7K4M-92QX"),
        (" wst 7k4m 92qx ", "WST-7K4M-92QX"),
        ("7k4m92qx", "WST-7K4M-92QX"),
        ("WST-7K4M-92Q", None),
        ("WST-7K4M-92QX2", None),
        ("WST-0K4M-92QX", None),
        ("", None),
        ("<script>", None),
        ("x" * 10_000, None),
        ("WST-7K4M-92Q\N{LATIN CAPITAL LETTER A WITH RING ABOVE}", None),
    ],
)
def test_reading_what_somebody_typed(typed, read):
    assert codes.read(typed) == read


@pytest.mark.django_db
def test_a_code_that_another_report_has_is_not_given_twice():
    taken = codes.code_of("a", 0)
    factories.ReportFactory(code=taken)
    assert codes.unused("a") == codes.code_of("a", 1)
