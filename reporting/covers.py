"""What every paper about a project keeps of it, and the cover that is made from that."""

from datetime import date

from django.utils.translation import get_language, gettext

from westum.base import papers
from westum.base.formats import day


def project_data(project):
    """The project as a paper's data has it, ready for JSON and the same in both languages."""
    decision = project.decision
    return project_facts(project) | {
        "call_year": project.call_year,
        "owner": project.owner.name,
        "decision": decision and {"kind": decision.kind, "number": decision.number},
    }


def project_facts(project):
    """What names the project and its time."""
    starts_on, ends_on = project.period
    return {
        "name": {"sv": project.name_sv, "en": project.name_en},
        "programme": project.programme,
        "reference": project.reference,
        "starts_on": starts_on and starts_on.isoformat(),
        "ends_on": ends_on and ends_on.isoformat(),
    }


def in_language(texts):
    """The text in the active language, of a dict of both."""
    return texts[get_language()]


def period(project):
    """First and last day in words, of `project_data`; None when no decision is known."""
    starts_on, ends_on = (project[name] and date.fromisoformat(project[name]) for name in ("starts_on", "ends_on"))
    return f"{day(starts_on)} – {day(ends_on)}" if starts_on and ends_on else None


def emblem(project):
    """The Union's emblem with the project's own wording, of `project_data`."""
    starts_on = project["starts_on"] and date.fromisoformat(project["starts_on"])
    return papers.emblem(project["programme"], starts_on, get_language())


def cover(report, title):
    """The head of a paper about one project, from the report's own data."""
    project = report.snapshot["project"]
    return papers.Cover(
        title=str(title),
        lead=in_language(project["name"]),
        facts=[
            (gettext("As of"), day(report.as_of)),
            (gettext("Programme"), project["programme"]),
            (gettext("Reference"), project["reference"]),
            (gettext("Period"), period(project)),
            (gettext("Coordinator"), project["owner"]),
        ],
        emblem=emblem(project),
        code=report.code,
        address=report.address,
    )
