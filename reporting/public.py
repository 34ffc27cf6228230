"""What everybody may read: projects, members and figures. No person is named or can be told from a figure."""

from django.db.models import Count, Exists, OuterRef, Prefetch
from django.utils.translation import get_language, gettext

from consortium.models import Organisation, Project, ProjectMember, ProjectState
from mobilities.models import Mobility
from reporting import figures
from westum.base import papers, region
from westum.base.formats import day


def projects():
    """The consortium's own projects, newest first, with the number of their members and their texts."""
    return list(_told(Project.objects.public().own()))


def reference_records():
    """Other owners' projects that are kept for reference: shown apart, and in no total."""
    return list(_told(Project.objects.filter(is_reference_record=True)))


def _told(rows):
    return rows.newest_first().select_related("owner").annotate(member_count=Count("members")).prefetch_related("texts")


def tallies(some):
    """Project's pk → (registered, approved), each a Tally; of the Erasmus+ projects among them."""
    erasmus = [project for project in some if project.is_erasmus and not project.is_reference_record]
    counted = figures.counted(Mobility.objects.filter(project__in=erasmus), "project")
    approved = figures.approved(erasmus)
    return {
        project.pk: (
            counted[project.pk]["registered"] if project.pk in counted else _without_rows(project),
            approved.get(project.pk, figures.UNSTATED),
        )
        for project in erasmus
    }


def _without_rows(project):
    """A project that ended before its mobilities were kept here has none in the register, which says nothing of it."""
    return figures.UNSTATED if project.state == ProjectState.ENDED else figures.Tally()


def total(found):
    """The four figures over all projects of `tallies`."""
    registered, approved = figures.Tally(), figures.UNSTATED
    for one_registered, one_approved in found.values():
        registered, approved = registered + one_registered, approved + one_approved
    return figures.public(registered, approved, decided=gettext("By the latest decision of each project."))


def figures_of(project):
    """The four figures of one KA1 project; none of another owner's record."""
    found = tallies([project]).get(project.pk)
    return figures.public(*found, decided=decided(project)) if found else []


def decided(project):
    """Of which day the grant is that counts."""
    if project.decision is None:
        return ""
    if project.decision.decided_on is None:
        return gettext("By the latest decision. Its day is not stated.")
    return gettext("By the decision of %(day)s.") % {"day": day(project.decision.decided_on)}


def network():
    """The association that owns most of the consortium's projects; None before there is any."""
    owners = Organisation.objects.filter(owned_projects__is_reference_record=False)
    return owners.annotate(owned=Count("owned_projects")).order_by("-owned", "pk").first()


def parts_in_projects(organisation):
    """The consortium's projects in which the organisation is, newest first, each with its row there as `part`."""
    rows = Prefetch(
        "members", ProjectMember.objects.filter(organisation=organisation).with_municipalities(), to_attr="parts"
    )
    found = (
        Project.objects.public().own().filter(members__organisation=organisation).newest_first().prefetch_related(rows)
    )
    return [(project, project.parts[0]) for project in found]


def members():
    """The member organisations in Swedish order; `is_active` says that one is in a project that runs."""
    running = ProjectMember.objects.filter(
        organisation=OuterRef("pk"), project__state=ProjectState.RUNNING, project__is_reference_record=False
    )
    return list(Organisation.objects.members().annotate(is_active=Exists(running)).in_order())


def chart_of(organisations):
    """The chart of the region with the organisations that the register gives coordinates; the active ones stand out."""
    return region.chart(
        [(one.name, one.latitude, one.longitude, getattr(one, "is_active", True)) for one in organisations]
    )


def names(project, members):
    """How many members the paper states, how many names it prints, how many differ; None when it states no number."""
    if project.members_stated is None:
        return None
    return {
        "stated": project.members_stated,
        "printed": sum(member.times_printed for member in members),
        "different": len(members),
        "twice": [member.organisation.name for member in members if member.times_printed > 1],
    }


def emblem(project):
    return papers.emblem(project.programme, project.period[0], get_language())
