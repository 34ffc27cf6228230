"""Wishes: in a project that is being applied for, each member says how many places it wants, of how many days, what for.

The sum of each activity type is the application's request. When that has been sent, a copy stays and nothing changes.
A writer takes the project's lock first, so that no answer slips in while the copy is made.
"""

from collections import defaultdict
from dataclasses import dataclass, field

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy, gettext_noop
from django.utils.translation import gettext as _

from consortium import contacts
from consortium.models import (
    ActivityType,
    AnswerState,
    Programme,
    Project,
    ProjectMember,
    ProjectState,
    Wish,
    WishAnswer,
    WishRequest,
)
from consortium.permissions import NotAllowed
from westum.base import letters
from westum.base.forms import Changed

ASKED = gettext_noop("asked for wishes")
REMINDED = gettext_noop("reminded of the wishes")
ANSWERED = gettext_noop("answered about wishes")
DECLINED = gettext_noop("answered that the member wishes for nothing this year")

WISH_OR_DECLINE = gettext_lazy("Wish for something, or press “Not this year”.")


def are_open(project):
    """Can members answer now?"""
    planned = project.state == ProjectState.PLANNED and have_a_page(project) and not project.is_reference_record
    return planned and not WishRequest.objects.filter(project=project).exists()


def have_a_page(project):
    """Projects with funds for mobilities; an accreditation has none of its own."""
    return project.is_erasmus and project.programme != Programme.KA120_VET


def are_talked_about(project):
    """Projects whose menu has them: before the decision, and while their places are shared out."""
    return have_a_page(project) and project.state in {ProjectState.PLANNED, ProjectState.RUNNING}


def activity_types(project):
    """What the project's call funds for those who travel. None when the call year is not stated."""
    return list(ActivityType.objects.in_call(project.call_year).outgoing())


def of(member):
    """The member's wishes by the activity type's number."""
    return {wish.activity_type_id: wish for wish in member.wishes.all()}


def answer_of(member):
    """The member's answer; a new open one, not saved, where it has not been asked yet."""
    return WishAnswer.objects.filter(member=member).first() or WishAnswer(member=member)


def last_answer(member):
    """The same organisation's wishes in the latest earlier project that has some, as a list; empty when there is none."""
    project = member.project
    earlier = Wish.objects.filter(
        member__organisation=member.organisation_id,
        member__project__is_reference_record=False,
        member__project__call_year__lt=project.call_year or 0,
    )
    latest = earlier.order_by("-member__project__call_year", "-member").values_list("member", flat=True).first()
    rows = Wish.objects.filter(member=latest).select_related("activity_type", "member__project")
    return list(rows.order_by("activity_type"))


# Answering


@transaction.atomic
def answer(*, member, wishes, note, by, version=None):
    """Keep the member's wishes instead of those before. `wishes` has (places, days, purpose) by ActivityType.

    `version` is the one of the answer that the user saw, 0 where there was none. Raises Changed when somebody else has
    answered since, and NotAllowed when nobody may answer any more or when nothing is wished for.
    """
    found = _open_answer(member, version)
    if not wishes:
        raise NotAllowed(WISH_OR_DECLINE)
    former = of(member)
    for kind, (places, days, purpose) in wishes.items():
        wish = former.pop(kind.pk, None) or Wish(member=member, activity_type=kind)
        if (wish.places, wish.days, wish.purpose) != (places, days, purpose):
            wish.places, wish.days, wish.purpose = places, days, purpose
            wish._change_reason = ANSWERED
            wish.save()
    return _close(found, former, AnswerState.ANSWERED, ANSWERED, note, by)


@transaction.atomic
def decline(*, member, note, by, version=None):
    """The member wants no places this year, which is an answer. Wishes that it had are taken back."""
    return _close(_open_answer(member, version), of(member), AnswerState.DECLINED, DECLINED, note, by)


def _open_answer(member, version):
    _lock_open(member.project)
    ProjectMember.objects.select_for_update(of=("self",)).get(pk=member.pk)
    found = WishAnswer.objects.select_for_update(of=("self",)).filter(member=member).first()
    found = found or WishAnswer(member=member)
    if version is not None and found.version != version:
        raise Changed
    return found


def _lock_open(project):
    locked = Project.objects.select_for_update(of=("self",)).get(pk=project.pk)
    if not are_open(locked):
        raise NotAllowed(_("Wishes can be changed while the project is planned and the application has not been sent."))
    return locked


def _close(found, obsolete, state, verb, note, by):
    for wish in obsolete.values():
        wish._change_reason = verb
        wish.delete()
    found.state, found.note, found.answered_at, found.answered_by = state, note, timezone.now(), by
    found.version += 1
    found._change_reason = verb
    found.save()
    return found


# Asking and reminding


def not_asked(project):
    """Members that have neither been asked nor have answered unasked."""
    asked = WishAnswer.objects.filter(member__project=project).exclude(asked_at=None, state=AnswerState.OPEN)
    return _members(project).exclude(pk__in=asked.values("member"))


def silent(project):
    """Members that were asked and have not answered."""
    return _members(project).filter(pk__in=WishAnswer.objects.silent().values("member"))


def _members(project):
    return ProjectMember.objects.filter(project=project).select_related("organisation").in_order()


@dataclass(frozen=True)
class Round:
    """Whom a mailing goes to: the contact persons of each member, and the members that have none."""

    members: list
    users_by_organisation: dict = field(default_factory=dict)

    @property
    def addressed(self):
        return [(member, self.users_by_organisation.get(member.organisation_id, [])) for member in self.members]

    @property
    def without_contact(self):
        return [member for member, users in self.addressed if not users]

    @property
    def letters(self):
        return sum(len(users) for _member, users in self.addressed)


def a_round(members):
    members = list(members)
    return Round(members, contacts.of_members(members))


@transaction.atomic
def ask(*, project, answer_by, by):
    """Ask all who have not been asked, by mail, to answer until the day. Returns how many members were asked."""
    _lock_open(project)
    if answer_by < timezone.localdate():
        raise NotAllowed(_("This day has passed. Choose today or a later day."), field="answer_by")
    found = a_round(not_asked(project))
    there = {row.member_id: row for row in WishAnswer.objects.filter(member__in=found.members)}
    for member in found.members:
        row = there.get(member.pk) or WishAnswer(member=member)
        row.asked_at, row.answer_by, row._change_reason = timezone.now(), answer_by, ASKED
        row.save()
    _post(found, project, "emails/wishes_asked", answer_by)
    return len(found.members)


@transaction.atomic
def remind(*, project, by):
    """Remind the silent by mail. Returns how many members were reminded."""
    _lock_open(project)
    found = a_round(silent(project))
    rows = WishAnswer.objects.filter(member__in=found.members)
    for row in rows.select_for_update(of=("self",)).order_by("pk"):
        row.reminded_at, row._change_reason = timezone.now(), REMINDED
        row.save(update_fields=["reminded_at"])
    _post(found, project, "emails/wishes_reminder", answer_by_of(project))
    return len(found.members)


def answer_by_of(project):
    """The last day for those who are silent, or None."""
    rows = WishAnswer.objects.silent().filter(member__project=project, answer_by__isnull=False)
    return rows.order_by("answer_by").values_list("answer_by", flat=True).first()


def letter_context(member, project, answer_by):
    address = settings.SITE_URL + reverse("consortium:wish", args=[project.slug, member.pk])
    return {"member": member, "project": project, "answer_by": answer_by, "address": address}


def _post(found, project, template, answer_by):
    for member, users in found.addressed:
        for user in users:
            letters.post(
                to=user.email,
                template=template,
                context=letter_context(member, project, answer_by),
                language=user.language,
            )


# The table, and the copy of it that was sent


@dataclass(frozen=True)
class Row:
    member: ProjectMember
    answer: WishAnswer | None
    cells: list

    @property
    def has_answered(self):
        return self.answer is not None and not self.answer.is_open


class Table:
    """Members × the activity types that somebody wishes for, with the sum of each. Three queries for any number of rows.

    The caller has asked which members the reader may see.
    """

    def __init__(self, members):
        members = list(members.select_related("organisation", "wish_answer").prefetch_related("wishes__activity_type"))
        kinds = {wish.activity_type_id: wish.activity_type for member in members for wish in member.wishes.all()}
        self.activity_types = [kinds[pk] for pk in sorted(kinds)]
        self.rows = [
            Row(member, getattr(member, "wish_answer", None), [of(member).get(kind.pk) for kind in self.activity_types])
            for member in members
        ]
        self.sums = [
            Sum.of([row.cells[column] for row in self.rows if row.cells[column]])
            for column in range(len(self.activity_types))
        ]
        self.answered = sum(row.has_answered for row in self.rows)

    @property
    def columns(self):
        return list(zip(self.activity_types, self.sums, strict=True))

    @property
    def silent(self):
        """Names of the members without an answer, asked or not."""
        return [str(row.member) for row in self.rows if not row.has_answered]


@dataclass(frozen=True)
class Sum:
    places: int
    days: int

    @classmethod
    def of(cls, wishes):
        return cls(sum(wish.places for wish in wishes), sum(wish.days_in_all for wish in wishes))


@transaction.atomic
def freeze(*, project, sent_on, by):
    """Keep a copy of the wishes as the request that was sent on that day. From then on they are read-only.

    Raises NotAllowed when that was done before, when the day is to come, or when nobody has wished for anything.
    """
    project = _lock_open(project)
    if sent_on > timezone.localdate():
        raise NotAllowed(_("This day is still to come. Write the day on which it was sent."), field="sent_on")
    table = Table(ProjectMember.objects.filter(project=project).in_order())
    if not table.activity_types:
        raise NotAllowed(_("Nobody has wished for anything yet."))
    request = WishRequest(
        project=project,
        sent_on=sent_on,
        rows=rows_of(table),
        silent=table.silent,
        declined=[
            str(row.member) for row in table.rows if row.has_answered and row.answer.state == AnswerState.DECLINED
        ],
        frozen_by=by,
    )
    request.save()
    return request


def named(rows):
    """The rows of a copy with the activity's name in the reader's language."""
    language = "en" if get_language() == "en" else "sv"
    return [row | {"name": row[f"name_{language}"]} for row in rows]


def rows_of(table):
    """The table as a copy keeps it, see `WishRequest`."""
    wished = defaultdict(list)
    for row in table.rows:
        for kind, wish in zip(table.activity_types, row.cells, strict=True):
            if wish:
                wished[kind.pk].append(
                    {
                        "organisation": row.member.organisation_id,
                        "name": str(row.member),
                        "places": wish.places,
                        "days": wish.days,
                        "purpose": wish.purpose,
                    }
                )
    return [
        {
            "key": kind.key,
            "name_sv": kind.name_sv,
            "name_en": kind.name_en,
            "places": found.places,
            "days": found.days,
            "members": wished[kind.pk],
        }
        for kind, found in zip(table.activity_types, table.sums, strict=True)
    ]
