"""Registering and changing a mobility. A draft may have gaps; what is wrong is refused at once, also in a draft."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from consortium.models import (
    ActivityType,
    Audience,
    Goal,
    GoalAudience,
    Municipality,
    Organisation,
    OrganisationKind,
    Project,
)
from mobilities import eligibility
from mobilities.models import Mobility, MobilityState, Participant, ParticipantGroup
from westum.base import countries
from westum.base.forms import RowForm
from westum.base.text import fold

NEW_HOST = _("A host that is not in the list")
NEW_PERSON = _("A person who is not in the list")
HOST_FIELDS = ["host_name", "host_city", "host_country"]
PERSON_FIELDS = ["group", "first_name", "last_name", "email", "phone", "home_municipality"]


def host_label(host):
    return ", ".join(part for part in (host.name, host.city, countries.names().get(host.country)) if part)


def activity_label(activity):
    if activity.min_days and activity.max_days:
        days = {"name": activity.name, "least": activity.min_days, "most": activity.max_days}
        return gettext("%(name)s, %(least)s–%(most)s days") % days
    return activity.name


def focus_area_label(goal):
    if goal.audience == GoalAudience.EVERYONE:
        return f"{goal.code} {goal.title}"
    return f"{goal.code} {goal.title} ({goal.get_audience_display()})"


def capitalise(field):
    """Choices that stand alone, as on a button, begin with a capital."""
    field.choices = [(value, capfirst(label)) for value, label in field.choices if value]


def day_input():
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


class StartForm(forms.Form):
    """What comes first: the project and the member. Where there is one of each nobody is asked."""

    project = forms.ModelChoiceField(label=_("Project"), queryset=None, to_field_name="slug", empty_label=None)
    member = forms.ModelChoiceField(label=_("Member"), queryset=None, empty_label=_("Choose a member"))
    participant = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, data, *, user):
        self.projects = Project.objects.visible_to(user).registering().newest_first()
        self.members = Organisation.objects.registering(user).in_order()
        super().__init__(data if "project" in data or "member" in data else None)
        self.fields["project"].queryset = self.projects
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
    host_name = forms.CharField(label=_("Name of the host"), max_length=160, required=False)
    host_city = forms.CharField(label=_("Town"), max_length=80, required=False)
    host_country = forms.ChoiceField(label=_("Country"), required=False)

    class Meta:
        model = Mobility
        fields = ["activity_type", "receiving_organisation", "start_date", "end_date", "travel_mode", "goals"]
        labels = {"receiving_organisation": _("Host"), "goals": _("Focus areas")}
        widgets = {
            "start_date": day_input(),
            "end_date": day_input(),
            "travel_mode": forms.RadioSelect(attrs={"class": "side"}),
            "goals": forms.CheckboxSelectMultiple,
        }

    def __init__(self, *args, complete=False, **kwargs):
        super().__init__(*args, **kwargs)
        self.complete = complete or self.instance.state != MobilityState.DRAFT
        self.host = None
        capitalise(self.fields["travel_mode"])
        self._offer_hosts()
        self._offer_activities()
        self._offer_focus_areas()

    @property
    def groups(self):
        return [
            (_("Where?"), ["activity_type", "receiving_organisation"]),
            (NEW_HOST, ["host_name", ("host_city", "host_country")]),
            (_("When and how?"), [("start_date", "end_date"), "travel_mode"]),
            (_("What for?"), ["goals"]),
        ]

    @property
    def folded(self):
        """Groups that are an alternative to a list, each with the fields that unfold it when they say something."""
        return {NEW_HOST: HOST_FIELDS}

    @property
    def unfolded(self):
        return [
            legend
            for legend, names in self.folded.items()
            if any(self[name].errors or self.is_bound and self[name].data for name in names)
        ]

    def _offer_hosts(self):
        field = self.fields["receiving_organisation"]
        field.queryset = Organisation.objects.visible_to(self.user).hosts().in_order()
        field.empty_label = _("Not chosen")
        field.label_from_instance = host_label
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
        field, project = self.fields["goals"], self.instance.project
        field.queryset = Goal.objects.filter(project=project).choosable()
        field.label_from_instance = focus_area_label
        field.required = False

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
            self.host = Organisation(kind=OrganisationKind.RECEIVING, name=name, city=city, country=country)

    def _post_clean(self):
        super()._post_clean()
        if self.host:
            self.instance.receiving_organisation = self.host
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
        return eligibility.wrong(self.instance, goals)

    def validate_constraints(self):
        """A host that is still to be saved counts as one."""
        if self.host:
            self.instance.receiving_organisation_id = 0
        super().validate_constraints()


def _by_audience(activities):
    """Choices under a heading each for learners and staff, while nobody knows yet who travels."""
    for audience in (Audience.LEARNER, Audience.STAFF):
        found = [(activity.pk, activity_label(activity)) for activity in activities if activity.audience == audience]
        if found:
            yield audience.label, found


def of_person(name, **options):
    return Participant._meta.get_field(name).formfield(**{"required": False} | options)


class RegistrationForm(MobilityForm):
    """A new mobility of somebody whom the member has registered before, or of a new person who is written here."""

    participant = forms.ModelChoiceField(
        label=_("Person"), queryset=None, required=False, empty_label=_("Choose a person")
    )
    group = forms.ChoiceField(
        label=_("Who is it?"),
        choices=ParticipantGroup.choices,
        required=False,
        widget=forms.RadioSelect(attrs={"class": "side"}),
    )
    first_name = of_person("first_name")
    last_name = of_person("last_name")
    email = of_person(
        "email",
        help_text=_("The code to log in goes there. Leave it empty if the person has none."),
    )
    phone = of_person("phone")
    language = of_person("language")
    home_municipality = of_person("home_municipality", empty_label=_("Not known"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.organisation = self.instance.sending_organisation
        self.person = None  # who is new and still to be saved
        self.traveller = None
        self.registered_before = None
        capitalise(self.fields["group"])
        people = self._people()
        self.fields["participant"].queryset = people.in_order()
        self.fields["home_municipality"].queryset = Municipality.objects.in_order()
        if not people.exists():
            del self.fields["participant"]

    def _people(self):
        return Participant.objects.editable_by(self.user).filter(organisation=self.organisation)

    @property
    def groups(self):
        chosen = ["participant"] if "participant" in self.fields else []
        new = ["group", ("first_name", "last_name"), ("email", "phone"), ("language", "home_municipality")]
        who = [(_("Who travels?"), chosen), (NEW_PERSON, new)] if chosen else [(_("Who travels?"), new)]
        return [*who, *super().groups]

    @property
    def folded(self):
        person = {NEW_PERSON: PERSON_FIELDS} if "participant" in self.fields else {}
        return person | super().folded

    def choose_instead(self, key):
        """Take somebody of the list in the place of the person who was written."""
        self.data = self.data.copy()
        for name in PERSON_FIELDS:
            self.data.pop(self.add_prefix(name), None)
        self._put("participant", key)

    def clean(self):
        super().clean()
        chosen = self.cleaned_data.get("participant")
        if chosen and any(self.cleaned_data.get(name) for name in ("first_name", "last_name", "email", "phone")):
            self.add_error("participant", _("Choose a person in the list or write a new one, not both."))
        elif chosen:
            self.traveller = self.instance.participant = chosen
        elif "participant" not in self.errors:
            self._clean_person()
        return self.cleaned_data

    def _clean_person(self):
        if "participant" in self.fields and not any(self[name].data for name in PERSON_FIELDS):
            self.add_error("participant", _("Choose a person, or write a new one below."))
            return
        for name, sentence in (
            ("group", _("Choose who travels: a learner, staff or a supervisor.")),
            ("first_name", _("Write the first name.")),
            ("last_name", _("Write the last name.")),
        ):
            if not self.cleaned_data.get(name) and name not in self.errors:
                self.add_error(name, sentence)
        values = {name: self.cleaned_data[name] for name in [*PERSON_FIELDS, "language"] if self.cleaned_data.get(name)}
        person = Participant(organisation=self.organisation, **values)
        try:
            person.validate_constraints(exclude=set(self.errors))
        except ValidationError as violations:
            self.refuse(violations)
            self.registered_before = self._people().filter(email__iexact=person.email).first()
        self.person = self.traveller = self.instance.participant = person

    def _wrong(self, goals):
        """Without a person nobody knows what is right for the group; all the rest is said at once."""
        if self.traveller and self.traveller.group:
            return super()._wrong(goals)
        return eligibility.wrong_whoever_travels(self.instance)
