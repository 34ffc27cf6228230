from django import forms
from django.utils.translation import gettext_lazy

from consortium.models import ProjectText
from westum.base.forms import PlainForm, RowForm


def in_language(widget, language, **attrs):
    """A field for words of one language, which a screen reader then pronounces."""
    return widget(attrs={"lang": language, **attrs})


class TextForm(RowForm):
    """Both languages beside each other."""

    groups = [
        (gettext_lazy("Heading"), [("heading_sv", "heading_en")]),
        (gettext_lazy("Text"), [("text_sv", "text_en")]),
        (gettext_lazy("Where it comes from"), [("source_sv", "source_en"), "as_of"]),
    ]

    class Meta:
        model = ProjectText
        fields = ["heading_sv", "heading_en", "text_sv", "text_en", "source_sv", "source_en", "as_of"]
        widgets = {
            "heading_sv": in_language(forms.TextInput, "sv"),
            "heading_en": in_language(forms.TextInput, "en"),
            "text_sv": in_language(forms.Textarea, "sv", rows=14),
            "text_en": in_language(forms.Textarea, "en", rows=14),
            "source_sv": in_language(forms.TextInput, "sv"),
            "source_en": in_language(forms.TextInput, "en"),
            "as_of": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        }
        help_texts = {
            "text_sv": gettext_lazy("An empty line begins a paragraph; lines that begin with - or 1. are a list."),
            "text_en": gettext_lazy("The same, in English."),
            "as_of": gettext_lazy("Of the paper or page, not of today. Empty where it is undated."),
        }


class MoveForm(PlainForm):
    """One place up or down in a list."""

    direction = forms.ChoiceField(choices=[("up", "up"), ("down", "down")], widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, auto_id=False, **kwargs)


def moves(number, count):
    """For the row that stands at `number` of `count`, from 0: its way up and its way down, None at the edge."""
    return {
        "up": MoveForm(initial={"direction": "up"}) if number else None,
        "down": MoveForm(initial={"direction": "down"}) if number + 1 < count else None,
    }
