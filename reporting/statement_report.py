"""The paper *member statement*, from the data that were taken when it was ordered."""

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from reporting import covers
from reporting.statement import DRAFT_MEANING, GIVEN_MEANING, LEFT_MEANING, TAKEN_MEANING, WAITING_MEANING, Statement
from reporting.statement_data import snapshot
from westum.base import papers
from westum.base.formats import day

__all__ = ["TEMPLATE", "VERSION", "context", "rows", "snapshot"]  # what `kinds` asks of a paper

VERSION = 3  # raise it with every change that the bytes of a paper show
TEMPLATE = "reporting/pdf/statement.html"
TITLE = _("Member statement")


def rows(organisation):
    """Where the rows stand that the paper counts: pairs of name and address."""
    return [(gettext("Statement of the member"), reverse("reporting:statement", args=[organisation.pk]))]


def context(report):
    """What the template says, in the active language, from the report's own data alone."""
    return {
        "cover": _cover(report),
        "statement": Statement(report.snapshot),
        "given_meaning": GIVEN_MEANING,
        "taken_meaning": TAKEN_MEANING,
        "left_meaning": LEFT_MEANING,
        "waiting_meaning": WAITING_MEANING,
        "draft_meaning": DRAFT_MEANING,
        "fingerprint": report.snapshot_hash[:16],
    }


def _cover(report):
    member = report.snapshot["member"]
    return papers.Cover(
        title=str(TITLE),
        lead=member["name"],
        facts=[
            (gettext("As of"), day(report.as_of)),
            (gettext("Organisation number"), member["organisation_number"]),
            (gettext("Projects"), str(len(report.snapshot["projects"]))),
        ],
        emblem=_emblem(report.snapshot["projects"]),
        code=report.code,
        address=report.address,
    )


def _emblem(projects):
    """The Union's emblem where all projects say the same beside it; projects of several times have no wording in common."""
    emblems = {covers.emblem(project["project"]) for project in projects}
    return emblems.pop() if len(emblems) == 1 else None
