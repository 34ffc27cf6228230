"""Phone numbers in the international form, so that a phone abroad can dial them."""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

HOME = "+46"
DIGITS = range(8, 16)  # E.164 allows fifteen, the country's own among them; no number here is shorter than eight
SPACES = re.compile(r"[\s().\-–/]+")


def international(text):
    """The number as "+46 70 123 45 67", grouped as it was typed; one that begins with 0 is taken for a Swedish one.

    Empty stays empty. Raises ValidationError when it cannot be dialled.
    """
    typed = " ".join(SPACES.sub(" ", text.replace("(0)", " ")).split())
    if not typed:
        return ""
    if typed.startswith("00"):
        typed = "+" + typed[2:].lstrip()
    elif typed.startswith("0"):
        typed = f"{HOME} {typed[1:].lstrip()}"
    if not re.fullmatch(r"\+[1-9][0-9 ]*", typed, re.ASCII) or len(re.sub(r"\D", "", typed)) not in DIGITS:
        raise ValidationError(_("This is no phone number. Write it as in +46 70 123 45 67."), code="phone")
    return typed


def to_dial(number):
    """The number as it stands behind `tel:`."""
    return number.replace(" ", "")
