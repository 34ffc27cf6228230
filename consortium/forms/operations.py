"""The form of an ESF project's record: every field of the list of operations, with its code lists."""

import re
from decimal import Decimal

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from stdnum.se import orgnr

from consortium import operations
from consortium.forms.organisations import MunicipalitiesField, countries_from_home
from consortium.models import (
    EsfCode,
    EsfCodeKind,
    EsfOperation,
    EsfPeriod,
    EsfPhase,
    PlannedActivity,
    PlannedActivityKind,
    SourceStatus,
)
from consortium.models.organisations import checked_organisation_number
from westum.base.amount_fields import AmountField
from westum.base.formats import number, rate
from westum.base.forms import RowForm

NOT_STATED = gettext_lazy("Not stated")
PLANNED = "planned"
CODES = {
    "programme_area": EsfCodeKind.PROGRAMME_AREA,
    "specific_objective": EsfCodeKind.OBJECTIVE,
    "intervention_type": EsfCodeKind.INTERVENTION,
    "region": EsfCodeKind.REGION,
}
# Where two fields disagree, it is said only when both have been understood.
SAID_OF = {
    "programme_area": ["period"],
    "specific_objective": ["period", "programme_area"],
    "intervention_type": ["period"],
    "nuts2": ["region"],
}
ALL_MUNICIPALITIES = 290
MOST_PARTICIPANTS = 1_000_000


def _sek(label):
    return AmountField(
        label=label,
        required=False,
        max_digits=14,
        min_value=0,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
    )


class RateField(forms.DecimalField):
    """Per cent, shown with the decimals that it has."""

    def prepare_value(self, value):
        return number(value) if isinstance(value, Decimal) else value


class OperationForm(RowForm):
    """Empty is not stated. `activity-<kind>` has whether the kind is planned, and at which levels."""

    groups = [
        (gettext_lazy("Programme"), [("period", "programme_cci"), ("fund", "country"), "phase"]),
        (gettext_lazy("What it is for"), ["programme_area", "specific_objective", "intervention_type"]),
        (
            gettext_lazy("Money"),
            ["union_rate", ("total_cost_sek", "granted_support_sek")],
        ),
        (
            gettext_lazy("The owner as printed"),
            [("owner_name", "owner_number"), ("owner_postal_code", "owner_city")],
        ),
        (gettext_lazy("Where"), [("region", "nuts2"), "municipalities", "municipalities_stated"]),
        (gettext_lazy("People and themes"), ["participants_planned", ("fights_child_poverty", "is_strategic")]),
        (gettext_lazy("Planned activities"), [f"activity-{kind.value}" for kind in PlannedActivityKind]),
    ]
    period = forms.ChoiceField(label=gettext_lazy("Programme period"))
    programme_cci = forms.ChoiceField(label=gettext_lazy("Programme CCI"), required=False)
    fund = forms.ChoiceField(label=gettext_lazy("Fund concerned"), required=False)
    country = forms.ChoiceField(label=gettext_lazy("Country concerned"), required=False)
    phase = forms.ChoiceField(label=gettext_lazy("Project phase"), required=False)
    nuts2 = forms.ChoiceField(label=gettext_lazy("NUTS 2 code"), required=False)
    total_cost_sek = _sek(gettext_lazy("Total budget of the project, SEK"))
    granted_support_sek = _sek(gettext_lazy("Granted ESF support, SEK"))
    union_rate = RateField(
        label=gettext_lazy("The Union's rate, per cent"),
        required=False,
        localize=True,
        max_digits=5,
        decimal_places=2,
        help_text=gettext_lazy("The Union's part of the priority, such as 40. It is not what the project pays itself."),
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
    )
    municipalities = MunicipalitiesField(
        label=gettext_lazy("Municipalities"),
        required=False,
        max_length=6000,
        help_text=gettext_lazy("Those that the record lists, with commas between."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    municipalities_stated = forms.IntegerField(
        label=gettext_lazy("Number of municipalities that the text states"),
        required=False,
        min_value=0,
        max_value=ALL_MUNICIPALITIES,
        error_messages={
            "max_value": gettext_lazy("Sweden has %(limit_value)s municipalities. Write at most that number.")
        },
    )
    participants_planned = forms.IntegerField(
        label=gettext_lazy("Number of participants, planned"),
        required=False,
        min_value=0,
        max_value=MOST_PARTICIPANTS,
        help_text=gettext_lazy("0 is a number too: a pre-study has no participants."),
        error_messages={
            "max_value": gettext_lazy(
                "No project has more than a million participants. Look whether the number is right."
            )
        },
    )

    class Meta:
        model = EsfOperation
        fields = [
            "period",
            "programme_cci",
            "fund",
            "country",
            "phase",
            *CODES,
            "union_rate",
            "total_cost_sek",
            "granted_support_sek",
            "owner_name",
            "owner_number",
            "owner_postal_code",
            "owner_city",
            "nuts2",
            "municipalities",
            "municipalities_stated",
            "participants_planned",
            "fights_child_poverty",
            "is_strategic",
        ]
        labels = {
            "owner_name": gettext_lazy("Name"),
            "owner_number": gettext_lazy("Organisation number"),
            "owner_postal_code": gettext_lazy("Postal code"),
            "owner_city": gettext_lazy("Town"),
        }
        help_texts = {
            "owner_number": gettext_lazy("Ten digits, as in 802414-8689."),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.periods = operations.PERIODS[self.instance.project.programme]
        self._choose_among_lists()
        self._choose_among_codes()
        for kind in PlannedActivityKind:
            self._add_activity(kind)

    def _choose_among_lists(self):
        programmes = EsfCode.objects.filter(kind=EsfCodeKind.PROGRAMME, period__in=self.periods)
        regions = EsfCode.objects.filter(kind=EsfCodeKind.REGION)
        fund = self.instance.project.programme
        lists = {
            "period": [(period.value, period.label) for period in self.periods],
            "programme_cci": _optional((code.code, f"{code.code} {code.name}") for code in programmes),
            "fund": _optional([(fund, fund)]),
            "country": _optional(countries_from_home()),
            "nuts2": _optional((code.code, code.code) for code in regions if code.is_nuts2),
            "phase": _optional((phase.value, capfirst(phase.label)) for phase in EsfPhase),
        }
        for name, choices in lists.items():
            now = getattr(self.instance, name)
            known = {value for value, _label in choices}
            extra = [] if now in known else [(now, now)]  # what stands there already can be kept
            self.fields[name].choices = [*choices, *extra]
        if EsfPeriod.FROM_2007 not in self.periods:
            del self.fields["phase"]  # the lists of later periods have none
            self.groups = [(legend, [name for name in names if name != "phase"]) for legend, names in self.groups]
        for name in ("fights_child_poverty", "is_strategic"):
            self.fields[name].widget.choices = [("unknown", NOT_STATED), ("true", _("Yes")), ("false", _("No"))]

    def _choose_among_codes(self):
        for name, kind in CODES.items():
            field = self.fields[name]
            periods = [""] if kind == EsfCodeKind.REGION else self.periods
            field.queryset = EsfCode.objects.filter(kind=kind, period__in=periods)
            field.empty_label = NOT_STATED
            field.label_from_instance = self._label_of

    def _label_of(self, code):
        """The code and what it stands for; also its period where there are two, and how sure it is where it is not."""
        parts = [f"{code.name} ({code.code})" if code.kind == EsfCodeKind.REGION else f"{code.code} {code.name}"]
        if code.period and len(self.periods) > 1:
            parts.append(code.period)
        if code.status != SourceStatus.VERIFIED:
            parts.append(code.get_status_display())
        return " · ".join(parts)

    def _add_activity(self, kind):
        labels = [(level, PlannedActivity._meta.get_field(level).verbose_name) for level in operations.LEVELS]
        field = forms.MultipleChoiceField(
            label=capfirst(kind.label),
            required=False,
            widget=forms.CheckboxSelectMultiple,
            choices=[(PLANNED, _("Planned")), *((level, capfirst(label)) for level, label in labels)],
            initial=self._chosen(kind),
        )
        self.add(f"activity-{kind.value}", field)

    @cached_property
    def _planned(self):
        return operations.planned(self.instance)

    def _chosen(self, kind):
        """The ticks of one kind, as the row has it."""
        levels = self._planned.get(kind.value)
        return [] if levels is None else [PLANNED, *levels]

    def _look_at_row(self):
        """The activities, too, are compared with those of somebody who was faster."""
        super()._look_at_row()
        vars(self).pop("_planned", None)  # those of the row as it was before
        self._row_values |= {f"activity-{kind.value}": self._chosen(kind) for kind in PlannedActivityKind}

    def clean_owner_number(self):
        number = self.cleaned_data["owner_number"].strip()
        if number:
            checked_organisation_number(number)
        return orgnr.compact(number)

    def clean_owner_postal_code(self):
        code = re.sub(r"\s", "", self.cleaned_data["owner_postal_code"])
        if code and not re.fullmatch(r"[0-9]{5}", code):
            raise ValidationError(_("This is no postal code. Write five digits, as in 451 50."))
        return code

    def clean(self):
        cleaned = super().clean()
        for kind in PlannedActivityKind:
            ticked = cleaned.get(name := f"activity-{kind.value}")
            if ticked and PLANNED not in ticked:
                self.add_error(name, _("Tick “Planned” too, or take the levels away."))
        cleaned["activities"] = {
            kind.value: [level for level in operations.LEVELS if level in cleaned[f"activity-{kind.value}"]]
            for kind in PlannedActivityKind
            if cleaned.get(f"activity-{kind.value}")
        }
        return cleaned

    def _post_clean(self):
        super()._post_clean()
        wrong = set(self.errors)
        for name, sentence in operations.disagreements(self.instance.project, self.instance).items():
            if wrong.isdisjoint([name, *SAID_OF.get(name, [])]):
                self.add_error(name, sentence)

    def compare_again(self):
        """Also when somebody else has begun the record while this one was filled in."""
        if self.instance._state.adding:
            self.instance = operations.of(self.instance.project)
            self._look_at_row()
            self.full_clean()
        else:
            super().compare_again()

    def shown(self, name):
        return (rate(self.instance.union_rate) or "") if name == "union_rate" else super().shown(name)

    @property
    def as_kept(self):
        """Legend, and label with value of each field, as the row has it: for a project that can only be read."""
        return [
            (legend, [(self[name].label, self.shown(name)) for name in _flat(names)]) for legend, names in self.groups
        ]


def _optional(choices):
    return [("", NOT_STATED), *choices]


def _flat(names):
    for name in names:
        yield from [name] if isinstance(name, str) else name
