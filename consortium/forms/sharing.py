"""Forms that change several shares at once: a move between two members, and the award shared out by a key."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from consortium import share_keys, shares
from consortium.models import ActivityType
from consortium.permissions import NotAllowed
from consortium.share_keys import Key
from westum.base.forms import Changed, PlainForm


class MoveForm(PlainForm):
    """So many places from one member to another, and why."""

    groups = [
        ("", ["activity_type", ("giver", "receiver"), "places", "reason"]),
    ]
    activity_type = forms.ModelChoiceField(
        label=gettext_lazy("Activity"),
        queryset=ActivityType.objects.none(),
        to_field_name="key",
        empty_label=gettext_lazy("Choose an activity"),
    )
    giver = forms.ModelChoiceField(
        label=gettext_lazy("From"),
        queryset=None,
        empty_label=gettext_lazy("Choose the member that gives"),
    )
    receiver = forms.ModelChoiceField(
        label=gettext_lazy("To"),
        queryset=None,
        empty_label=gettext_lazy("Choose the member that gets"),
    )
    places = forms.IntegerField(label=gettext_lazy("Places"), min_value=1, max_value=100_000)
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("One sentence. It stays in the history, and both members can read it."),
    )

    def __init__(self, *args, lines, members, **kwargs):
        super().__init__(*args, **kwargs)
        kinds = ActivityType.objects.filter(pk__in=[line.activity_type_id for line in lines])
        self.fields["activity_type"].queryset = kinds
        self.fields["giver"].queryset = self.fields["receiver"].queryset = members

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("giver") and cleaned.get("giver") == cleaned.get("receiver"):
            self.add_error("receiver", _("Choose another member than the one that gives."))
        return cleaned


class KeyForm(forms.Form):
    """Which activity and by which key; what the address says in vain is ignored."""

    activity = forms.ChoiceField(label=gettext_lazy("Activity"), required=False)
    key = forms.ChoiceField(label=gettext_lazy("Key"), required=False, choices=Key.choices)

    def __init__(self, data, *, lines, **kwargs):
        super().__init__(data, **kwargs)
        self.lines = {line.activity_type.key: line for line in lines}
        self.fields["activity"].choices = [(key, str(line.activity_type)) for key, line in self.lines.items()]
        self.is_valid()

    @property
    def line(self):
        """The awarded line of the chosen activity, or None when nothing was asked yet."""
        return self.lines.get(self.cleaned_data.get("activity"))

    @property
    def by(self):
        return Key(self.cleaned_data.get("key") or Key.HAND)


class SharingForm(PlainForm):
    """Each member's share of one activity. The hidden field has the versions of the shares that the user saw."""

    def __init__(self, *args, members, line, key, numbers, **kwargs):
        super().__init__(*args, **kwargs)
        self.members, self.line, self.key = members, line, key
        self._read_shares()
        self.portions, self.refusal = self._proposal(numbers)
        for member, places in zip(members, self._starting_with(), strict=True):
            field = forms.IntegerField(label=str(member), min_value=0, max_value=100_000, initial=places)
            field.widget.attrs |= {
                "inputmode": "numeric",
                "aria-label": _("Places for %(member)s") % {"member": member},
            }
            self.add(f"places-{member.pk}", field)
            field.error_messages["required"] = _("Write a number at %(member)s, 0 for none.") % {"member": member}
        reason = forms.CharField(
            label=_("Reason"),
            max_length=300,
            widget=forms.Textarea(attrs={"rows": 3}),
            help_text=_("One sentence. It stays in the history, and the members can read it."),
        )
        self.add("reason", reason)
        self.add("seen", forms.CharField(widget=forms.HiddenInput, required=False, initial=self._versions()))

    def _read_shares(self):
        self.share_by_member = shares.by_member(self.members, self.line.activity_type)

    def _proposal(self, numbers):
        """The portions by the key, or None by hand; and why the key does not work here."""
        if numbers is None:
            return None, ""
        try:
            taken = self._of_today("places_taken")
            return share_keys.divide(self.line.places, numbers, taken, self.key.is_ceiling), ""
        except NotAllowed as refused:
            return None, refused.sentence

    def _of_today(self, field):
        return [getattr(self.share_by_member.get(member.pk), field, 0) for member in self.members]

    def _starting_with(self):
        return [portion.places for portion in self.portions] if self.portions else self._of_today("places")

    def _versions(self):
        return ",".join(f"{pk}:{share.version}" for pk, share in sorted(self.share_by_member.items()))

    def clean_seen(self):
        try:
            pairs = [pair.split(":") for pair in self.cleaned_data["seen"].split(",") if pair]
            return {int(pk): int(version) for pk, version in pairs}
        except ValueError:
            raise ValidationError(_("Open the page again and send the form from there.")) from None

    @property
    def places(self):
        return {member.pk: self.cleaned_data[f"places-{member.pk}"] for member in self.members}

    @property
    def rows(self):
        """Member, its share of today if there is one, the field, and the steps to its number if there is a key."""
        portions = self.portions or [None] * len(self.members)
        return [
            (member, self.share_by_member.get(member.pk), self[f"places-{member.pk}"], portion)
            for member, portion in zip(self.members, portions, strict=True)
        ]

    @property
    def shared_today(self):
        return sum(self._of_today("places"))

    @property
    def unshared(self):
        """Places of the award that the key gives to nobody."""
        return self.line.places - sum(portion.places for portion in self.portions) if self.portions else 0

    @property
    def sum(self):
        """Of the numbers as they stand on the page; what is no number counts as none."""
        values = [str(self[f"places-{member.pk}"].value() or "") for member in self.members]
        return sum(int(value) for value in values if value.isdecimal())

    def compare_again(self):
        """Somebody else has changed a share: the page shows those of now, and all that was typed stays."""
        self._read_shares()
        self._put("seen", self._versions())
        self.add_error(None, Changed())
