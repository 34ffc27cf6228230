from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from consortium import decisions
from consortium.forms.projects import StepForm
from consortium.models import AwardedLine, Decision
from consortium.models.decisions import Currency
from westum.base import files
from westum.base.amount_fields import AmountField
from westum.base.forms import Changed, RowForm
from westum.base.uploads import PDF

BEGUN = 4  # rows in which an amount for an activity and a budget category is begun; with the next opening, as many anew


def _hidden_key(pk):
    """Of the decision that the user saw: another one may stand in its place by the time the form comes."""
    return forms.IntegerField(widget=forms.HiddenInput, required=False, initial=pk)


def _choices(empty, rows):
    return [("", empty), *((str(pk), str(row)) for pk, row in rows.items())]


class DecisionForm(RowForm):
    """Period, file, and what is awarded: places and days for each activity, an amount for each budget category.

    An amount for one activity and one category is begun in a row where both are chosen. A new decision starts with the
    lines of `before`, which it follows; an empty line awards nothing.
    """

    file = forms.FileField(
        label=gettext_lazy("The decision as a file"),
        required=False,
        help_text=gettext_lazy("PDF, at most 20 MB."),
        widget=forms.FileInput(attrs={"accept": ".pdf"}),
        # The content is looked at by westum.base.files, which has the better sentence for an empty file.
        allow_empty_file=True,
    )

    class Meta:
        model = Decision
        fields = ["decided_on", "starts_on", "ends_on"]
        widgets = {name: forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d") for name in fields}

    def __init__(self, *args, project, before=None, **kwargs):
        self.project, self.before = project, before
        super().__init__(*args, **kwargs)
        if before and self.instance._state.adding:
            self.initial |= {"starts_on": before.starts_on, "ends_on": before.ends_on}
        self.fields["ends_on"].required = bool(before) or self.instance.number > 1
        start = self._starting_with()
        self.by_activity, self.by_category = decisions.lines_to_fill(project, start)
        for line in self.lines_to_fill:
            self._add(line)
        self.begun = range(1, BEGUN + 1) if self.by_activity and self.by_category else ()
        self._kinds = {line.activity_type.pk: line.activity_type for line in self.by_activity}
        self._categories = {line.category.pk: line.category for line in self.lines_to_fill if line.category}
        choices = {"activity": _choices(_("Choose an activity"), self._kinds)}
        choices["category"] = _choices(_("Choose a budget category"), self._categories)
        for number in self.begun:
            self._add_begun(number, choices)
        usual = Currency.EUR if project.is_erasmus else Currency.SEK
        currency = next((line.currency for line in decisions.lines_of(start) if line.amount is not None), usual)
        self.add(
            "currency",
            forms.ChoiceField(label=_("Currency of all amounts"), choices=Currency.choices, initial=currency),
        )
        self.add("follows", _hidden_key(before and before.pk))

    def _starting_with(self):
        return self.before if self.instance._state.adding else self.instance

    @property
    def lines_to_fill(self):
        return [*self.by_activity, *self.by_category]

    def _add(self, line):
        name = decisions.named_in_full(line)
        for quantity in self._quantities(line):
            label = f"{name}: {decisions.QUANTITIES[quantity]}"
            options = {"label": label, "required": False, "min_value": 0, "initial": getattr(line, quantity)}
            attrs = {"inputmode": "decimal" if quantity == "amount" else "numeric", "aria-label": label}
            widget = forms.TextInput(attrs=attrs)
            if quantity == "amount":
                field = AmountField(widget=widget, **options)
            else:
                field = forms.IntegerField(max_value=1_000_000, widget=widget, **options)
            self.add(decisions.field_of(quantity, line), field)

    def _add_begun(self, number, choices):
        """Activity, budget category and amount of a line that the decision has not yet."""
        labels = {
            "activity": _("Activity of the new line %(n)s") % {"n": number},
            "category": _("Budget category of the new line %(n)s") % {"n": number},
        }
        for part, label in labels.items():
            widget = forms.Select(attrs={"aria-label": label})
            field = forms.ChoiceField(label=label, choices=choices[part], required=False, widget=widget)
            self.add(f"{part}-{number}", field)
        label = _("Amount of the new line %(n)s") % {"n": number}
        widget = forms.TextInput(attrs={"inputmode": "decimal", "aria-label": label})
        self.add(f"begun-{number}", AmountField(label=label, required=False, min_value=0, widget=widget))

    @staticmethod
    def _quantities(line):
        """Places and days are an activity's, amounts a budget category's, unless the decision says more of the line."""
        usual = {"amount"} if line.category else {"places", "days"}
        return [
            quantity for quantity in decisions.QUANTITIES if quantity in usual or getattr(line, quantity) is not None
        ]

    def _look_at_row(self):
        """The lines, too, are compared with those of somebody who was faster; the version is that of one decision."""
        super()._look_at_row()
        self._row_version = self.initial["version"] = f"{self.instance.pk}.{self.instance.version}"
        for line in decisions.lines_of(self.instance):
            for quantity in self._quantities(line):
                self._row_values[decisions.field_of(quantity, line)] = getattr(line, quantity)

    def clean_file(self):
        upload = self.cleaned_data["file"]
        return files.store(upload, by=self.user, kinds=(PDF,)) if upload else None

    def clean(self):
        """A line is begun whole, and once."""
        cleaned = super().clean()
        there = {decisions.key(line) for line in self.lines_to_fill}
        for number in self.begun:
            parts = {part: cleaned.get(f"{part}-{number}") for part in ("activity", "category", "begun")}
            missing = [part for part, value in parts.items() if value in ("", None)]
            if len(missing) == 3 or any(f"{part}-{number}" in self.errors for part in parts):
                continue
            found = (int(parts["activity"] or 0), int(parts["category"] or 0))
            if missing:
                sentence = _("Give activity, budget category and amount of this line, or leave all three empty.")
                self.add_error(f"{missing[0]}-{number}", sentence)
            elif found in there:
                sentence = _("This activity has that budget category already. Write the amount there.")
                self.add_error(f"category-{number}", sentence)
            there.add(found)
        return cleaned

    @property
    def lines(self):
        """What is awarded, as rows that are not saved yet."""
        found = []
        for line in self.lines_to_fill:
            values = {one: self.cleaned_data[decisions.field_of(one, line)] for one in self._quantities(line)}
            if any(value is not None for value in values.values()):
                currency = self.cleaned_data["currency"]
                keys = {"activity_type": line.activity_type, "category": line.category}
                found.append(AwardedLine(**keys, **values, currency=currency))
        return found + self._begun_lines()

    def _begun_lines(self):
        return [
            AwardedLine(
                activity_type=self._kinds[int(self.cleaned_data[f"activity-{number}"])],
                category=self._categories[int(self.cleaned_data[f"category-{number}"])],
                amount=self.cleaned_data[f"begun-{number}"],
                currency=self.cleaned_data["currency"],
            )
            for number in self.begun
            if self.cleaned_data[f"begun-{number}"] is not None
        ]

    @property
    def activity_rows(self):
        return [(line, self._fields_of(line)) for line in self.by_activity if not line.category]

    @property
    def activity_labels(self):
        """The headings that the rows of activities need; amounts of activities alone are old ones."""
        shown = {quantity for line in self.by_activity if not line.category for quantity in self._quantities(line)}
        return [label for quantity, label in decisions.QUANTITIES.items() if quantity in shown]

    @property
    def crossed_rows(self):
        return [(line, self._fields_of(line)) for line in self.by_activity if line.category]

    @property
    def begun_rows(self):
        return [[self[f"{part}-{number}"] for part in ("activity", "category", "begun")] for number in self.begun]

    @property
    def category_rows(self):
        return [(line, self._fields_of(line)) for line in self.by_category]

    def _fields_of(self, line):
        return [
            (label, self[decisions.field_of(quantity, line)])
            for quantity, label in decisions.QUANTITIES.items()
            if quantity in self._quantities(line)
        ]

    def save(self):
        """The decision with its new file, if one was chosen. The rule saves the row."""
        if self.cleaned_data.get("file"):
            self.instance.file = self.cleaned_data["file"]
        return self.instance

    def compare_again(self):
        """Also when somebody else has entered a decision while this one was written."""
        if not self.instance._state.adding:
            super().compare_again()
            return
        self.before = decisions.newest(self.project)
        self._put("follows", self.before.pk if self.before else "")
        self.add_error(None, Changed())


class RemovalForm(StepForm):
    """Why the decision goes; `seen` is the one that the page asked about."""

    def __init__(self, *args, decision, **kwargs):
        super().__init__(*args, needs_reason=True, **kwargs)
        self.decision = decision
        self.add("seen", _hidden_key(decision.pk))

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("seen") != self.decision.pk:
            self._put("seen", self.decision.pk)
            raise ValidationError(
                _("This decision was entered after you had opened the page. Look whether it is the one to be removed.")
            )
        return cleaned
