"""What comes next for a mobility, and who owes it.

A kind of step is one row of `KINDS`: whose turn it is, and the countable set of mobilities that waits for it. Start
pages count the sets, lists and a mobility's own page annotate them; all read the same table, so they cannot disagree.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from operator import attrgetter

from django.db.models import Count, Exists, Min, OuterRef, Subquery
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from consortium.permissions import CONSORTIUM_WIDE, Role
from mobilities import verbs
from mobilities.models import Mobility
from mobilities.models.mobility_sets import MobilityQuerySet
from mobilities.models.states import REPORT_WITHIN


class Owner(StrEnum):
    PARTICIPANT = "participant"
    CONTACT = "contact"
    COORDINATOR = "coordinator"


OWNER_LABELS = {
    Owner.PARTICIPANT: _("the participant"),
    Owner.CONTACT: _("the contact person"),
    Owner.COORDINATOR: _("the coordinator"),
}
OWNER_ROLES = {Owner.CONTACT: Role.CONTACT, Owner.COORDINATOR: Role.COORDINATOR}


@dataclass(frozen=True)
class StepKind:
    """`page` is where it is done and `action` the words that lead there, `since` a path to when the waiting began.

    `due_field` and `allowance` say by when: the field's date plus the allowance; no field, no date. What `comes_first`
    stands before all others, whatever their dates.
    """

    key: str
    owner: Owner
    what: Promise
    waiting: Callable[[MobilityQuerySet], MobilityQuerySet]
    page: str
    action: Promise
    since: str
    due_field: str | None = "start_date"
    allowance: timedelta = timedelta(0)
    comes_first: bool = False

    def due(self, day):
        return day + self.allowance if self.due_field and day else None

    def waits_for(self, user, organisation_id):
        """Is it the user's to do for a mobility of that member? Who is contact person in one only reads in another."""
        return any(
            right.role == OWNER_ROLES.get(self.owner)
            and (right.role in CONSORTIUM_WIDE or right.organisation_id == organisation_id)
            for right in user.rights
        )


KINDS = [
    StepKind(
        key="change",
        owner=Owner.CONTACT,
        what=_("Sent back by the coordinator: change and submit again"),
        waiting=MobilityQuerySet.to_change,
        page="mobility_edit",
        action=_("Change"),
        since="returned_at",
        comes_first=True,
    ),
    StepKind(
        key="complete",
        owner=Owner.CONTACT,
        what=_("Complete and submit"),
        waiting=MobilityQuerySet.to_complete,
        page="mobility_edit",
        action=_("Continue"),
        since="created_at",
    ),
    StepKind(
        key="place",
        owner=Owner.COORDINATOR,
        what=_("Decide who gets a place"),
        waiting=MobilityQuerySet.in_queue,
        page="give_place",
        action=_("Give a place"),
        since="submitted_at",
    ),
    StepKind(
        key="accept",
        owner=Owner.COORDINATOR,
        what=_("Accept or send back"),
        waiting=MobilityQuerySet.to_accept,
        page="accept",
        action=_("Accept"),
        since="submitted_at",
    ),
    StepKind(
        key="funder",
        owner=Owner.COORDINATOR,
        what=_("Enter in the funder's system"),
        waiting=MobilityQuerySet.to_enter_with_funder,
        page="funder",
        action=_("Note the number"),
        since="accepted_at",
    ),
    StepKind(
        key="report",
        owner=Owner.PARTICIPANT,
        what=_("Send in the placement report"),
        waiting=MobilityQuerySet.to_report_by_traveller,
        page="placement_report",
        action=_("Send in"),
        since="end_date",
        due_field="end_date",
        allowance=REPORT_WITHIN,
    ),
    StepKind(
        key="report_for",
        owner=Owner.CONTACT,
        what=_("Send in the placement report of somebody who has no log-in"),
        waiting=MobilityQuerySet.to_report_for_traveller,
        page="placement_report",
        action=_("Send in"),
        since="end_date",
        due_field="end_date",
        allowance=REPORT_WITHIN,
    ),
    StepKind(
        key="review",
        owner=Owner.CONTACT,
        what=_("Read the placement report"),
        waiting=MobilityQuerySet.to_review,
        page="review",
        action=_("Read"),
        since="placement_report.submitted_at",
        due_field="end_date",
        allowance=REPORT_WITHIN,
    ),
    StepKind(
        key="second_review",
        owner=Owner.COORDINATOR,
        what=_("Read a placement report in the contact person's stead"),
        waiting=MobilityQuerySet.to_review_by_coordinator,
        page="review",
        action=_("Read"),
        since="placement_report.submitted_at",
        due_field="end_date",
        allowance=REPORT_WITHIN,
    ),
    StepKind(
        key="close",
        owner=Owner.COORDINATOR,
        what=_("Close the mobility"),
        waiting=MobilityQuerySet.to_close,
        page="close",
        action=_("Close"),
        since="placement_report.reviewed_at",
        due_field=None,
    ),
]
BY_KEY = {kind.key: kind for kind in KINDS}


@dataclass(frozen=True)
class Step:
    """A step as pages show it: of one mobility, or of `count` mobilities that wait for the same thing."""

    kind: StepKind
    mine: bool
    due_date: date | None
    url: str
    what: str | Promise
    action: str | Promise
    count: int = 1
    since: date | None = None
    form: object = None  # a page that lets the reader do it by one press adds the form with its token
    detail: str = ""  # what the reader should know before

    @property
    def owner_label(self):
        return _("you") if self.mine else OWNER_LABELS[self.kind.owner]

    def is_late(self, today):
        return self.due_date is not None and self.due_date < today


def with_steps(mobilities):
    """Annotate each mobility with `waits_<key>`, true when the step is open, and `returned_at`. No query of its own."""
    return mobilities.annotate(
        returned_at=Subquery(_returns().values("history_date")[:1]),
        **{f"waits_{kind.key}": Exists(kind.waiting(Mobility.objects.filter(pk=OuterRef("pk")))) for kind in KINDS},
    )


def _returns():
    """The lines of a mobility's history that say that it was sent back, the newest first."""
    lines = Mobility.history.filter(id=OuterRef("pk"), history_change_reason__startswith=verbs.SENT_BACK)
    return lines.order_by("-history_date", "-history_id")


def narrow(mobilities, key):
    """The mobilities that wait for the step of that name; an unknown name narrows nothing."""
    return BY_KEY[key].waiting(mobilities) if key in BY_KEY else mobilities


def steps_of(mobility, user):
    """Open steps of one mobility that was read by `with_steps`, in the order of the journey."""
    is_traveller = mobility.participant.user_id == user.pk
    found = []
    for kind in KINDS:
        if getattr(mobility, f"waits_{kind.key}"):
            is_owner = kind.waits_for(user, mobility.sending_organisation_id)
            mine = is_traveller if kind.owner == Owner.PARTICIPANT else is_owner
            found.append(
                Step(
                    kind=kind,
                    mine=mine,
                    due_date=kind.due(getattr(mobility, kind.due_field)) if kind.due_field else None,
                    url=reverse(f"mobilities:{kind.page}", args=[mobility.pk]) if mine else mobility.get_absolute_url(),
                    what=kind.what,
                    action=kind.action if mine else _("Show"),
                    since=attrgetter(kind.since)(mobility),
                )
            )
    return found


def has_a_part(user):
    """Does any step of a journey ever wait for the user at the desk? Staff and auditors read and report."""
    return any(user.has_role(role) for role in OWNER_ROLES.values())


def waiting(user):
    """Open steps among what the user sees, with their number and the earliest date: one for each kind, or two when
    some of them are the user's to do and others of the same kind are not.
    """
    seen = Mobility.objects.visible_to(user).filter(project__is_reference_record=False)
    found = []
    for kind in KINDS:
        groups = _counted(kind, seen)
        own = [group for group in groups if kind.waits_for(user, group["sending_organisation_id"])]
        others = [group for group in groups if group not in own]
        found += [_step_of_many(kind, part, mine=part is own, split=own and others) for part in (own, others) if part]
    return found


def of_contacts(organisation):
    """Open steps that wait for the contact persons of a member, one for each kind."""
    sent = Mobility.objects.filter(sending_organisation=organisation, project__is_reference_record=False)
    found = []
    for kind in KINDS:
        if kind.owner == Owner.CONTACT and (group := _counted(kind, sent)):
            found.append(_step_of_many(kind, group, mine=False, split=True))
    return found


def _counted(kind, seen):
    """The mobilities that wait for the step, by sending organisation: their number and the earliest date."""
    groups = kind.waiting(seen).order_by().values("sending_organisation_id")
    return list(groups.annotate(count=Count("pk", distinct=True), first=Min(kind.due_field or "end_date")))


def _step_of_many(kind, groups, *, mine, split):
    url = f"{reverse('mobilities:mobilities')}?step={kind.key}"
    if split and len(groups) == 1:
        url += f"&member={groups[0]['sending_organisation_id']}"
    return Step(
        kind=kind,
        mine=mine,
        due_date=kind.due(min((group["first"] for group in groups if group["first"]), default=None)),
        url=url,
        what=kind.what,
        action=_("Show"),
        count=sum(group["count"] for group in groups),
    )
