from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from reporting import codes


class CodeForm(forms.Form):
    """Asks for the code of a paper; travels in the address."""

    code = forms.CharField(
        label=_("Code on the paper"),
        max_length=40,
        help_text=_("Three letters and eight signs, as in WST-7K4M-92QX."),
        error_messages={"required": _("Write the code that stands on the paper.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "characters"}),
    )

    def clean_code(self):
        code = codes.read(self.cleaned_data["code"])
        if code is None:
            raise ValidationError(_("A code has eight letters and digits after WST. Check it against the paper."))
        return code
