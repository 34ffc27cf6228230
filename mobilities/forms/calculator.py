"""The questions of the calculator. All of it stands in the address, and nothing of a person."""

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import ErrorDict
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from consortium.models import Audience
from mobilities import calculator, eligibility, explanations
from mobilities.forms.choices import activity_label, capitalise, day_input
from mobilities.grants import FARTHEST_KM, GrantFacts, NotGranted, RateBook
from mobilities.mobility_grants import code_of
from mobilities.models import TravelMode
from mobilities.rate_tables import HOME
from westum.base.distances import in_whole_kilometres
from westum.base.formats import country
from westum.base.place_fields import PlaceField
from westum.base.sentences import name_what_is_missing, say_plainly

MOST_DAYS = 999
# What a page asks: an address with none of these is a page that nobody has filled in yet.
QUESTIONS = {"rates", "activity", "days", "first", "member", "to1_town", "to1_country"}
# At which field a refusal of the calculation stands; the others are those of one place.
FIELDS = {"activity_days": "days", "travel_days": "travel_days"}
PLACE_FIELDS = {"receiving_country": "to", "distance_km": "km"}


def whole_number(label, *, least=0, **options):
    options = {"min_value": least, "max_value": MOST_DAYS, "required": False} | options
    return forms.IntegerField(label=label, **options)


def distance():
    return forms.DecimalField(
        label=gettext_lazy("Distance one way, km"),
        required=False,
        localize=True,
        max_digits=12,
        decimal_places=3,
        error_messages={"invalid": gettext_lazy("This is no distance. Write whole kilometres, as in 420.")},
        help_text=gettext_lazy("Empty: it is measured. The funder's own calculator decides, so you may write another."),
    )


class CalculatorForm(forms.Form):
    """A stay, one or two places to which it may go, and the rates by which it is worked out.

    `outcomes` are there when all of it is right.
    """

    mark_optional = False
    rates = forms.ChoiceField(label=gettext_lazy("By the rates of"))
    activity = forms.ChoiceField(label=gettext_lazy("Activity"))
    days = whole_number(gettext_lazy("Days of the stay, without travel"), least=1)
    first = forms.DateField(label=gettext_lazy("Or the first day"), required=False, widget=day_input())
    last = forms.DateField(label=gettext_lazy("And the last day"), required=False, widget=day_input())
    member = forms.ModelChoiceField(
        label=gettext_lazy("From the member"), queryset=None, required=False, empty_label=gettext_lazy("Not chosen")
    )
    start = PlaceField(label=gettext_lazy("Or from another town"), required=False)
    to1 = PlaceField(label=gettext_lazy("To which town?"), required=False)
    km1 = distance()
    to2 = PlaceField(label=gettext_lazy("Compare with which town?"), required=False)
    km2 = distance()
    mode = forms.ChoiceField(
        label=gettext_lazy("Way of travelling"),
        choices=TravelMode.choices,
        initial=TravelMode.STANDARD,
        widget=forms.RadioSelect(attrs={"class": "side"}),
    )
    travel_days = whole_number(
        gettext_lazy("Days of travel"), initial=0, help_text=gettext_lazy("Before the first and after the last day.")
    )
    fee_days = whole_number(
        gettext_lazy("Days of a course with a fee"), initial=0, help_text=gettext_lazy("0 when there is no course fee.")
    )
    fewer = forms.BooleanField(label=gettext_lazy("A participant with fewer opportunities"), required=False)
    linguistic = forms.BooleanField(label=gettext_lazy("Gets linguistic support"), required=False)
    accompanying = forms.BooleanField(
        label=gettext_lazy("An accompanying person"),
        required=False,
        help_text=gettext_lazy(
            "Somebody who goes with the learners. The rates of accompanying persons are used. There is no money for course "
            "fees, for the language or for fewer opportunities then."
        ),
    )

    def __init__(self, data, *, user):
        """What the address leaves out is as the page shows it at first."""
        self.projects, self.call_years = calculator.of_projects(user), calculator.of_call_years(HOME)
        self.rate_tables = {table.key: table for table in [*self.projects, *self.call_years]}
        member = calculator.own_member(user)
        initial = {"rates": next(iter(self.rate_tables), ""), "member": member.pk if member else ""}
        super().__init__(_filled(data, initial) if QUESTIONS & set(data) else None, initial=initial)
        self.outcomes, self.problems = [], []  # of these, one is empty when somebody has asked
        self.fields["member"].queryset = calculator.members_of(user)
        self._offer_rates()
        self._offer_activities()
        capitalise(self.fields["mode"])
        for field in self.fields.values():
            name_what_is_missing(field, field.label)
            say_plainly(field)
        self.fields["days"].error_messages["min_value"] = explanations.refusal(NotGranted("no_days"))[1]

    def keep_quiet(self):
        """Say what is wrong or missing in `problems` alone: somebody is still writing, and has not sent the form."""
        if self.is_bound:
            self.is_valid()
            self._errors = ErrorDict()

    def full_clean(self):
        super().full_clean()
        self.problems = [(self[name], sentence) for name in self.fields for sentence in self.errors.get(name, [])]

    @property
    def groups(self):
        return [
            (_("The stay"), ["rates", "activity", "days", ("first", "last")]),
            (_("The place"), ["to1", "km1"]),
            (_("Another place beside it"), ["to2", "km2"]),
            (_("The journey"), ["member", "start", "mode", "travel_days"]),
            (_("Besides"), ["fewer", "linguistic", "accompanying", "fee_days"]),
        ]

    @property
    def table(self):
        """The rates that are chosen, or those with which the page begins; None where there are none at all."""
        chosen = self["rates"].value()
        return self.rate_tables.get(chosen) or next(iter(self.rate_tables.values()), None)

    def _offer_rates(self):
        groups = [(_("Projects"), self.projects), (_("Call years"), self.call_years)]
        self.fields["rates"].choices = [
            (label, [(table.key, table.label) for table in tables]) for label, tables in groups if tables
        ]
        # With script other rates bring their own activities at once.
        self.fields["rates"].widget.attrs |= {
            "hx-get": reverse("mobilities:calculator"),
            "hx-trigger": "change consume",
            "hx-include": "closest form",
            "hx-target": "#calculator",
            "hx-select": "#calculator",
            "hx-swap": "outerHTML",
        }

    def _offer_activities(self):
        field = self.fields["activity"]
        self.activities = {row.key: row for row in calculator.activities_of(self.table.call_year if self.table else 0)}
        rows = self.activities.values()
        by_audience = [
            (capfirst(audience.label), [(row.key, activity_label(row)) for row in rows if row.audience == audience])
            for audience in (Audience.LEARNER, Audience.STAFF)
        ]
        field.choices = [("", _("Not chosen")), *((label, found) for label, found in by_audience if found)]
        field.error_messages["invalid_choice"] = _("This call does not fund this activity. Choose another one.")

    def clean_km1(self):
        return self._kilometres("km1")

    def clean_km2(self):
        return self._kilometres("km2")

    def _kilometres(self, name):
        written = self.cleaned_data[name]
        if written is not None and not 0 <= written <= FARTHEST_KM:
            raise ValidationError(explanations.refusal(NotGranted("distance", FARTHEST_KM))[1])
        return None if written is None else in_whole_kilometres(written)

    def clean(self):
        cleaned = super().clean()
        self.activity = self.activities.get(cleaned.get("activity"))
        self.length = self._days(cleaned)
        if self.activity and self.length and not cleaned.get("accompanying"):
            self._fit_activity()
        if not cleaned.get("accompanying"):
            self._fit_course(cleaned)
        begins = self._beginning(cleaned)
        ways = [way for number in "12" if (way := self._way(number, cleaned, begins))]
        if not self.errors:
            self._work_out(ways)
        return cleaned

    def _days(self, cleaned):
        """Those that are written, or those from the first to the last day."""
        written, first, last = (cleaned.get(name) for name in ("days", "first", "last"))
        if {"days", "first", "last"} & set(self.errors):
            return None
        if first and last:
            if last < first:
                self.add_error("last", _("The last day is before the first. Change one of them."))
                return None
            counted = (last - first).days + 1
            if written and written != counted:
                sentence = _("From the first to the last day there are %(counted)s days. Write that number, or none.")
                self.add_error("days", sentence % {"counted": counted})
            elif counted > MOST_DAYS:
                self.add_error("last", _("The last day is more than %(most)s days away.") % {"most": MOST_DAYS})
            return counted
        if first or last:
            self.add_error("last" if first else "first", _("Give the first and the last day."))
        elif not written:
            self.add_error("days", explanations.refusal(NotGranted("no_days"))[1])
        return written

    def _fit_activity(self):
        words = {"least": self.activity.min_days, "most": self.activity.max_days, "days": self.length}
        field = "days" if self.cleaned_data.get("days") else "last"
        if self.activity.is_too_short(self.length):
            sentence = _("This activity takes at least %(least)s days, and these are %(days)s. Make the stay longer.")
            self.add_error(field, sentence % words)
        elif self.activity.is_too_long(self.length):
            sentence = _("This activity takes at most %(most)s days, and these are %(days)s. Make the stay shorter.")
            self.add_error(field, sentence % words)

    def _fit_course(self, cleaned):
        sentence = eligibility.course_fee_refusal(
            fee_days=cleaned.get("fee_days"), activity=self.activity, days=self.length
        )
        if sentence:
            self.add_error("fee_days", sentence)

    @property
    def is_left_out(self):
        """Was something asked for that an accompanying person does not get?"""
        given = self.cleaned_data
        return given["accompanying"] and any(given[name] for name in ("fee_days", "fewer", "linguistic"))

    def _beginning(self, cleaned):
        """Country and point from which the journey begins; a town that is written goes before the member."""
        if place := cleaned.get("start"):
            return place.country, place.point
        if member := cleaned.get("member"):
            point = (member.latitude, member.longitude)
            return member.country, None if None in point else point
        return HOME, None

    def _way(self, number, cleaned, begins):
        """Name, country, kilometres and whether they were measured; None for a second place that nobody asks for."""
        field, km = f"to{number}", cleaned.get(f"km{number}")
        place, asked = cleaned.get(field), self[field].data
        # Where the distance is written, the country will do: what counts is not in our list of towns then.
        if not place and km is not None and asked.country:
            self._errors.pop(field, None)
            name = ", ".join(part for part in (asked.town.strip(), country(asked.country)) if part)
            return number, name, asked.country, km, False
        if not place:
            is_asked = number == "1" or km is not None or asked.country
            if is_asked and field not in self.errors:
                self.add_error(field, _("Write to which town the stay goes."))
            return None
        if km is None and f"km{number}" not in self.errors:
            if begins[1] is None:
                self._ask_for_beginning(cleaned.get("member"))
                return None
            km = calculator.measured(begins[1], place.point)
            return number, str(place), place.country, km, True
        return number, str(place), place.country, km, False

    def _ask_for_beginning(self, member):
        if {"start", "member"} & set(self.errors):
            return
        if member:
            sentence = _("The place of %(member)s is not known yet. Write a town below it.") % {"member": member}
            self.add_error("member", sentence)
        else:
            self.add_error("member", _("Choose a member, or write a town below it, from where the journey begins."))

    def _work_out(self, ways):
        book = RateBook.load(call_year=self.table.call_year, sending_country=self.table.country)
        home = self._beginning(self.cleaned_data)[0]
        for number, name, receiving, km, is_measured in ways:
            facts = self._facts(home, receiving, km)
            try:
                self.outcomes.append(calculator.outcome(facts, book, destination=name, is_measured=is_measured))
            except NotGranted as refused:
                field, sentence = explanations.refusal(refused)
                self.add_error(FIELDS.get(field) or f"{PLACE_FIELDS[field]}{number}", sentence)

    def _facts(self, sending, receiving, km):
        given = self.cleaned_data
        return GrantFacts(
            call_year=self.table.call_year,
            sending_country=sending,
            activity_code=code_of(self.activity),
            receiving_country=receiving,
            distance_km=km,
            activity_days=self.length,
            travel_days=given["travel_days"] or 0,
            travel_mode=given["mode"],
            fewer_opportunities=given["fewer"],
            accompanying=given["accompanying"],
            course_fee_days=given["fee_days"] or 0,
            linguistic_support=given["linguistic"],
        )


def _filled(data, initial):
    filled = data.copy()
    for name, value in (initial | {"mode": TravelMode.STANDARD}).items():
        if name not in filled:
            filled[name] = value
    return filled
