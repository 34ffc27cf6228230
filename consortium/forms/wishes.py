from datetime import timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from consortium import wishes
from westum.base.forms import Changed, PlainForm

PARTS = ["places", "days", "purpose"]


class WishForm(PlainForm):
    """How many places, of how many days, what for: three fields for each activity; what is left empty is no wish.

    `beside` are the wishes of an earlier year, shown at their fields; with `copy` they stand in the fields.
    """

    mark_optional = False

    def __init__(self, *args, member, kinds, beside=(), copy=False, **kwargs):
        super().__init__(*args, **kwargs)
        self.member, self.kinds = member, kinds
        self.answer = wishes.answer_of(member)
        former = {wish.activity_type_id: wish for wish in beside}
        now = former if copy else wishes.of(member)
        self.groups = []
        for kind in kinds:
            self._add(kind, now.get(kind.pk), former.get(kind.pk))
        self.add(
            "note",
            forms.CharField(label=_("Anything else"), max_length=300, required=False, initial=self.answer.note),
        )
        self.groups.append(("", ["note"]))
        self.add(
            "seen",
            forms.IntegerField(widget=forms.HiddenInput, required=False, initial=self.answer.version, min_value=0),
        )

    def _add(self, kind, wish, former):
        places, days, purpose = (f"{part}-{kind.key}" for part in PARTS)
        least, most = kind.min_days or 1, kind.max_days or 366
        self.add(places, forms.IntegerField(label=_("Places"), required=False, min_value=0, max_value=10_000))
        self.add(days, forms.IntegerField(label=_("Days for each"), required=False, min_value=least, max_value=most))
        self.add(
            purpose,
            forms.CharField(label=_("What for"), required=False, max_length=300, help_text=self._beside(former)),
        )
        if wish:
            for part in PARTS:
                self.fields[f"{part}-{kind.key}"].initial = getattr(wish, part)
        self.groups.append((str(kind), [(places, days), purpose]))

    @staticmethod
    def _beside(wish):
        if wish is None:
            return ""
        return ngettext(
            "In %(project)s: %(places)s place of %(days)s days. %(purpose)s",
            "In %(project)s: %(places)s places of %(days)s days. %(purpose)s",
            wish.places,
        ) % {
            "project": wish.member.project.name,
            "places": wish.places,
            "days": wish.days,
            "purpose": wish.purpose,
        }

    def clean(self):
        cleaned = super().clean()
        for kind in self.kinds:
            places, days, purpose = (f"{part}-{kind.key}" for part in PARTS)
            if {places, days, purpose} & set(self.errors):
                continue
            if cleaned.get(places):
                if not cleaned.get(days):
                    self.add_error(days, _("Write how many days each stay has."))
                if not cleaned.get(purpose):
                    self.add_error(purpose, _("Write in a few words what the places are for."))
            elif cleaned.get(days) or cleaned.get(purpose):
                self.add_error(places, _("Write how many places, or empty the other two fields."))
        if self.kinds and not self.errors and not self.wishes:
            self.add_error(f"places-{self.kinds[0].key}", wishes.WISH_OR_DECLINE)
        return cleaned

    @property
    def wishes(self):
        """(places, days, purpose) by activity type."""
        return {
            kind: tuple(self.cleaned_data[f"{part}-{kind.key}"] for part in PARTS)
            for kind in self.kinds
            if self.cleaned_data[f"places-{kind.key}"]
        }

    @property
    def version_seen(self):
        return self.cleaned_data.get("seen") or 0

    def compare_again(self):
        """Somebody else has answered: both values are shown where they differ, and all that was typed stays."""
        self.answer = wishes.answer_of(self.member)
        now = wishes.of(self.member)
        for kind in self.kinds:
            for part in PARTS:
                mine = str(self[f"{part}-{kind.key}"].value() or "")
                theirs = str(getattr(now.get(kind.pk), part, ""))
                if mine != theirs:
                    label = f"{kind}: {self[f'{part}-{kind.key}'].label}"
                    self.conflict.append({"label": label, "mine": mine, "theirs": theirs})
        self._put("seen", self.answer.version)
        self.add_error(None, Changed())


class DeclineForm(PlainForm):
    """Not this year: one press. The version is the one of the answer that the user saw."""

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0)

    def compare_again(self):
        self.add_error(None, Changed())


class AskForm(PlainForm):
    answer_by = forms.DateField(
        label=gettext_lazy("Answer by"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("The last day for the members. It stands in the mail."),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["answer_by"].initial = timezone.localdate() + timedelta(21)


class SentForm(PlainForm):
    sent_on = forms.DateField(
        label=gettext_lazy("Sent on"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("The day on which the application was sent."),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["sent_on"].initial = timezone.localdate()
