from django import forms
from django.utils.translation import gettext_lazy as _

from consortium.models import Municipality
from mobilities.forms.choices import capitalise
from mobilities.models import Participant
from westum.base.forms import RowForm


class ParticipantForm(RowForm):
    """Who somebody is. The member stays: a person who changes school is registered there anew."""

    groups = [
        ("", ["group", ("first_name", "last_name"), ("email", "phone"), ("language", "home_municipality")]),
    ]

    class Meta:
        model = Participant
        fields = ["group", "first_name", "last_name", "email", "phone", "language", "home_municipality"]
        widgets = {"group": forms.RadioSelect(attrs={"class": "side"})}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["home_municipality"].queryset = Municipality.objects.in_order()
        self.fields["home_municipality"].empty_label = _("Not known")
        capitalise(self.fields["group"])
        self.fields["group"].label = _("Who is it?")
