"""Registering and changing a mobility. A draft may have gaps; what is wrong is refused at once, also in a draft."""

from copy import copy

from django import forms
from django.db.models import Q
from django.forms.models import ModelChoiceIteratorValue
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from consortium.models import (
    ActivityType,
    Audience,
    Organisation,
    OrganisationKind,
    Project,
)
from mobilities import eligibility, travel_distances
from mobilities.eligibility import Shortfall
from mobilities.forms.choices import (
    Activities,
    FocusAreas,
    activity_label,
    capitalise,
    day_input,
    focus_area_label,
    host_label,
)
from mobilities.models import Mobility, MobilityState
from westum.base import countries, place_index
from westum.base.formats import day
from westum.base.forms import RowForm
from westum.base.place_fields import Asked, PlaceChoiceField
from westum.base.text import fold

WHEN = _("When?")
TRAVEL = _("Travel and support")
OTHER_DISTANCE = _("The distance is another one")
NEW_HOST = _("A host that is not in the list")
HOST_FIELDS = ["host_name", "host_city", "host_country"]
SUPPORT_FIELDS = ["linguistic_support", "fewer_opportunities", "course_fee_days"]
DISTANCE_FIELDS = ["distance_km", "distance_reason"]
# What decides the amounts: while one of these is wrong no sum is shown.
MONEY_FIELDS = [
    "activity_type",
    "receiving_organisation",
    "host_country",
    "start_date",
    "end_date",
    "travel_mode",
    "travel_days",
    "course_fee_days",
    "distance_km",
]


class StartForm(forms.Form):
    """What comes first: the project and the member. Where there is one of each nobody is asked."""

    project = forms.ModelChoiceField(label=_("Project"), queryset=None, to_field_name="slug", empty_label=None)
    member = forms.ModelChoiceField(label=_("Member"), queryset=None, empty_label=_("Choose a member"))
    participant = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, data, *, user, handed_in=False):
        """What is `handed_in` may be for a project that was closed meanwhile: its own form refuses it, and keeps it."""
        seen = Project.objects.visible_to(user)
        self.projects = seen.registering().select_related("owner").newest_first()
        self.members = Organisation.objects.registering(user).in_order()
        super().__init__(data if "project" in data or "member" in data else None)
        self.fields["project"].queryset = seen.own().select_related("owner") if handed_in else self.projects
        self.fields["member"].queryset = self.members

    def chosen(self):
        """Project and member, or None while somebody must be asked."""
        projects, members = list(self.projects[:2]), list(self.members[:2])
        if self.is_bound and self.is_valid():
            return self.cleaned_data["project"], self.cleaned_data["member"]
        given = self.cleaned_data if self.is_bound else {}
        project = given.get("project") or (projects[0] if len(projects) == 1 else None)
        member = given.get("member") or (members[0] if len(members) == 1 else None)
        return (project, member) if project and member else None

    def clean(self):
        project, member = self.cleaned_data.get("project"), self.cleaned_data.get("member")
        if project and member and not project.members.filter(organisation=member).exists():
            self.add_error("member", _("This organisation is not a member of the project. Choose another one."))


class MobilityForm(RowForm):
    """The facts of a stay. The host is one of the shared list, or a new one with name, town and country.

    `complete=True` asks for all that a submitted mobility must have. The person, the project and the member of the
    instance are there already.
    """

    mark_optional = False
    when = WHEN  # the group that shows the clashes
    before = None  # the mobility as it is saved
    host_name = forms.CharField(label=_("Name of the host"), max_length=160, required=False)
    host_city = forms.CharField(label=_("Town"), max_length=80, required=False)
    host_country = forms.ChoiceField(label=_("Country"), required=False)
    place = PlaceChoiceField(town="host_city", country="host_country")

    class Meta:
        model = Mobility
        fields = [
            "activity_type",
            "receiving_organisation",
            "start_date",
            "end_date",
            "travel_mode",
            "travel_days",
            "green_is_declared",
            "linguistic_support",
            "fewer_opportunities",
            "course_fee_days",
            "distance_km",
            "distance_reason",
            "goals",
        ]
        labels = {
            "receiving_organisation": _("Host"),
            "distance_km": _("Distance one way, in kilometres"),
            "distance_reason": _("Where does it come from, or why is it another one?"),
            "goals": _("Focus areas"),
        }
        help_texts = {
            "green_is_declared": _(
                "By train, bus or a shared car for most of the way, there and back. Keep the signed declaration."
            ),
            "linguistic_support": _(
                "Money for a language course where there is none online. For learners, and for staff from 31 days on."
            ),
            "fewer_opportunities": _(
                "Somebody for whom travelling is harder than for others, for instance because of a disability, an illness "
                "or little money. The member then gets money for its extra work. The person, the member's contact "
                "persons, the coordinator, project staff and auditors see it; it stands in no list. Write no reasons."
            ),
            "course_fee_days": _("Days of the course for which a fee is paid, at most as many as the stay has."),
            "distance_km": _("Leave it empty where the distance between the places of member and host holds."),
            "distance_reason": _("For instance: the Commission's distance calculator, 24 November."),
        }
        widgets = {
            "activity_type": Activities,
            "start_date": day_input(),
            "end_date": day_input(),
            "travel_mode": forms.RadioSelect(attrs={"class": "side"}),
            "goals": FocusAreas,
        }

    def __init__(self, *args, complete=False, **kwargs):
        super().__init__(*args, **kwargs)
        self.complete = complete or self.instance.state != MobilityState.DRAFT
        self.host = None
        self.clashes = []  # other mobilities of the same person on some of these days
        for name in ("travel_days", "course_fee_days"):
            self.fields[name].required = False
        capitalise(self.fields["travel_mode"])
        self._offer_hosts()
        self._offer_activities()
        self._offer_focus_areas()

    @property
    def groups(self):
        return [
            (_("Where?"), ["activity_type", "receiving_organisation"]),
            (NEW_HOST, ["host_name", ("host_city", "host_country"), "place"]),
            (WHEN, [("start_date", "end_date"), *self._question()]),
            (TRAVEL, ["travel_mode", "green_is_declared", "travel_days", *SUPPORT_FIELDS]),
            (OTHER_DISTANCE, DISTANCE_FIELDS),
            (_("What for?"), ["goals"]),
        ]

    @property
    def folded(self):
        """Groups that are an alternative to a list, each with the fields that unfold it when they say something."""
        return {NEW_HOST: [*HOST_FIELDS, "place"], OTHER_DISTANCE: DISTANCE_FIELDS}

    @property
    def unfolded(self):
        return [
            legend
            for legend, names in self.folded.items()
            if any(self[name].errors or self.is_bound and self[name].data for name in names)
            or legend == OTHER_DISTANCE
            and self.instance.distance_reason
        ]

    def _offer_hosts(self):
        field = self.fields["receiving_organisation"]
        field.queryset = Organisation.objects.visible_to(self.user).hosts().in_order()
        field.empty_label = _("Not chosen")
        field.label_from_instance = host_label
        field.help_text = format_html(
            '<a href="{}" target="_blank" rel="noopener">{}</a>',
            reverse("consortium:hosts"),
            gettext("Look in the bank of hosts (opens in a new tab)"),
        )
        self.fields["place"].listen(self)
        self.fields["host_country"].choices = [("", _("Choose a country")), *countries.choices(without={"SE"})]

    def _offer_activities(self):
        field = self.fields["activity_type"]
        field.queryset = ActivityType.objects.in_call(self.instance.project.call_year).outgoing()
        field.empty_label = _("Not chosen")
        field.label_from_instance = activity_label
        if self.instance.participant_id:
            audience = Audience.LEARNER if self.instance.participant.is_learner else Audience.STAFF
            field.queryset = field.queryset.filter(audience=audience)
        else:
            field.choices = [("", field.empty_label), *_by_audience(field.queryset)]

    def _offer_focus_areas(self):
        """All of the project that are open to the person; while nobody knows who travels, all."""
        field, project = self.fields["goals"], self.instance.project
        areas = project.goals.choosable()
        if self.instance.pk and (traveller := self.instance.participant):
            # What was chosen before the group changed stays in view, with the sentence that refuses it.
            chosen = Q(pk__in=self.instance.goals.values("pk"))
            areas = areas.filter(chosen | Q(pk__in=areas.open_to(is_learner=traveller.is_learner)))
        field.queryset = areas
        field.label_from_instance = focus_area_label
        field.required = False

    def _look_at_row(self):
        super()._look_at_row()
        self.before = copy(self.instance)

    def clean_travel_days(self):
        return self.cleaned_data["travel_days"] or 0

    def clean_course_fee_days(self):
        return self.cleaned_data["course_fee_days"] or 0

    def clean(self):
        super().clean()
        self.writes_host = any(self.cleaned_data.get(name) for name in HOST_FIELDS)
        if self.writes_host:
            self._clean_host()
        return self.cleaned_data

    def _clean_host(self):
        name, city, country = (self.cleaned_data.get(f"host_{part}") for part in ("name", "city", "country"))
        if self.cleaned_data.get("receiving_organisation"):
            self.add_error("host_name", _("Choose a host in the list or write a new one, not both."))
            return
        for field, value, sentence in (
            ("host_name", name, _("Write the name of the host.")),
            ("host_city", city, _("Write the town of the host.")),
            ("host_country", country, _("Choose the country of the host.")),
        ):
            if not value and field not in self.errors:
                self.add_error(field, sentence)
        known = Organisation.objects.visible_to(self.user).hosts().filter(country=country or "")
        if any(fold(host.name) == fold(name) for host in known):
            self.add_error("host_name", _("This host is in the list already. Choose it there."))
        elif name and city and country:
            asked = self.cleaned_data.get("place") or Asked()
            place = None if asked.is_none else asked.only
            if not place and not asked.is_none and place_index.named(city, country=country, most=2):
                sentence = gettext("Several towns are called “%(town)s”. Choose which one you mean, or none of them.")
                self.add_error("place", sentence % {"town": city})
            latitude, longitude = place.point if place else (None, None)
            self.host = Organisation(
                latitude=latitude,
                longitude=longitude,
                kind=OrganisationKind.RECEIVING,
                name=name,
                city=city,
                country=country,
                found_by=self.instance.sending_organisation,
            )

    def _post_clean(self):
        super()._post_clean()
        if self.host:
            self.instance.receiving_organisation = self.host
        if self.before:
            travel_distances.follow_host(self.before, self.instance)
        for shortfall in self._shortfalls():
            # What is wrong with a new host is said where it is written.
            said = shortfall.field in self.errors or shortfall.field == "receiving_organisation" and self.writes_host
            if not said:
                self.add_error(shortfall.field, shortfall.sentence)

    def _shortfalls(self):
        goals = self.cleaned_data.get("goals", [])
        found = self._wrong(goals)
        return [*found, *eligibility.missing(self.instance, goals)] if self.complete else found

    def _wrong(self, goals):
        return eligibility.wrong(self.instance, goals, kept_km=self.kept_km)

    @property
    def kept_km(self):
        """The distance with which it was accepted."""
        return self.before.distance_km if self.before and self.before.accepted_at else None

    @property
    def refusals(self):
        """What is wrong with the facts that decide the amounts, each at its field: the same as when it is handed in."""
        if not self.is_bound:
            wrong = self._wrong([]) if self.instance.pk else []
            return [shortfall for shortfall in wrong if shortfall.field in MONEY_FIELDS]
        return [Shortfall(name, sentence) for name in MONEY_FIELDS for sentence in self.errors.get(name, [])]

    def _question(self):
        return ["despite_overlap"] if "despite_overlap" in self.fields else []

    def _clean_days(self):
        """The same days twice are refused. Days that overlap are asked about, when they are new."""
        self.fields.pop("despite_overlap", None)
        mobility = self.instance
        days = (mobility.start_date, mobility.end_date)
        if not (mobility.participant_id and all(days)) or {"start_date", "end_date"} & set(self.errors):
            return
        seen = Mobility.objects.visible_to(self.user).with_parties().order_by("start_date", "pk")
        self.clashes = list(seen.same_days_as(mobility))
        if self.clashes:
            sentence = _("%(name)s has a mobility from %(first)s to %(last)s in this project already.")
            self.add_error("start_date", self._of(self.clashes[0], sentence))
        elif mobility._state.adding or {"start_date", "end_date"} & set(self.changed_data):
            self.clashes = list(seen.overlapping(mobility))
            if self.clashes:
                self._ask_about_overlap()

    def _ask_about_overlap(self):
        label = _("Register anyway") if self.instance._state.adding else _("Save anyway")
        self.add("despite_overlap", forms.BooleanField(label=label, required=False))
        if not self["despite_overlap"].data:
            sentence = _("%(name)s is away from %(first)s to %(last)s already. Choose other days, or tick here.")
            self.add_error("despite_overlap", self._of(self.clashes[0], sentence))

    @staticmethod
    def _of(other, sentence):
        return sentence % {"name": other.participant, "first": day(other.start_date), "last": day(other.end_date)}

    def validate_constraints(self):
        """A host that is still to be saved counts as one. The sentence about days names them, the table's does not."""
        self._clean_days()
        if self.host:
            self.instance.receiving_organisation_id = 0
        super().validate_constraints()


def _by_audience(activities):
    """Choices under a heading each for learners and staff, while nobody knows yet who travels."""
    for audience in (Audience.LEARNER, Audience.STAFF):
        found = [
            (ModelChoiceIteratorValue(activity.pk, activity), activity_label(activity))
            for activity in activities
            if activity.audience == audience
        ]
        if found:
            yield audience.label, found
