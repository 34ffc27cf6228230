import pytest
from django import forms
from django.utils import translation

from westum.base.forms import PlainForm


class Answers(PlainForm):
    name = forms.CharField(label="Name")
    host = forms.ChoiceField(label="Host", choices=[("1", "Lar Exemplo")])
    paper = forms.FileField(label="Paper")
    agreed = forms.BooleanField(label="I agree.")
    own = forms.CharField(label="Own", error_messages={"required": "In its own words."})


def test_an_empty_field_is_named_in_its_sentence():
    with translation.override("en"):
        form = Answers({})
        said = {name: sentences[0] for name, sentences in form.errors.items()}
    assert said == {
        "name": "Fill in “Name”.",
        "host": "Choose an answer at “Host”.",
        "paper": "Choose a file at “Paper”.",
        "agreed": "Tick “I agree.” to go on.",
        "own": "In its own words.",
    }


class Facts(PlainForm):
    email = forms.EmailField(required=False)
    day = forms.DateField(required=False)
    places = forms.IntegerField(required=False, min_value=1, max_value=9)
    latitude = forms.DecimalField(required=False, max_value=90)
    host = forms.ChoiceField(required=False, choices=[("1", "Lar Exemplo")])
    note = forms.CharField(required=False, max_length=3)
    own = forms.DateField(required=False, error_messages={"invalid": "In its own words."})


@pytest.mark.parametrize(
    ("name", "typed", "sentence"),
    [
        ("email", "anna", "This is no e-mail address. Write it as in anna@example.org."),
        ("day", "31/12", "This is no date. Write it as in 2026-11-25."),
        ("places", "0", "This number is too low. Write at least 1."),
        ("places", "10", "This number is too high. Write at most 9."),
        ("places", "1.5", "This is no whole number. Write it as in 12."),
        ("latitude", "north", "This is no number. Write it as in 57.7."),
        ("latitude", "91", "This number is too high. Write at most 90."),
        ("host", "2", "This is not in the list. Choose something in it."),
        ("note", "long", "This has 4 characters. Write at most 3."),
        ("own", "31/12", "In its own words."),
    ],
)
def test_sentence_says_what_it_is_and_the_way_out(name, typed, sentence):
    assert Facts({name: typed}).errors == {name: [sentence]}
