"""A member in a project: for whom it stands, who answers for it, and the papers that bind it."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from consortium import objections, project_states
from consortium.models import MemberPaper, Membership, ProjectMember
from consortium.objections import Objection
from consortium.permissions import NotAllowed
from consortium.project_states import PROJECT_HAS_ENDED
from westum.base.text import sort_key

CHANGED = gettext_noop("changed the member's place in the project")
ADDED_PAPER = gettext_noop("added a paper")
REPLACED_PAPER = gettext_noop("replaced the paper by a newer one")
ENDED_PAPER = gettext_noop("ended the paper")


def refusal(project):
    """Why members of the project cannot be changed now, or an empty text."""
    return "" if project.is_open else PROJECT_HAS_ENDED


@transaction.atomic
def amend(*, member, municipalities, by):
    """Save the member that the caller has changed in memory, and for which municipalities it stands.

    Raises NotAllowed when the contact person or the deputy is no contact person of the organisation today, and
    Changed when somebody else has saved meanwhile.
    """
    project_states.locked_open(member.project)
    _require_contacts(member)
    member.bump_version()
    before, after = (_listed(rows) for rows in (member.municipalities.all(), municipalities))
    note = "" if before == after else _("Stands for: %(before)s → %(after)s.") % {"before": before, "after": after}
    member.municipalities.set(municipalities)
    member._change_reason = f"{CHANGED}\n{note}".strip()
    member.save()
    return member


def _listed(municipalities):
    return ", ".join(sorted(map(str, municipalities), key=sort_key)) or "–"


def _require_contacts(member):
    """Under the locks of their memberships, so that no access ends between the question and the answer."""
    chosen = {member.contact_id, member.deputy_id} - {None}
    rows = Membership.objects.valid_today().contacts().filter(organisation=member.organisation_id, user__in=chosen)
    rows = rows.filter(user__is_active=True).order_by("pk").select_for_update(of=("self",))
    found = {row.user_id for row in rows}
    for field in ("contact", "deputy"):
        if getattr(member, f"{field}_id") not in {None, *found}:
            raise NotAllowed(_("Choose somebody who is contact person of this member today."), field=field)


@transaction.atomic
def add_paper(*, member, kind, signed_on, signed_by, file, by):
    """Keep a signed mandate or agreement as the one in force. The one before it ends on that day and stays.

    `file` is a StoredFile, or None when the paper is kept elsewhere.
    """
    project_states.locked_open(member.project)
    member = ProjectMember.objects.select_for_update(of=("self",)).get(pk=member.pk)
    _refuse_days_to_come(signed_on, field="signed_on")
    former = MemberPaper.objects.in_force().filter(member=member, kind=kind).first()
    if former:
        if signed_on < former.signed_on:
            raise NotAllowed(
                _("The paper in force was signed later. Choose its day or a later one."), field="signed_on"
            )
        former.ended_on = signed_on
        former._change_reason = REPLACED_PAPER
        former.save(update_fields=["ended_on"])
    paper = MemberPaper(member=member, kind=kind, signed_on=signed_on, signed_by=signed_by, file=file, added_by=by)
    paper._change_reason = ADDED_PAPER
    paper.save()
    return paper


@transaction.atomic
def end_paper(*, paper, ended_on, reason, by):
    """The paper is no longer in force, and no other takes its place."""
    project_states.locked_open(paper.member.project)
    ProjectMember.objects.select_for_update(of=("self",)).get(pk=paper.member_id)
    paper = MemberPaper.objects.get(pk=paper.pk)
    if paper.ended_on:
        raise NotAllowed(_("This paper has ended already."))
    _refuse_days_to_come(ended_on, field="ended_on")
    if ended_on < paper.signed_on:
        raise NotAllowed(_("A paper cannot end before it was signed."), field="ended_on")
    paper.ended_on = ended_on
    paper._change_reason = f"{ENDED_PAPER}\n{reason}"
    paper.save(update_fields=["ended_on"])
    return paper


def _refuse_days_to_come(day, *, field):
    if day > timezone.localdate():
        raise NotAllowed(_("This day has not come yet. Choose today or an earlier day."), field=field)


def _to_removing(member):
    if member.papers.exists():
        yield Objection(_("Mandates or agreements of the member are kept here. It stays, so that they are not lost."))


objections.register("remove_member", _to_removing)
