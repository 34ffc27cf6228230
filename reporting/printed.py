"""How the facts of a project stand on its public page: what its paper prints, and beside it what is our reading."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from consortium.models import DecisionKind, SourceStatus
from reporting import naming
from reporting.esf_record import Fact
from westum.base import formats

OURS = {SourceStatus.INFERRED, SourceStatus.UNVERIFIED}


def facts(project):
    """Of a mobility project."""
    ours = _("Our reading. The paper does not print it.")
    yield Fact(_("Period"), naming.period(project), extension(project))
    yield Fact(_("Owner") if project.is_reference_record else _("Coordinator"), project.owner.name)
    yield Fact(_("Programme"), project.get_programme_display(), ours if project.programme_status in OURS else "")
    yield Fact(_("Reference"), project.reference)
    yield Fact(
        _("Call year"),
        project.call_year and str(project.call_year),
        ours if project.call_year and project.call_year_status in OURS else "",
    )


MEMBERS_STATED = 41  # in both papers, undated


def network(association):
    """Of the association that coordinates. What its row doesn't have is not stated; `association` may be None."""
    place = association and f"{association.postal_code} {association.city}".strip()
    yield Fact(_("Name"), association and association.name)
    yield Fact(_("Organisation number"), association and association.organisation_number)
    yield Fact(_("Address"), ", ".join(part for part in (association and association.street, place) if part))
    yield Fact(_("Form"), _("non-profit association"))
    yield Fact(_("Members"), str(MEMBERS_STATED), _("As its papers state, undated."))
    yield Fact(_("Where"), formats.listed(["Region Västra Götaland", "Region Halland"]))
    yield Fact(_("Helps its members to work together"), _("since 2003"))


def member(organisation):
    """Of a member, as the register knows it."""
    yield Fact(_("Name"), organisation.name)
    if organisation.legal_name and organisation.legal_name != organisation.name:
        yield Fact(_("Legal name"), organisation.legal_name)
    yield Fact(_("Organisation number"), organisation.organisation_number)
    if organisation.city:
        yield Fact(_("Town"), organisation.city)
    yield Fact(_("Municipalities"), formats.listed(organisation.municipalities.in_order()))


def part(row):
    """Of a member in one project: the name there, and for whom it stands; what is only hinted at stands beside it."""
    yield Fact(_("Printed as"), row.printed_name)
    note = ""
    if row.stands_for_status in OURS:
        note = _("Our reading of its name.")
    elif row.stands_for_status == SourceStatus.SECONDARY:
        note = _("Another paper says it.")
    yield Fact(_("Stands for"), formats.listed(row.municipalities.all()), f"{row.hint} {note}".strip())


def extension(project):
    """When an amendment gave the project more time: its length, and the end before it where that is known."""
    decisions = list(project.decisions.order_by("number"))
    if len(decisions) < 2 or decisions[-1].kind != DecisionKind.AMENDMENT:
        return ""
    before, now = decisions[-2:]
    length = naming.months(now)
    if length is None or before.ends_on == now.ends_on:
        return ""
    if before.ends_on is None:
        return _("%(n)s months, by an extension. The end before it is not stated.") % {"n": length}
    return _("%(n)s months, by an extension. The end before it was %(day)s.") % {
        "n": length,
        "day": naming.day(before.ends_on),
    }


def goal_tree(goals):
    """The goals of the first level, each with its parts as `branches`."""
    for goal in goals:
        goal.branches = [part for part in goals if part.parent_id == goal.pk]
    return [goal for goal in goals if goal.parent_id is None]


def headings(project, goals):
    """How many goals the paper states against the headings that it prints: those that are no mere sum of their parts."""
    if project.goals_stated is None:
        return None
    printed = [goal for goal in goals if not goal.branches]
    return {"stated": project.goals_stated, "printed": len(printed), "codes": [goal.code for goal in printed]}


def municipalities(members):
    """How many differ, for whom the members stand; a member is not a municipality."""
    return len({municipality.pk for member in members for municipality in member.municipalities.all()})


def readings(members):
    """Sentences on what of the members' municipalities their paper does not say."""
    said = []
    if any(member.stands_for_status in OURS for member in members):
        said.append(_("Which municipalities they stand for is our reading of their names."))
    said += [
        _("Of %(member)s another paper says it.") % {"member": member.organisation.name}
        for member in members
        if member.stands_for_status == SourceStatus.SECONDARY
    ]
    return said


def partners(lines):
    """The partner list of a record, as printed, with how many lines differ."""
    return {"lines": lines, "different": len({line.printed for line in lines})} if lines else None


def blocks(text):
    """Paragraphs and lists of a text: lines that begin with a dash or a number are a list."""
    found = []
    for line in text.splitlines():
        kind, words = _kind(line)
        if not words:
            found.append({"kind": "", "lines": []})
        elif found and found[-1]["kind"] == kind != "p":
            found[-1]["lines"].append(words)
        else:
            found.append({"kind": kind, "lines": [words]})
    return [block for block in found if block["lines"]]


def _kind(line):
    line = line.strip()
    if line.startswith("- "):
        return "ul", line[2:]
    number, dot, words = line.partition(". ")
    if dot and number.isdigit():
        return "ol", words
    return "p", line


def recipients(partners):
    """Everybody who receives support in an ESF project: its owner and its partners."""
    return ngettext("%(n)s recipient of support", "%(n)s recipients of support", partners + 1) % {"n": partners + 1}
