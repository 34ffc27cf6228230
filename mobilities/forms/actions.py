"""What a verb wants to know: a reason, a comment, the funder's number."""

from django import forms
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
