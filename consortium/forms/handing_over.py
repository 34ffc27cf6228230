from django import forms
from django.utils.translation import gettext_lazy

from westum.base.forms import PlainForm


class _Successors(forms.ModelChoiceField):
    def label_from_instance(self, membership):
        return f"{membership.user} ({membership.user.email})"


class HandOverForm(PlainForm):
    """Who takes over, and whether the former's access ends at once."""

    successor = _Successors(
        label=gettext_lazy("Who takes over?"), queryset=None, widget=forms.RadioSelect, empty_label=None
    )
    ends_access = forms.BooleanField(
        label=gettext_lazy("End the former contact person's access now"),
        help_text=gettext_lazy("It works at the next page that the person opens. The name stays in the history."),
        required=False,
    )

    def __init__(self, *args, successors, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["successor"].queryset = successors
