from django import forms
from django.utils.translation import gettext_lazy

from consortium.models import User
from westum.base import phones
from westum.base.forms import RowForm


class MyDetailsForm(RowForm):
    """What everybody who logs in says about themselves."""

    # Longer than what is kept: it may be typed with brackets and dashes.
    phone = forms.CharField(
        label=gettext_lazy("Phone"),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
        help_text=gettext_lazy("As in +46 70 123 45 67. A Swedish number may begin with 0."),
    )

    class Meta:
        model = User
        fields = ["name", "phone", "language"]
        widgets = {"name": forms.TextInput(attrs={"autocomplete": "name"})}
        help_texts = {"language": gettext_lazy("In which the portal and its mails speak to you.")}

    def clean_phone(self):
        return phones.international(self.cleaned_data["phone"])
