"""The journey as the traveller sees it: four stops, one next step, and who helps. Plain words, one idea a sentence."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from consortium import people
from consortium.models import Membership, ProjectMember
from mobilities import grant_history, mobility_grants, placement_reports, traveller_grants
from mobilities.models import Mobility, MobilityState, PlacementReportState
from mobilities.models.states import OFF
from westum.base.formats import country, day

STOPS = [
    gettext_lazy("Before the trip"),
    gettext_lazy("There"),
    gettext_lazy("Tell us how it was"),
    gettext_lazy("Done"),
]
# The number of the stop at which the traveller is.
STOP_OF = {
    MobilityState.DRAFT: 0,
    MobilityState.SUBMITTED: 0,
    MobilityState.ACCEPTED: 0,
    MobilityState.ONGOING: 1,
    MobilityState.COMPLETED: 2,
    MobilityState.REPORTED: 4,
    MobilityState.CLOSED: 4,
}
# In this order on the page: what is going on, what is to come, what has been.
FIRST_SHOWN = [
    MobilityState.ONGOING,
    MobilityState.COMPLETED,
    MobilityState.ACCEPTED,
    MobilityState.SUBMITTED,
    MobilityState.DRAFT,
    MobilityState.REPORTED,
    MobilityState.CLOSED,
]


@dataclass(frozen=True)
class Step:
    """As `components/next_step.html` shows it. Not `mine`: somebody else is at it, and one can rest."""

    what: str | Promise
    detail: str = ""
    mine: bool = False
    owner_label: str = ""
    due_date: date | None = None
    since: date | None = None
    url: str = ""
    action: str = ""


@dataclass(frozen=True)
class Journey:
    mobility: Mobility
    helper: object  # the contact person or the coordinator who acts for it, a User, or None
    grant: traveller_grants.TravellerGrant | None

    @property
    def is_off(self):
        return self.mobility.state in OFF

    @property
    def place(self):
        """Porto, Portugal, as far as it is known."""
        host = self.mobility.receiving_organisation
        return ", ".join(part for part in (host.city, country(host.country)) if part) if host else ""

    @property
    def title(self):
        return _("Your trip to %(place)s") % {"place": self.place} if self.place else _("Your trip")

    @property
    def report(self):
        return getattr(self.mobility, "placement_report", None)

    @property
    def has_sent(self):
        """The report is with whoever reads it, or accepted: the traveller has done the own part."""
        done = [PlacementReportState.SUBMITTED, PlacementReportState.ACCEPTED]
        return self.report is not None and self.report.state in done

    @property
    def is_home(self):
        return STOP_OF.get(self.mobility.state, 0) >= STOP_OF[MobilityState.COMPLETED]

    @property
    def stages(self):
        now = STOP_OF.get(self.mobility.state, 0)
        if self.has_sent:
            now = max(now, STOP_OF[MobilityState.COMPLETED] + 1)
        return [
            {"name": name, "when": when, "state": "done" if number < now else "now" if number == now else "todo"}
            for number, (name, when) in enumerate(zip(STOPS, self._days(), strict=True))
        ]

    def _days(self):
        mobility = self.mobility
        if not (mobility.start_date and mobility.end_date):
            return ["", "", "", ""]
        has_left = STOP_OF.get(mobility.state, 0) >= STOP_OF[MobilityState.ONGOING]
        leaves, stays = (_("You left on %(day)s") if has_left else _("You leave on %(day)s")), _("Until %(day)s")
        sends, sent_on = _("At the latest on %(day)s"), mobility.report_due_on
        if self.is_home:
            stays = _("You came home on %(day)s")
        if self.has_sent:
            sends, sent_on = _("Sent on %(day)s"), self.report.submitted_at
        is_read = self.has_sent and mobility.state == MobilityState.COMPLETED
        return [
            leaves % {"day": day(mobility.start_date)},
            stays % {"day": day(mobility.end_date)},
            sends % {"day": day(sent_on)},
            _("When we have read your report") if is_read else "",
        ]

    @property
    def step(self):
        """The one next step, or None when all is done or the trip is off."""
        mobility = self.mobility
        if mobility.state in (MobilityState.DRAFT, MobilityState.SUBMITTED):
            return Step(_("We are planning your trip"), _("You need not do anything now. We write to you."))
        if mobility.state == MobilityState.ACCEPTED:
            leaving = _("You leave on %(day)s.") % {"day": day(mobility.start_date)}
            rest = _("You need not do anything here now.")
            return Step(_("Your trip is ready"), f"{leaving} {rest}")
        if mobility.state == MobilityState.ONGOING:
            home = _("You come home on %(day)s.") % {"day": day(mobility.end_date)}
            after = _("After that you tell us how it was.")
            return Step(_("You are there now"), f"{home} {after}")
        if mobility.state == MobilityState.COMPLETED:
            return self._report_step()
        return None

    def _report_step(self):
        mobility, report = self.mobility, self.report
        url = reverse("mobilities:placement_report", args=[mobility.pk])
        may_send = placement_reports.may_be_sent_in(mobility)
        if may_send and report and report.state == PlacementReportState.RETURNED:
            what, detail, action = _("Change your report"), _("We have a question. Read it and send again."), _("Read")
        elif may_send:
            what, detail, action = _("Tell us how it was"), _("Send a file. It takes ten minutes."), _("Begin")
        elif report is None or report.state != PlacementReportState.SUBMITTED:
            return None  # the project has ended, and nobody asks for a report any more
        else:
            return Step(
                _("We are reading your report"),
                _("You need not do anything now. We write to you if something is missing."),
                since=report.submitted_at,
            )
        return Step(what, detail, mine=True, due_date=mobility.report_due_on, url=url, action=action)


def journey_of(mobility, books=None, events=None):
    """The journey of one mobility that was read `with_parties` and `with_grants`.

    One query for the person who helps, and those of a rate book while the grant is planned.
    """
    events = grant_history.of(mobility) if events is None else events
    return Journey(mobility, helper_of(mobility), traveller_grants.of(mobility, books, events))


def journeys_of(user):
    """The user's own journeys, what matters now first; those that are off come last."""
    order = {state: number for number, state in enumerate([*FIRST_SHOWN, *OFF])}
    own, books = Mobility.objects.travelled_by(user).with_parties().with_grants(), mobility_grants.Books()
    events = grant_history.of_all(own)
    own = sorted(own, key=lambda row: (order[row.state], -row.pk))
    return [journey_of(mobility, books, events[mobility.pk]) for mobility in own]


def helper_of(mobility):
    """The responsible contact person of the member in this project, else one of its contact persons.

    A member that has none is helped by the coordinator, who acts as its contact person. None when nobody is there.
    """
    responsible = ProjectMember.objects.filter(
        project=mobility.project_id, organisation=mobility.sending_organisation_id, contact=OuterRef("user")
    )
    contact = (
        Membership.objects.valid_today()
        .contacts()
        .filter(organisation=mobility.sending_organisation_id, user__is_active=True)
        .select_related("user")
        .order_by(Exists(responsible).desc(), "from_date", "pk")
        .first()
    )
    return contact.user if contact else people.acting_contact()
