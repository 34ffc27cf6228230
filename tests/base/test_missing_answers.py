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
