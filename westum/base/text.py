"""Swedish order and folded search, the same on SQLite, on PostgreSQL and in Python."""

import unicodedata
from functools import lru_cache

from django.db.models import F, Func, TextField
from django.db.models.query_utils import DeferredAttribute

# Letters that Unicode does not take apart into a plain letter and a mark.
_PLAIN = str.maketrans({"ø": "o", "æ": "ae", "œ": "oe", "đ": "d", "ð": "d", "þ": "th", "ł": "l", "ı": "i", "ħ": "h"})
# Where ICU's Swedish order (CLDR "sv") puts letters that are no letters of its own: a base and how far from it.
_SWEDISH_BASE = {
    "å": ("å", 0),
    "ä": ("ä", 0),
    "æ": ("ä", 1),
    "ę": ("ä", 2),
    "ö": ("ö", 0),
    "ø": ("ö", 1),
    "ő": ("ö", 2),
    "œ": ("ö", 3),
    "ü": ("y", 1),
    "ű": ("y", 2),
    "đ": ("d", 1),
    "ð": ("d", 2),
    "þ": ("th", 1),
    "ß": ("ss", 1),
    "ł": ("l", 1),
}
_ALPHABET = " _-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$0123456789abcdefghijklmnopqrstuvwxyzåäö"
_PLACE = {letter: number for number, letter in enumerate(_ALPHABET)}


def fold(*parts):
    """The parts as one searchable text: lower case, without accents, single spaces. `None` counts as nothing.

    "Åsa  Ågren" becomes "asa agren", so that `search__contains=fold("åsa")` finds her.
    """
    text = " ".join(str(part) for part in parts if part is not None)
    apart = unicodedata.normalize("NFKD", text.casefold()).translate(_PLAIN)
    return " ".join("".join(c for c in apart if not unicodedata.combining(c)).split())


@lru_cache(maxsize=20_000)
def sort_key(text):
    """A key that sorts as Swedish does: å ä ö after z, accents and capitals only where all else is equal."""
    letters, marks, capitals = [], [], []
    for character in unicodedata.normalize("NFC", text or ""):
        small = character.lower()
        if small in _SWEDISH_BASE:
            base, mark = _SWEDISH_BASE[small]
        else:
            base, *rest = unicodedata.normalize("NFKD", small)
            mark = sum(ord(c) for c in rest)
        for plain in base:
            letters.append(_PLACE.get(plain, len(_ALPHABET) + ord(plain)))
            marks.append(mark)
            capitals.append(character != small)
    return letters, marks, capitals, text or ""


def _compare(left, right):
    left, right = sort_key(left), sort_key(right)
    return (left > right) - (left < right)


def register_collation(sender, connection, **kwargs):
    """Give each new SQLite connection the collation "swedish"; PostgreSQL brings its own."""
    if connection.vendor == "sqlite":
        connection.connection.create_collation("swedish", _compare)


class Swedish(Func):
    """The text of a field in the order of the Swedish alphabet."""

    function = "COLLATE"
    allowed_default = False
    arity = 1

    def as_sqlite(self, compiler, connection, **extra):
        return self.as_sql(compiler, connection, template="%(expressions)s COLLATE swedish", **extra)

    def as_postgresql(self, compiler, connection, **extra):
        return self.as_sql(compiler, connection, template='%(expressions)s COLLATE "sv-SE-x-icu"', **extra)


def swedish(field):
    """For `order_by` and `Meta.ordering`: `swedish("name")`, and `swedish("-name")` from the end of the alphabet."""
    if field.startswith("-"):
        return Swedish(F(field[1:])).desc()
    return Swedish(F(field)).asc()


class _Folded(DeferredAttribute):
    """Computed from the other fields whenever they are at hand, so that fixtures and bulk inserts carry it as well."""

    def __get__(self, instance, owner=None):
        if instance is not None and all(part in instance.__dict__ for part in self.field.parts):
            return fold(*(instance.__dict__[part] for part in self.field.parts))
        return super().__get__(instance, owner)

    def __set__(self, instance, value):  # makes Python ask __get__ before the instance's own dictionary
        instance.__dict__[self.field.attname] = value


class FoldedField(TextField):
    """The folded text of other fields of the row, to search in: `search__contains=fold(words)`.

    It is written with each whole save; `save(update_fields=…)` must name it beside the fields that it follows.
    """

    descriptor_class = _Folded

    def __init__(self, *parts, **options):
        self.parts = parts
        super().__init__(**{"default": "", "blank": True, "editable": False} | options)

    def deconstruct(self):
        name, path, _args, options = super().deconstruct()
        return name, path, self.parts, options

    def pre_save(self, model_instance, add):
        return getattr(model_instance, self.attname)
