"""What a list of mobilities shows: search, filters and order, all of them in the address.

What nobody knows, names as well as values, is left out of account, so that an old link shows a list and no error.
"""

from decimal import Decimal
from urllib.parse import urlencode

from django import forms
from django.db.models import Case, F, Q, SmallIntegerField, When
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from consortium.models import ActivityType, Goal, Organisation, Project
from consortium.permissions import CONSORTIUM_WIDE, Permission
from mobilities import explanations, grant_amounts, next_steps
from mobilities.models import FunderState, Mobility, MobilityState, ParticipantGroup
from mobilities.models.mobility_sets import MobilityQuerySet
from mobilities.rate_books import Category
from westum.base.text import fold, swedish

# Countable sets that a figure may link to; the same methods count them.
COUNTED = {
    "registered": MobilityQuerySet.registered,
    "accepted": MobilityQuerySet.accepted,
    "completed": MobilityQuerySet.completed,
    "under_way": MobilityQuerySet.under_way,
    "placed": MobilityQuerySet.holding_a_place,
    "without_grant": MobilityQuerySet.without_grant,
    "unsettled": MobilityQuerySet.unsettled,
    "once_submitted": MobilityQuerySet.once_submitted,
    "called_off": MobilityQuerySet.called_off,
}
GROUPS = {
    ParticipantGroup.LEARNER: MobilityQuerySet.learners,
    ParticipantGroup.STAFF: MobilityQuerySet.staff,
    ParticipantGroup.SUPERVISOR: MobilityQuerySet.supervisors,
}
QUEUED = "queued"


def names(*, descending=False):
    sign = "-" if descending else ""
    return [swedish(f"{sign}participant__last_name"), swedish(f"{sign}participant__first_name")]


# Life's own order, not that of the alphabet.
LIFE = Case(
    *(When(state=state, then=number) for number, state in enumerate(MobilityState.values)),
    output_field=SmallIntegerField(),
)

# Name in the address → order; each ends with the row's number, so that pages neither repeat nor lose a row.
ORDERS = {
    "name": [*names(), "start_date", "pk"],
    "-name": [*names(descending=True), "start_date", "pk"],
    "member": [swedish("sending_organisation__name"), *names(), "pk"],
    "-member": [swedish("-sending_organisation__name"), *names(), "pk"],
    "host": [swedish("receiving_organisation__name"), *names(), "pk"],
    "-host": [swedish("-receiving_organisation__name"), *names(), "pk"],
    "start": [F("start_date").asc(nulls_last=True), *names(), "pk"],
    "-start": [F("start_date").desc(nulls_first=True), *names(), "pk"],
    "state": [LIFE.asc(), "has_place", *names(), "pk"],
    "-state": [LIFE.desc(), "-has_place", *names(), "pk"],
    "queue": [swedish("sending_organisation__name"), "project", "activity_type", "submitted_at", "pk"],
}
FIRST_ORDER = "-start"  # what is ahead and what is going on before what was long ago; drafts without days on top
# Column of the list → its order's name; a column without one cannot be sorted by.
HEADINGS = [
    (_("Participant"), "name"),
    (_("Member"), "member"),
    (_("Host"), "host"),
    (_("Days"), "start"),
    (_("State"), "state"),
    (_("Next step"), ""),
]
FIRST_SHOWN = ["q", "project", "member", "state", "step"]


def sees_one_member(user):
    """Who is contact person of one member need not be asked whose rows to show."""
    rights = user.rights
    return len({right.organisation_id for right in rights}) == 1 and all(
        right.role not in CONSORTIUM_WIDE for right in rights
    )


def labelled(choices, empty):
    return [("", empty), *((value, capfirst(str(label))) for value, label in choices)]


class ActivityField(forms.ModelChoiceField):
    def label_from_instance(self, activity):
        """With the calls that fund it: two of different years may have one name."""
        return f"{activity}, {activity.first_call}\N{EN DASH}{activity.last_call}"


class FilterForm(forms.Form):
    q = forms.CharField(
        label=_("Search"), max_length=100, widget=forms.SearchInput(attrs={"placeholder": _("Name, e-mail or host")})
    )
    project = forms.ModelChoiceField(
        label=_("Project"), queryset=None, to_field_name="slug", empty_label=_("All projects")
    )
    member = forms.ModelChoiceField(label=_("Member"), queryset=None, empty_label=_("All members"))
    state = forms.ChoiceField(label=_("State"))
    step = forms.ChoiceField(label=_("Waits for"))
    when = forms.ChoiceField(
        label=_("When"),
        choices=[("", _("At any time")), ("abroad", _("Abroad today")), ("late", _("Placement report is late"))],
    )
    group = forms.ChoiceField(label=_("Who"))
    funder = forms.ChoiceField(label=_("In the funder's system"))
    counted = forms.ChoiceField(label=_("Counted as"))
    goal = forms.ModelChoiceField(label=_("Focus area"), queryset=None, empty_label=_("All focus areas"))
    activity = ActivityField(
        label=_("Activity"), queryset=ActivityType.objects.all(), to_field_name="key", empty_label=_("All activities")
    )
    country = forms.CharField(label=_("Country of the host"), max_length=2)
    category = forms.ChoiceField(label=_("With the amount of"))  # the last one: it looks at what the others leave

    def __init__(self, data, *, user):
        super().__init__(data)
        projects = Project.objects.visible_to(user).own()
        self.fields["project"].queryset = projects.newest_first()
        self.fields["member"].queryset = Organisation.objects.visible_to(user).members().in_order()
        self.fields["goal"].queryset = Goal.objects.visible_to(user).filter(project__in=projects).choosable()
        queued = [(QUEUED, _("In the queue for a place"))]
        self.fields["state"].choices = labelled([*MobilityState.choices, *queued], _("All states"))
        self.fields["step"].choices = labelled(((kind.key, kind.what) for kind in next_steps.KINDS), _("Anything"))
        self.fields["group"].choices = labelled(
            [
                (ParticipantGroup.LEARNER, _("learners")),
                (ParticipantGroup.STAFF, _("staff, with supervisors")),
                (ParticipantGroup.SUPERVISOR, _("supervisors only")),
            ],
            _("Everybody"),
        )
        self.fields["funder"].choices = labelled(FunderState.choices, _("All"))
        self.fields["counted"].choices = labelled(
            [
                ("registered", _("registered")),
                ("accepted", pgettext_lazy("figure", "accepted")),
                ("completed", pgettext_lazy("figure", "completed")),
                ("under_way", _("accepted, not yet completed")),
                ("placed", _("holding a place")),
                ("without_grant", _("accepted, without a grant")),
                ("unsettled", _("completed, counted by the accepted grant")),
                ("once_submitted", _("submitted, or anything that came after")),
                ("called_off", _("withdrawn after it was submitted, or cancelled")),
            ],
            _("All"),
        )
        # Organisational support is no person's.
        categories = [pair for pair in explanations.NAMES.items() if pair[0] != Category.ORGANISATIONAL_SUPPORT]
        self.fields["category"].choices = labelled(
            [(grant_amounts.WHOLE_GRANT, _("the whole grant")), *categories], _("Show no amounts")
        )
        if sees_one_member(user):
            del self.fields["member"]
        for field in self.fields.values():
            field.required = False


class MobilityFilters:
    """`narrow` gives the rows in order; `form` shows what was asked for, as far as it is known."""

    def __init__(self, data, *, user):
        asked = FilterForm(data, user=user)
        known = {name: value for name in asked.fields if name not in asked.errors and (value := data.get(name))}
        self.form = FilterForm(known, user=user)
        self.form.is_valid()
        self.chosen = {name: value for name, value in self.form.cleaned_data.items() if value}
        is_queue = self.chosen.get("step") == "place" or self.chosen.get("state") == QUEUED
        self.first_order = "queue" if is_queue else FIRST_ORDER  # who waits is shown in the order of waiting
        self.sort = data.get("sort") if data.get("sort") in ORDERS else self.first_order
        self.asked = known
        self.user = user
        self.amounts = None  # what each row is granted, once a category is chosen and the rows are narrowed

    @property
    def query(self):
        """The same rows in the same order, for another address."""
        return urlencode(self.asked | ({"sort": self.sort} if self.sort != self.first_order else {}))

    @property
    def first_fields(self):
        return [self.form[name] for name in FIRST_SHOWN if name in self.form.fields]

    @property
    def more_fields(self):
        return [field for field in self.form if field.name not in FIRST_SHOWN]

    @property
    def more_are_set(self):
        return any(name not in FIRST_SHOWN for name in self.chosen)

    @property
    def amount_of(self):
        """What the amounts of the rows are called; empty where none are shown."""
        return dict(self.form.fields["category"].choices)[self.chosen["category"]] if self.amounts is not None else ""

    @property
    def amounts_total(self):
        """Of all rows, on whatever page they stand."""
        return sum(self.amounts.values(), Decimal(0)) if self.amounts is not None else None

    def headings(self):
        """Label, address and present order of each column; a second press turns the order round."""
        found = [
            {"label": label, "url": self._sorted_by(name), "order": self._order_of(name)} if name else {"label": label}
            for label, name in HEADINGS
        ]
        return found if self.amounts is None else [*found, {"label": self.amount_of, "is_number": True}]

    def _sorted_by(self, name):
        return f"?{urlencode(self.asked | {'sort': f'-{name}' if self.sort == name else name})}"

    def _order_of(self, name):
        return {name: "ascending", f"-{name}": "descending"}.get(self.sort, "")

    def narrow(self, mobilities):
        today = timezone.localdate()
        for name, value in self.chosen.items():
            mobilities = getattr(self, f"_by_{name}")(mobilities, value, today)
        return mobilities.order_by(*ORDERS[self.sort])

    def _by_q(self, mobilities, words, today):
        """Each word is found in the person or in the host, whatever its accents and capitals."""
        for word in fold(words).split():
            mobilities = mobilities.filter(
                Q(participant__search__contains=word) | Q(receiving_organisation__search__contains=word)
            )
        return mobilities

    def _by_project(self, mobilities, project, today):
        return mobilities.filter(project=project)

    def _by_member(self, mobilities, member, today):
        return mobilities.filter(sending_organisation=member)

    def _by_state(self, mobilities, state, today):
        if state == QUEUED:
            return mobilities.waiting_for_a_place()
        return mobilities.filter(state=state)

    def _by_step(self, mobilities, step, today):
        return next_steps.narrow(mobilities, step)

    def _by_when(self, mobilities, when, today):
        return mobilities.abroad_on(today) if when == "abroad" else mobilities.late_reports(today)

    def _by_group(self, mobilities, group, today):
        return GROUPS[group](mobilities)

    def _by_funder(self, mobilities, funder_state, today):
        return mobilities.filter(funder_state=funder_state)

    def _by_counted(self, mobilities, counted, today):
        return COUNTED[counted](mobilities)

    def _by_goal(self, mobilities, goal, today):
        return mobilities.filter(goals=goal)

    def _by_activity(self, mobilities, activity, today):
        return mobilities.filter(activity_type=activity)

    def _by_country(self, mobilities, country, today):
        return mobilities.filter(receiving_organisation__country=country.upper())

    def _by_category(self, mobilities, category, today):
        """Those that are granted something in it, of whom the user may see the grant."""
        allowed = Mobility.objects.permitting(self.user, Permission.MOBILITY_VIEW)
        self.amounts = grant_amounts.by_mobility(mobilities.filter(pk__in=allowed.values("pk")), category)
        return mobilities.filter(pk__in=list(self.amounts))
