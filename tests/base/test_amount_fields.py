from decimal import Decimal

import pytest
from django import forms
from django.utils import translation

from westum.base.amount_fields import AmountField
from westum.base.formats import money
from westum.base.forms import PlainForm


class Form(PlainForm):
    amount = AmountField(label="Amount")


def read(text, language):
    with translation.override(language):
        form = Form({"amount": text}, user=None)
        return form.cleaned_data["amount"] if form.is_valid() else [str(one) for one in form.errors["amount"]]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("20000,50", "sv"),
        ("20 000,50", "sv"),
        ("20\N{NO-BREAK SPACE}000,50", "sv"),
        ("20\N{NARROW NO-BREAK SPACE}000,5", "sv"),
        ("20000.50", "en"),
        ("20,000.50", "en"),
    ],
)
def test_amount_is_read_as_people_of_the_language_write_it(text, language):
    assert read(text, language) == Decimal("20000.50")


@pytest.mark.parametrize("language", ["sv", "en"])
def test_amount_is_read_as_the_portal_prints_it(language):
    with translation.override(language):
        printed = money(Decimal("1234567.80"), "EUR").strip("€\N{NO-BREAK SPACE}")
    assert read(printed, language) == Decimal("1234567.80")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("much", "This is no amount. Write it as in 2500.50."),
        ("12.000", "Write at most two decimals, as in 2500.50."),
    ],
)
def test_what_is_no_amount_is_said_with_the_way_out(text, sentence):
    assert read(text, "en") == [sentence]


def test_a_form_may_say_it_in_its_own_words():
    assert AmountField(error_messages={"invalid": "No."}).error_messages["invalid"] == "No."
    assert isinstance(AmountField(), forms.DecimalField)
