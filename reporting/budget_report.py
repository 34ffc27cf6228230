"""The paper *budget report*, from the data that were taken when it was ordered."""

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from reporting import covers
from reporting.budget import AWARDED_MEANING, SHARED_MEANING, Budget
from reporting.budget_data import snapshot

__all__ = ["TEMPLATE", "VERSION", "context", "rows", "snapshot"]  # what `kinds` asks of a paper

VERSION = 4  # raise it with every change that the bytes of a paper show
TEMPLATE = "reporting/pdf/budget.html"
TITLE = _("Budget report")


def rows(project):
    """Where the rows stand that the paper counts: pairs of name and address."""
    found = [(gettext("Budget of the project"), reverse("reporting:budget", args=[project.slug]))]
    if project.is_erasmus:
        found.append((gettext("Places of the members"), reverse("consortium:shares", args=[project.slug])))
    return found


def context(report):
    """What the template says, in the active language, from the report's own data alone."""
    return {
        "cover": covers.cover(report, TITLE),
        "budget": Budget(report.snapshot),
        "decision": report.snapshot["project"]["decision"],
        "awarded_meaning": AWARDED_MEANING,
        "shared_meaning": SHARED_MEANING,
        "fingerprint": report.snapshot_hash[:16],
    }
