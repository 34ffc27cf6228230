"""What a verb wants to know: a reason, a comment, the funder's number."""

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from mobilities.models import FunderState, Mobility
from westum.base.forms import PlainForm


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


class FunderForm(PlainForm):
    """How the mobility stands in the funder's own system."""

    funder_state = forms.ChoiceField(label=_("In the funder's system"), choices=funder_states)
    funder_id = Mobility._meta.get_field("funder_id").formfield(
        required=False, help_text=_("As the funder's system shows it for this mobility.")
    )

    def __init__(self, *args, mobility, **kwargs):
        initial = {"funder_state": mobility.funder_state, "funder_id": mobility.funder_id}
        super().__init__(*args, initial=initial, **kwargs)
