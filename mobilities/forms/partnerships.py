"""What is asked about a partnership: with whom and when, twelve statements phase by phase, and how the round ends."""

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from consortium.models import Organisation, OrganisationKind
from consortium.permissions import Permission
from mobilities import partnerships
from mobilities.models import PartnershipReview, Score, Side
from westum.base.forms import Changed, PlainForm, RowForm
from westum.base.text import fold


def a_day():
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class BeginForm(PlainForm):
    """Which pair meets, and when. Nobody is asked for the member who acts for one."""

    member = forms.ModelChoiceField(
        label=gettext_lazy("Member"), queryset=None, empty_label=gettext_lazy("Choose a member")
    )
    partner = forms.ModelChoiceField(label=gettext_lazy("Partner"), queryset=None)
    held_on = forms.DateField(
        label=gettext_lazy("Day of the meeting"),
        widget=a_day(),
        help_text=gettext_lazy("The day on which school and workplace meet, or met."),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        own = Organisation.objects.members().permitting(self.user, Permission.PARTNERSHIP_EDIT).in_order()
        self.fields["member"].queryset = own
        self.only_member = own[0] if len(own) == 1 else None
        if self.only_member:
            del self.fields["member"]
        partners = Organisation.objects.visible_to(self.user).partners().in_order()
        self.fields["partner"].queryset = partners
        self.fields["partner"].choices = list(self._by_kind(partners))

    @staticmethod
    def _by_kind(partners):
        yield "", _("Choose a host or an employer")
        for kind, heading in [
            (OrganisationKind.EMPLOYER, _("Employers at home")),
            (OrganisationKind.RECEIVING, _("Hosts abroad")),
        ]:
            found = [(row.pk, f"{row}, {row.city}" if row.city else str(row)) for row in partners if row.kind == kind]
            if found:
                yield heading, found


class PhaseForm(PlainForm):
    """Both sides' answers to the statements of one phase, with last time's beside them. All of it may stay empty."""

    mark_optional = False

    def __init__(self, *args, review, phase, **kwargs):
        super().__init__(*args, **kwargs)
        self.review, self.phase, self.statements = review, phase, list(phase.statements.all())
        last = partnerships.before(review)
        now, then = partnerships.answers(review, phase), partnerships.answers(last, phase)
        self.groups = []
        for statement in self.statements:
            names = []
            for side in Side:
                names += self._add(side, statement, now, then)
            self.groups.append((f"{statement.number}. {statement}", names))
        seen = forms.CharField(
            widget=forms.HiddenInput, required=False, max_length=16, initial=partnerships.fingerprint(now)
        )
        self.add("seen", seen)

    def _add(self, side, statement, now, then):
        row, former = now.get((side, statement.pk)), then.get((side, statement.pk))
        score, note = f"score-{side}-{statement.number}", f"note-{side}-{statement.number}"
        self.add(
            score,
            forms.TypedChoiceField(
                label=capfirst(side.label),
                required=False,
                choices=[*((step.value, f"{step.value} – {step.label}") for step in Score), ("", _("not answered"))],
                coerce=int,
                empty_value=None,
                initial=row.score if row else "",
                widget=forms.RadioSelect(attrs={"class": "side"}),
                help_text=_beside(former),
            ),
        )
        labels = {Side.SCHOOL: _("Note of the school"), Side.EMPLOYER: _("Note of the workplace")}
        self.add(
            note,
            forms.CharField(
                label=labels[side],
                required=False,
                max_length=500,
                initial=row.note if row else "",
                widget=forms.Textarea(attrs={"rows": 2, "class": "brief"}),
            ),
        )
        return [score, note]

    @property
    def answers(self):
        """(score or None, note) by side and statement."""
        return {
            (side, statement): (
                self.cleaned_data[f"score-{side}-{statement.number}"],
                self.cleaned_data[f"note-{side}-{statement.number}"],
            )
            for statement in self.statements
            for side in Side
        }

    def compare_again(self):
        """Somebody else has filled in this phase: both values where they differ, and all that was typed stays."""
        now = partnerships.answers(self.review, self.phase)
        for (side, statement), (score, note) in self.answers.items():
            row = now.get((side, statement.pk))
            mine = _told(score, note)
            theirs = _told(row.score, row.note) if row else ""
            if mine != theirs:
                label = f"{statement.number}. {capfirst(side.label)}"
                self.conflict.append({"label": label, "mine": mine, "theirs": theirs})
        self._put("seen", partnerships.fingerprint(now))
        self.add_error(None, Changed())


def _beside(row):
    """What the side said in the round before."""
    if row is None or not (row.score or row.note):
        return ""
    return _("Last time: %(answer)s") % {"answer": _told(row.score, row.note)}


def _told(score, note):
    words = f"{score} – {Score(score).label}" if score else ""
    return ". ".join(part for part in (words, note) if part)


class FinishForm(RowForm):
    """Who answered, by function, and what comes of it. Closing asks for more than saving, as the page says."""

    mark_optional = False

    groups = [
        (gettext_lazy("The meeting"), ["held_on", "school_function", "employer_function"]),
        (gettext_lazy("What comes next"), ["agreed", "next_on"]),
    ]

    class Meta:
        model = PartnershipReview
        fields = ["held_on", "school_function", "employer_function", "agreed", "next_on"]
        labels = {
            "school_function": gettext_lazy("Who answered for the school?"),
            "employer_function": gettext_lazy("Who answered for the workplace?"),
            "agreed": gettext_lazy("What do we do until next time?"),
            "next_on": gettext_lazy("When do we look again?"),
        }
        help_texts = {
            "school_function": gettext_lazy("The function, as in vocational teacher. No name."),
            "employer_function": gettext_lazy("The function, as in head of the unit. No name."),
            "agreed": gettext_lazy("Name no participant, and nobody else."),
            "next_on": gettext_lazy("The list of partners shows when the day has come."),
        }
        widgets = {"held_on": a_day(), "next_on": a_day(), "agreed": forms.Textarea(attrs={"rows": 4})}


class ReopenForm(PlainForm):
    reason = forms.CharField(
        label=gettext_lazy("Why?"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("It stays in the history of the round."),
    )


class DiscardForm(PlainForm):
    """One press."""


class PartnerFilters(forms.Form):
    """What the list of partners shows. What the address says in vain is ignored."""

    ALL, MET, DUE = "", "met", "due"
    q = forms.CharField(
        label=gettext_lazy("Search partner or town"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    member = forms.ModelChoiceField(
        label=gettext_lazy("Member"),
        queryset=None,
        required=False,
        empty_label=gettext_lazy("All members"),
    )
    show = forms.ChoiceField(
        label=gettext_lazy("Show"),
        required=False,
        choices=[
            (ALL, gettext_lazy("All partners")),
            (MET, gettext_lazy("With a round")),
            (DUE, gettext_lazy("Time for the next round")),
        ],
    )

    def __init__(self, data, *, members):
        super().__init__(data)
        self.fields["member"].queryset = members
        if len(members) < 2:
            del self.fields["member"]
        self.is_valid()

    def chosen(self, name):
        return self.cleaned_data.get(name)

    @property
    def are_set(self):
        return any(self.chosen(name) for name in self.fields)

    def narrow(self, pairs):
        words = fold(self.chosen("q") or "").split()
        member, show = self.chosen("member"), self.chosen("show")
        return [
            pair
            for pair in pairs
            if all(word in fold(f"{pair.partner.name} {pair.partner.city}") for word in words)
            and (not member or pair.member == member)
            and (not show or pair.latest)
            and (show != self.DUE or pair.is_due)
        ]
