"""The field for an amount of money."""

import re

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

SENTENCES = {
    "invalid": _("This is no amount. Write it as in 2500.50."),
    "max_decimal_places": _("Write at most two decimals, as in 2500.50."),
}


class AmountField(forms.DecimalField):
    """An amount to the cent, in the reader's way of writing it: thousands may be parted, as the portal's pages do."""

    def __init__(self, *, error_messages=None, **options):
        options = {"max_digits": 12, "decimal_places": 2, "localize": True} | options
        super().__init__(error_messages=SENTENCES | (error_messages or {}), **options)

    def to_python(self, value):
        if isinstance(value, str):
            value = re.sub(r"\s", "", value)  # the no-break spaces of a copied amount, too
            if get_language() == "en":
                value = re.sub(r",(?=\d{3}\b)", "", value)
        return super().to_python(value)
