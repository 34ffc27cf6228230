from django import forms
from django.utils.translation import gettext_lazy

from consortium.models import NetworkMembership
from westum.base.forms import RowForm


class NetworkMembershipForm(RowForm):
    class Meta:
        model = NetworkMembership
        fields = ["joined_on", "left_on"]
        labels = {"joined_on": gettext_lazy("First day"), "left_on": gettext_lazy("Last day")}
        help_texts = {
            "joined_on": gettext_lazy("Leave it empty when nobody knows it."),
            "left_on": gettext_lazy("Leave it empty while the membership goes on."),
        }
        widgets = {
            name: forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d") for name in ("joined_on", "left_on")
        }
