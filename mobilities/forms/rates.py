"""Rows of annex IV as forms, one for each sort of row."""

from collections import Counter
from copy import copy

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from consortium.models import ActivityType, SourceStatus
from mobilities import rate_edits, rate_evidence, rate_imports, rate_series, rate_tables
from mobilities.models import CountryGroup, FundedDayTier, Payee, TravelDayLimit, TravelMode, UnitCost, UnitCostKind
from mobilities.models.rates import MOST_EUR
from mobilities.rate_books import GREEN, Table
from mobilities.rate_series import Part
from mobilities.rate_tables import OTHER_KINDS, groups_of
from westum.base import countries, formats, sheet_reading
from westum.base.amount_fields import AmountField
from westum.base.forms import Changed, PlainForm, RowForm

EMPTY_IS_MISSING = gettext_lazy("Leave it empty while nobody knows it: then it is missing, not zero.")
CENTS = gettext_lazy("Day rates with cents are rounded to the whole euro before they are multiplied by days.")
SURE = ["status", "source", "note"]
HELP_TEXTS = {
    "source": gettext_lazy("Where it stands, as in “Grant agreement 2021-1-SE01-KA121-VET-…, annex IV, page 3”."),
}
WIDGETS = {
    "source": forms.Textarea(attrs={"rows": 2}),
    "note": forms.Textarea(attrs={"rows": 2}),
}


def rate_field(**options):
    return AmountField(required=False, min_value=0, max_value=MOST_EUR, **options)


def of_one_line(text):
    return " ".join(text.split())


class _Sourced:
    """What is verified says by what."""

    def clean_source(self):
        return of_one_line(self.cleaned_data["source"])

    def clean(self):
        found = super().clean()
        found = self.cleaned_data if found is None else found
        if found.get("status") == SourceStatus.VERIFIED and "source" in found and not found["source"]:
            self.add_error("source", ValidationError(_("Name the source by which it is verified.")))
        return found


class _Asking:
    """Questions that only some answers raise; each is a tick at the end of the form."""

    def ask(self, name, label, sentence):
        """Add the question; it is an error until it is ticked."""
        self.add(name, forms.BooleanField(label=label, required=False))
        if getattr(self, "groups", None):
            self.groups = [*self.groups, ("", [name])]
        if not self[name].data:
            self.add_error(name, sentence)
        return bool(self[name].data)

    def ask_whether_right(self, cells):
        """`cells`: (words, row, amount) of day rates; those that nobody would expect are named."""
        strange = [(words, row, amount) for words, row, amount in cells if rate_evidence.is_doubtful(row, amount)]
        if strange:
            named = "; ".join(_doubt(words, row, amount) for words, row, amount in strange)
            self.ask("is_right", _("The amount is right"), _("Correct it, or tick here: %(named)s.") % {"named": named})


def _doubt(words, row, amount):
    said = {"case": words, "amount": formats.money(amount, "EUR"), "bounds": rate_tables.bounds_of(row)}
    if said["bounds"]:
        return _("%(case)s: %(amount)s, and the Programme Guide allows %(bounds)s") % said
    return _("%(case)s: %(amount)s is much for a day") % said


class _ChangeForm(_Asking, _Sourced, RowForm):
    """The words after the deed in the row's history, and whence the row is."""

    is_confirmed = False

    reason = forms.CharField(
        label=gettext_lazy("Why do you change it?"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("It stands in the row's history."),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance._state.adding:
            del self.fields["reason"]

    def clean_note(self):
        return of_one_line(self.cleaned_data["note"])

    def _post_clean(self):
        super()._post_clean()
        before = (
            None if self.instance._state.adding else type(self.instance).objects.filter(pk=self.instance.pk).first()
        )
        if not self.errors and rate_evidence.is_changed(self.instance, before):
            self._ask_about_change(before)

    def _ask_about_change(self, before):
        """Another amount: why, and does the source have it?"""
        if not self.cleaned_data["reason"]:
            self.add_error("reason", _("Say why you change it."))
        if rate_evidence.must_be_confirmed(self.instance, before):
            sentence = _(
                "Another amount needs its own source. Write it above and choose how sure it is, or tick here if both are "
                "right as they are."
            )
            label = _("The source and how sure it is are right for the new amount")
            self.is_confirmed = self.ask("is_confirmed", label, sentence)


class CostForm(_ChangeForm):
    """An amount; the limit only of what has one, the bounds only of day rates, the kind only of a new row."""

    amount_eur = rate_field(label=gettext_lazy("Amount in euro"), help_text=EMPTY_IS_MISSING)
    cap_eur = rate_field(label=gettext_lazy("At most in euro, for a participant in the project"))
    lowest_eur = rate_field(label=gettext_lazy("Lowest that the Programme Guide allows"))
    highest_eur = rate_field(label=gettext_lazy("Highest that the Programme Guide allows"))

    class Meta:
        model = UnitCost
        fields = ["kind", "amount_eur", "cap_eur", "lowest_eur", "highest_eur", *SURE]
        widgets = WIDGETS
        help_texts = HELP_TEXTS
        labels = {"kind": gettext_lazy("What is paid")}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        row = self.instance
        if row._state.adding:
            there = UnitCost.objects.filter(call_year=row.call_year, kind__in=OTHER_KINDS).values_list(
                "kind", flat=True
            )
            labels = dict(UnitCostKind.choices)
            free = [kind for kind in OTHER_KINDS if kind not in set(there)]
            self.fields["kind"].choices = [("", _("Choose what is paid")), *((kind, labels[kind]) for kind in free)]
        else:
            del self.fields["kind"]
            if row.kind != UnitCostKind.COURSE_FEES:
                del self.fields["cap_eur"]
        if row.kind != UnitCostKind.DAY_RATE:
            del self.fields["lowest_eur"], self.fields["highest_eur"]
        else:
            self.fields["amount_eur"].help_text = f"{EMPTY_IS_MISSING} {CENTS}"

    def _post_clean(self):
        super()._post_clean()
        if not self.errors and {"amount_eur", "lowest_eur", "highest_eur"} & set(self.changed_data):
            self.ask_whether_right([(rate_tables.case_of(self.instance), self.instance, self.instance.amount_eur)])


class GroupForm(_ChangeForm):
    group = forms.ChoiceField(label=gettext_lazy("Country group"))
    country_code = forms.ChoiceField(label=gettext_lazy("Country"))

    class Meta:
        model = CountryGroup
        fields = ["country_code", "group", "is_third_country", *SURE]
        widgets = WIDGETS
        help_texts = HELP_TEXTS

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        row = self.instance
        self.fields["group"].choices = [(group, group) for group in groups_of(row.call_year)]
        if row._state.adding:
            there = set(CountryGroup.objects.filter(call_year=row.call_year).values_list("country_code", flat=True))
            self.fields["country_code"].choices = [("", _("Choose a country")), *countries.choices(without=there)]
        else:
            del self.fields["country_code"]


class TierForm(_ChangeForm):
    percent = forms.IntegerField(label=gettext_lazy("Per cent of the day rate"), min_value=1, max_value=100)

    class Meta:
        model = FundedDayTier
        fields = ["percent", *SURE]
        widgets = WIDGETS
        help_texts = HELP_TEXTS


class TravelDaysForm(_ChangeForm):
    travel_mode = forms.ChoiceField(label=gettext_lazy("Way of travelling"))
    most_days = forms.IntegerField(
        label=gettext_lazy("Days at most"), required=False, min_value=0, max_value=10, help_text=EMPTY_IS_MISSING
    )

    class Meta:
        model = TravelDayLimit
        fields = ["travel_mode", "most_days", *SURE]
        widgets = WIDGETS
        help_texts = HELP_TEXTS

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance._state.adding:
            rows = TravelDayLimit.objects.filter(call_year=self.instance.call_year)
            there = set(rows.values_list("travel_mode", flat=True))
            free = [(mode, label) for mode, label in TravelMode.choices if mode not in there]
            self.fields["travel_mode"].choices = [("", _("Choose a way of travelling")), *free]
        else:
            del self.fields["travel_mode"]


class ActivityForm(_ChangeForm):
    """The days of an activity, the same for all calls that it is of."""

    min_days = forms.IntegerField(label=gettext_lazy("Minimum days"), required=False, min_value=1, max_value=366)
    max_days = forms.IntegerField(label=gettext_lazy("Maximum days"), required=False, min_value=1, max_value=366)

    groups = [(gettext_lazy("Days without travel"), [("min_days", "max_days")])]

    class Meta:
        model = ActivityType
        fields = ["min_days", "max_days", *SURE]
        widgets = WIDGETS
        help_texts = HELP_TEXTS


FORMS = {
    UnitCost: CostForm,
    CountryGroup: GroupForm,
    FundedDayTier: TierForm,
    TravelDayLimit: TravelDaysForm,
    ActivityType: ActivityForm,
}


class RemoveForm(PlainForm):
    reason = forms.CharField(
        label=gettext_lazy("Why do you remove it?"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("It stands in the history, together with what the row said."),
    )


# Whole tables


class TableForm(_Asking, _Sourced, PlainForm):
    """A table of annex IV as it stands in the agreement. Saved as a whole, or not at all.

    Source and certainty are of what changes; all else keeps its own, unless the form says that they are for all.
    """

    mark_optional = False

    source = forms.CharField(
        label=gettext_lazy("Source of what you enter or change"),
        required=False,
        max_length=500,
        widget=WIDGETS["source"],
    )
    status = forms.ChoiceField(
        label=gettext_lazy("How sure it is"),
        choices=SourceStatus,
        initial=SourceStatus.UNVERIFIED,
        help_text=gettext_lazy("Of what you enter or change. All other rows stay as sure as they are."),
    )
    is_for_all = forms.BooleanField(
        label=gettext_lazy("Note source and certainty for the rows that stay the same as well"), required=False
    )
    reason = forms.CharField(
        label=gettext_lazy("Why do you change it?"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("It stands in the history of each row that changes."),
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=16)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        rows = list(self.rows())
        sources = Counter(row.source for row in rows if rate_tables.value_of(row))
        self.initial["seen"] = rate_edits.fingerprint(rows)
        self.initial["source"] = max(filter(None, sources), key=sources.get, default="")
        self.fields["source"].help_text = _kept_sources(sources) or HELP_TEXTS["source"]
        self.lay_out(rows)
        self.groups = [*self.groups, (_("Whence it is"), ["source", "status", "is_for_all", "reason"])]

    def clean(self):
        found = super().clean()
        if not self.errors:
            self._ask_about_changes()
        return found

    def _ask_about_changes(self):
        """Amounts that were stated and are others now: why, and does the source have them?"""
        changed = [old for old, new in self.pairs() if old is not None and rate_evidence.is_changed(new, old)]
        if changed and not self.cleaned_data["reason"]:
            self.add_error("reason", _("Say why you change what was entered before."))
        filled = [old for old, new in self.pairs() if old in changed and not rate_evidence.is_empty(new)]
        if any(old.source and old.source == self.cleaned_data["source"] for old in filled):
            sentence = _(
                "Another amount needs its own source. Write it above, or tick here if the new amounts are in this one."
            )
            self.ask("is_confirmed", _("The source is right for the new amounts"), sentence)

    @property
    def evidence(self):
        found = {name: self.cleaned_data[name] for name in ("source", "status", "reason", "is_for_all")}
        return rate_edits.Evidence(**found, is_confirmed=True)  # how sure it is was chosen, and the source asked about

    # Each table says which `rows()` it has now, which (row, row as it would be) `pairs()` it would save,
    # and by `lay_out(rows)` adds a field for each cell and groups them.

    def compare_again(self):
        """Somebody else has changed the table: both values where they differ, and all that was typed stays."""
        now = type(self)(**self.asked, user=self.user)
        for name, field in now.fields.items():
            if name in self.fields and name not in ("seen", "form_token"):
                theirs = now.get_initial_for_field(field, name)
                if self.fields[name].has_changed(theirs, self[name].data):
                    shown = {"mine": self[name].data or "", "theirs": field.prepare_value(theirs) or ""}
                    self.conflict.append({"label": self.label_in_words(name)} | shown)
        self._put("seen", now.initial["seen"])
        self.add_error(None, Changed())

    def label_in_words(self, name):
        return self[name].label


def _kept_sources(sources):
    """How many rows rest on which source, where that is not one for all."""
    if len(sources) < 2:
        return ""
    told = [
        ngettext("%(n)s row: %(source)s", "%(n)s rows: %(source)s", count)
        % {"n": count, "source": f"“{source}”" if source else _("no source")}
        for source, count in sources.most_common()
    ]
    return _("Rows that you do not change keep their source. %(told)s.") % {"told": "; ".join(told)}


class DayRatesForm(TableForm):
    """What one country pays a day, for each payee and country group; learners by country until call 2017."""

    def __init__(self, *args, tables, country, **kwargs):
        self.asked = {"tables": tables, "country": country}
        self.tables, self.country = tables, country
        super().__init__(*args, **kwargs)

    def rows(self):
        return rate_edits.day_rates(self.tables.call_year, self.country)

    def pairs(self):
        for cell, amount in self.amounts.items():
            old = self.there.get(cell)
            new = copy(old) if old else UnitCost(kind=UnitCostKind.DAY_RATE, payee=cell[0], country_group=cell[1])
            new.amount_eur = amount
            yield old, new

    def clean(self):
        found = super().clean()
        if not ({*self.errors} - {"reason", "is_confirmed"}):
            new = [new for old, new in self.pairs() if old is None or new.amount_eur != old.amount_eur]
            self.ask_whether_right([(rate_tables.case_of(row), row, row.amount_eur) for row in new])
        return found

    def lay_out(self, rows):
        self.there = {(row.payee, row.country_group): row for row in rows}
        there = {cell: row.amount_eur for cell, row in self.there.items()}
        by_payee = {}
        for payee, group in self.tables.cells(self.country):
            label = formats.country(group) if len(group) > 1 else _("Group %(group)s") % {"group": group}
            self.add(f"rate-{payee}-{group}", rate_field(label=label, initial=there.get((payee, group))))
            by_payee.setdefault(payee, []).append(f"rate-{payee}-{group}")
        self.groups = [
            (_("%(payee)s, euro a day") % {"payee": capfirst(str(Payee(payee).label))}, [tuple(names)])
            for payee, names in by_payee.items()
        ]

    def label_in_words(self, name):
        if not name.startswith("rate-"):
            return self[name].label
        return f"{capfirst(str(Payee(name.split('-')[1]).label))}, {self[name].label}"

    @property
    def amounts(self):
        return {cell: self.cleaned_data[f"rate-{cell[0]}-{cell[1]}"] for cell in self.tables.cells(self.country)}


class SeriesForm(TableForm):
    """Rows that follow on each other, with two more to fill in. A row that is left empty is none."""

    MORE = 2

    def __init__(self, *args, series, **kwargs):
        self.asked, self.series = {"series": series}, series
        super().__init__(*args, **kwargs)

    def rows(self):
        return self.series.rows

    def lay_out(self, rows):
        parts = self.series.parts(rows)
        self.places = len(parts) + self.MORE
        self.empty = {
            (place, column)
            for place, part in enumerate(parts)
            for column, value in part.values.items()
            if value is None
        }
        self.groups = []
        for place in range(self.places):
            part = parts[place] if place < len(parts) else None
            self._add_end(f"first-{place}", FROM[self.series.table], part and part.first)
            self._add_end(f"last-{place}", TO[self.series.table], part and part.last)
            for column in self.series.columns:
                self.add(f"{column}-{place}", self._value_field(column, part and part.values.get(column)))
            names = [f"first-{place}", f"last-{place}", *(f"{column}-{place}" for column in self.series.columns)]
            legend = _("Row %(n)s") if part else _("Row %(n)s, if there is one more")
            self.groups.append((legend % {"n": place + 1}, [tuple(names)]))

    def pairs(self):
        there = {(getattr(row, self.series.first), self.series.column_of(row)): row for row in self.rows()}
        for part in self.parts:
            for column, value in part.values.items():
                old = there.get((part.first, column))
                if old is not None:
                    new = copy(old)
                    setattr(new, self.series.last, part.last)
                    setattr(new, self.series.value, value)
                    yield old, new

    def _add_end(self, name, label, initial):
        field = forms.IntegerField(label=label, required=False, min_value=0, max_value=99_999, initial=initial)
        self.add(name, field)

    def _value_field(self, column, initial):
        if self.series.table == Table.TIERS:
            label = _("Per cent of the day rate")
            return forms.IntegerField(label=label, required=False, min_value=1, max_value=100, initial=initial)
        label = VALUES.get(column, _("Amount in euro"))
        return rate_field(label=label, initial=initial)

    def clean(self):
        self.parts, self.filled = [], []
        for place in range(self.places):
            self._take_in_part(place)
        if not self.errors:
            for number, end, sentence in rate_series.faults(self.series, self.parts):
                self.add_error(f"{end}-{self.filled[number]}", sentence)
        return super().clean()

    def _take_in_part(self, place):
        first, last = self.cleaned_data.get(f"first-{place}"), self.cleaned_data.get(f"last-{place}")
        values = {column: self.cleaned_data.get(f"{column}-{place}") for column in self.series.columns}
        if first is None:
            if last is not None or any(value is not None for value in values.values()):
                self._say(f"first-{place}", _("Write where this row begins, or leave all of it empty."))
            return
        if self.series.table == Table.TIERS and values["percent"] is None:
            self._say(f"percent-{place}", _("Write the share that is paid, in per cent."))
        if GREEN in values and values[GREEN] is None and (place, GREEN) not in self.empty:
            del values[GREEN]
        self.parts.append(Part(first, last, values))
        self.filled.append(place)

    def _say(self, name, sentence):
        if name not in self.errors:
            self.add_error(name, sentence)

    def label_in_words(self, name):
        column, _dash, place = name.rpartition("-")
        if not place.isdecimal():
            return self[name].label
        return _("Row %(n)s: %(label)s") % {"n": int(place) + 1, "label": self[name].label}


FROM = {
    Table.TRAVEL: gettext_lazy("From km"),
    Table.TIERS: gettext_lazy("From day"),
    Table.ORGANISATIONAL: gettext_lazy("From participant"),
}
TO = {
    Table.TRAVEL: gettext_lazy("To km"),
    Table.TIERS: gettext_lazy("To day"),
    Table.ORGANISATIONAL: gettext_lazy("To participant"),
}
VALUES = {
    TravelMode.STANDARD: gettext_lazy("Ordinary, euro"),
    TravelMode.GREEN: gettext_lazy("Green travel, euro"),
}


class SendingCountryForm(PlainForm):
    country = forms.ChoiceField(label=gettext_lazy("Participants sent from"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["country"].choices = [("", _("Choose a country")), *countries.choices()]


class CalculateForm(PlainForm):
    """Which mobilities are calculated anew, and why. A choice carries the new amount: what was not seen is not saved."""

    chosen = forms.MultipleChoiceField(
        label=gettext_lazy("Calculate anew"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "invalid_choice": gettext_lazy("The rates or the mobility have changed meanwhile. Look at the list anew."),
            "required": gettext_lazy("Choose at least one mobility."),
        },
    )
    reason = forms.CharField(
        label=gettext_lazy("Why are they calculated anew?"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("It stands in the history of each of them."),
    )

    def __init__(self, *args, differences, **kwargs):
        super().__init__(*args, **kwargs)
        self.by_choice = {f"{one.mobility.pk}:{one.now.amount_eur}": one for one in differences}
        self.fields["chosen"].choices = [(key, self._told(one)) for key, one in self.by_choice.items()]

    @staticmethod
    def _told(one):
        words = {"person": one.mobility, "member": one.mobility.sending_organisation}
        words |= {"old": formats.money(one.kept.amount_eur, "EUR"), "new": formats.money(one.now.amount_eur, "EUR")}
        if one.kept.amount_eur is None:
            return _("%(person)s, %(member)s: %(new)s, until now nothing") % words
        return _("%(person)s, %(member)s: %(new)s instead of %(old)s") % words

    @property
    def mobilities(self):
        return [self.by_choice[key].mobility for key in self.cleaned_data["chosen"]]


class SheetForm(PlainForm):
    """The sheet to be imported; it is looked at, and not kept."""

    file = forms.FileField(
        label=gettext_lazy("Sheet"),
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
        help_text=gettext_lazy("Excel (.xlsx) or CSV with the headings of the exported sheet."),
    )

    def clean_file(self):
        file = self.cleaned_data["file"]
        headings, self.lines = sheet_reading.read(file.read(), file.name)
        self.columns = rate_imports.columns_of(headings)
        return file


class TakeInForm(PlainForm):
    """What was read of the sheet, on its way from the page that showed it to the one that saves it."""

    sheet = forms.JSONField(widget=forms.HiddenInput)
    seen = forms.CharField(widget=forms.HiddenInput, max_length=16)

    def clean_sheet(self):
        sheet = self.cleaned_data["sheet"]
        try:
            columns = [str(name) for name in sheet["columns"]]
            lines = [(int(number), [str(cell) for cell in cells]) for number, cells in sheet["lines"]]
        except (KeyError, TypeError, ValueError):
            raise ValidationError(_("This is not what was shown. Choose the file anew.")) from None
        return rate_imports.columns_of(columns), lines
