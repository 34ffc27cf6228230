from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from consortium import shares
from consortium.models import Allocation
from westum.base.forms import RowForm


class ShareForm(RowForm):
    """A member's share of one activity: how many places, and why."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("One sentence. It stays in the history, and the member can read it."),
    )

    class Meta:
        model = Allocation
        fields = ["places"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.member, self.activity_type = self.instance.member, self.instance.activity_type
        self.places_before = self.instance.places
        self.version_seen = self.instance.version  # cleaning compares it with the one that the page was made from

    def clean_places(self):
        places = self.cleaned_data["places"]
        if places == self.places_before:
            raise ValidationError(_("The share is that large already. Write another number, or go back."))
        return places

    def validate_constraints(self):
        """`shares.give_places` asks the award and the share under their locks, and says how many there are."""

    def compare_again(self):
        """Also when the share that somebody else has changed did not exist when this form was made."""
        self.instance = shares.share_of(self.member, self.activity_type)
        self.places_before = self.instance.places
        super().compare_again()
