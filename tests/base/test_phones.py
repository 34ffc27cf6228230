import pytest
from django.core.exceptions import ValidationError

from westum.base import phones


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("", ""),
        ("  ", ""),
        ("+46 70 123 45 67", "+46 70 123 45 67"),
        ("070-123 45 67", "+46 70 123 45 67"),
        ("0046701234567", "+46701234567"),
        ("+46 (0)70-123 45 67", "+46 70 123 45 67"),
        ("(031) 390 06 00", "+46 31 390 06 00"),
        ("+356.2123.4567", "+356 2123 4567"),
    ],
)
def test_number_is_kept_in_the_international_form(typed, kept):
    assert phones.international(typed) == kept
    assert phones.international(kept) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "12",
        "112",
        "70 123 45 67",
        "+0701234567",
        "070",
        "070-123 45 67 89 01 23 45",
        "ring me",
        "+46 70 12x",
        "+46٠٧٠١٢٣٤٥",
    ],
)
def test_what_cannot_be_dialled_is_refused(typed):
    with pytest.raises(ValidationError):
        phones.international(typed)


def test_number_to_dial_has_no_spaces():
    assert phones.to_dial("+46 70 123 45 67") == "+46701234567"
