"""Countries by their two letters (ISO 3166-1), named by Babel in the reader's language."""

from babel import Locale
from django.utils.translation import get_language

from westum.base.text import sort_key

# What Babel names beside countries: unions, islands without people, codes for tests.
NO_COUNTRIES = {"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"}


def names():
    """Code → name."""
    territories = Locale.parse("en_GB" if get_language() == "en" else "sv_SE").territories
    return {code: name for code, name in territories.items() if len(code) == 2 and code not in NO_COUNTRIES}


def choices(*, without=()):
    """Pairs for a form's field, in the order of the names."""
    pairs = [pair for pair in names().items() if pair[0] not in without]
    return sorted(pairs, key=lambda pair: sort_key(pair[1]))
