"""Countries by their two letters (ISO 3166-1), named by Babel in the reader's language."""

from functools import cache

from babel import Locale
from django.utils.translation import get_language

from westum.base.text import fold, sort_key

# What Babel names beside countries: unions, islands without people, codes for tests.
NO_COUNTRIES = {"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"}


def names():
    """Code → name."""
    return _names("en_GB" if get_language() == "en" else "sv_SE")


def called(text):
    """The code of the country that has this name in one of our languages, or an empty text."""
    return _codes().get(fold(text).strip(), "")


def _names(locale):
    territories = Locale.parse(locale).territories
    return {code: name for code, name in territories.items() if len(code) == 2 and code not in NO_COUNTRIES}


@cache
def _codes():
    return {fold(name): code for locale in ("en_GB", "sv_SE") for code, name in _names(locale).items()}


def choices(*, without=()):
    """Pairs for a form's field, in the order of the names."""
    pairs = [pair for pair in names().items() if pair[0] not in without]
    return sorted(pairs, key=lambda pair: sort_key(pair[1]))
