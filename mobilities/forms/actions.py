"""What a verb wants to know: a reason, a comment, the funder's number."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from mobilities.models import FunderState, Mobility
from westum.base.forms import PlainForm, RowForm


class ReasonForm(PlainForm):
    reason = forms.CharField(
        label=_("Why?"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Stays with the mobility. Write nothing about health or other private things."),
    )


class RecalculationForm(ReasonForm):
    """Why a grant is calculated anew. It carries the amounts that were shown: what was not seen is not saved."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=200)

    def __init__(self, *args, shown, **kwargs):
        super().__init__(*args, **kwargs)
        self.shown = ";".join(f"{phase['before_eur']}:{phase['after_eur']}" for phase in shown)
        self.initial["seen"] = self.shown

    def clean(self):
        super().clean()
        if self.cleaned_data.get("seen") != self.shown:
            self._put("seen", self.shown)
            raise ValidationError(
                _("The rates or the mobility have changed meanwhile. Look at the amounts anew."), code="seen"
            )


class CommentForm(PlainForm):
    comment = forms.CharField(
        label=_("What should be changed?"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("The receiver reads it on the page of the mobility; the mail only says that it is there."),
    )


def funder_states():
    return [(state, capfirst(str(label))) for state, label in FunderState.choices]


class FunderForm(RowForm):
    """How the mobility stands in the funder's own system. Who saves second sees what the first has noted."""

    funder_state = forms.ChoiceField(label=_("In the funder's system"), choices=funder_states)

    class Meta:
        model = Mobility
        fields = ["funder_state", "funder_id"]
        help_texts = {"funder_id": _("As the funder's system shows it for this mobility.")}

    def validate_constraints(self):
        """`funder_state.record` asks the row under its lock, and says what does not fit."""
