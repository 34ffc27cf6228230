"""Papers: HTML of our own templates becomes a PDF/UA-1 file, with nothing fetched but the files named here.

The same HTML gives the same bytes in every process, so that a paper can be made again and compared.
"""

import ctypes
import hashlib
import re
from dataclasses import dataclass, field
from datetime import date

import segno
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.safestring import mark_safe
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

# What a paper may use, by its place in static/; a template writes westum:css/paper.css.
FILES = (
    "css/paper.css",
    "fonts/source-sans-3-latin-400-normal.woff2",
    "fonts/source-sans-3-latin-600-normal.woff2",
    "fonts/source-sans-3-latin-ext-400-normal.woff2",
    "fonts/source-sans-3-latin-ext-600-normal.woff2",
    "fonts/ubuntu-latin-400-normal.woff2",
    "img/eu-emblem.svg",
    "img/mark.svg",
)
HTML_CHARACTERS = 4_000_000
PAGES = 200
DEPTH = 60  # the engine calls itself for each level of nesting, and Python stops it at some 100 levels


class PaperFailed(ValidationError):
    """The paper cannot be made, and a second try would fail as well. The message says why, to the person who ordered it."""


class Unavailable(PaperFailed):
    """This machine lacks the libraries that set type."""


def available():
    """Whether the libraries that set type are here; everything else works without them."""
    libraries = ("pango-1.0", "pangoft2-1.0", "gobject-2.0", "harfbuzz", "fontconfig")
    return all(any(map(loads, names_of(library))) for library in libraries)


def names_of(library):
    return (
        f"lib{library}.so.0",
        f"lib{library}.so.1",
        f"lib{library}.dylib",
        f"lib{library}.0.dylib",
        f"lib{library}-0.dll",
    )


def loads(name):
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def to_pdf(html, *, language, identifier=None):
    """The PDF/UA-1 file of a whole HTML page, as bytes.

    `language` is its language, sv or en. `identifier` (bytes) is the file's own, by default made from the HTML. Raises PaperFailed
    when the page is too large, too deep, has a picture without words, or asks for anything that is not in FILES.
    """
    if len(html) > HTML_CHARACTERS:
        raise PaperFailed(_("This paper is too large. Take it as a spreadsheet instead."))
    try:
        from westum.base import paper_engine  # WeasyPrint takes seconds to import and fails without Pango
    except OSError:
        raise Unavailable(
            _("PDF files cannot be made on this machine: Pango is missing. Install it as docs/deploy.md says.")
        ) from None
    return paper_engine.write(
        html, language=language, identifier=identifier or hashlib.sha256(html.encode()).digest()[:16]
    )


@dataclass(frozen=True)
class Emblem:
    """The Union's emblem as a paper shows it: a picture of FILES, its words for those who cannot see it, and the statement beside it."""

    image: str
    alt: str
    statement: str


# Written out rather than taken from the catalogue: the wording is the funder's, and a paper's language is not always the reader's.
ALT = {"sv": "Europeiska unionens emblem", "en": "Emblem of the European Union"}
# DESIGN 7: Erasmus+ 2014-2020. Regulation (EU) 2021/1060, Annex IX 1.2, and for Erasmus+ its agreements: from 2021.
ERASMUS_2014 = {
    "sv": "Med finansiering från Europeiska unionens program Erasmus+",
    "en": "Funded by the Erasmus+ programme of the European Union",
}
FROM_2021 = {"sv": "Medfinansieras av Europeiska unionen", "en": "Co-funded by the European Union"}


def emblem(programme, starts_on, language):
    """Emblem and statement for a project of this programme (KA102 … KA122-VET, ESF, ESF+) and first day; None when no wording is known.

    A programme's code says its period better than a day does: projects of the last calls began after the period had ended.
    """
    statement = statement_of(str(programme).upper(), starts_on)
    if statement is None:
        return None
    return Emblem(image="westum:img/eu-emblem.svg", alt=ALT[language], statement=statement[language])


def statement_of(programme, starts_on):
    year = starts_on.year if isinstance(starts_on, date) else None
    if programme == "ESF+" or re.match(r"KA12\d", programme):
        return FROM_2021
    if re.match(r"KA1(0|16)", programme):
        return ERASMUS_2014
    if programme.startswith("ERASMUS") and year is not None:
        return FROM_2021 if year >= 2021 else ERASMUS_2014 if year >= 2014 else None
    if programme == "ESF" and year is not None and year >= 2014:
        return FROM_2021  # esf.se: projects of 2014-2020 also changed to the new emblem (visibility rule VR-15)
    return None


@dataclass(frozen=True)
class Cover:
    """What `papers/base.html` says around the content of a paper.

    `facts` are pairs of label and value. `address` is the page that tells whether the paper with `code` is genuine; without a code
    there is no such block. With `signed` there is a line to sign on.
    """

    title: str
    kind: str = ""
    lead: str = ""
    facts: list = field(default_factory=list)
    emblem: Emblem | None = None
    code: str = ""
    address: str = ""
    signed: bool = False

    @property
    def spoken_address(self):
        """The address as one types it: without https:// and the slash at the end."""
        return re.sub(r"^https?://|/$", "", self.address)


def qr_code(address, words):
    """A QR code as inline SVG in presentation attributes, the same on page and paper. `words` say what it is."""
    code = segno.make(address, error="m", micro=False, boost_error=False)
    return mark_safe(  # noqa: S308 (segno escapes the words and writes the rest itself)
        code.svg_inline(border=2, dark="#15262e", title=words, svgclass="qr", lineclass=None, omitsize=True)
    )


def page_words():
    """The words before, between and after the two numbers at the foot of a page, in the active language."""
    return re.split(r"[{]page[}]|[{]pages[}]", gettext("Page {page} of {pages}"))


def demo_words():
    """The line that every page and sheet of a demonstration carries; empty in an installation of one's own."""
    return gettext("This is a demonstration. All people are invented.") if settings.DEMO else ""
