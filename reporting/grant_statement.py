"""The paper *grant statement* of one mobility, from the data that were taken when it was ordered."""

from dataclasses import dataclass
from datetime import date

from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from consortium.models import SourceStatus
from mobilities import explanations, grant_changes, grant_history
from mobilities.models import TravelMode
from mobilities.rate_books import VERIFIED, Category
from reporting import covers
from reporting.grant_statement_data import lines_of, snapshot
from westum.base import papers
from westum.base.formats import country, day

__all__ = ["TEMPLATE", "VERSION", "context", "rows", "snapshot"]  # what `kinds` asks of a paper

VERSION = 2  # raise it with every change that the bytes of a paper show
TEMPLATE = "reporting/pdf/grant.html"
TITLE = _("Grant statement")
THE_ORGANISATIONS = Category.INCLUSION_ORGANISATION


@dataclass(frozen=True)
class UsedRate:
    """A rate of annex IV on which a line rests, with its source and how sure it is."""

    name: str
    detail: str  # what the amount is for
    amount_eur: object
    source: str
    status: str

    @property
    def is_verified(self):
        return self.status == VERIFIED

    @property
    def status_name(self):
        return SourceStatus(self.status).label


def rows(mobility):
    """Where the rows stand that the paper counts: pairs of name and address."""
    return [(gettext("Mobility"), mobility.get_absolute_url())]


def context(report):
    """What the template says, in the active language, from the report's own data alone.

    Inclusion support for the organisation is the organisation's: it stands apart from the participant's grant.
    """
    data = report.snapshot
    accepted, actual = lines_of(data["accepted"]), lines_of(data["actual"])
    valid = actual or accepted
    told = [grant_history.Told.from_data(event) for event in data.get("told", [])]
    is_compared = bool(accepted and actual)
    before, grant = (explanations.explain_all(_own(lines)) for lines in (accepted, valid))
    said = {line.category: line.sentences for line in grant.lines}
    return {
        "cover": _cover(report),
        "stay": _stay(data["mobility"]),
        "grant": grant,
        "before": before,
        # Of what differs, how it was worked out before.
        "earlier": [line for line in before.lines if is_compared and said.get(line.category) != line.sentences],
        "accepted_on": date.fromisoformat(data["mobility"]["accepted_on"]),
        "told": [event.sentence for event in told],
        "renewed_on": max((event.on for event in told if event.kind == "renewed"), default=None),
        "is_settled": bool(actual),
        "changes": grant_changes.between(_own(accepted), _own(actual)) if is_compared else [],
        "difference": grant_changes.signed(grant.amount_eur - before.amount_eur),
        "organisation": explanations.explain_all([line for line in valid if line.category == THE_ORGANISATIONS]),
        "whole": explanations.explain_all(valid),
        "rates": used_rates(valid),
        "call_year": data["project"]["call_year"],
        "example_of": data["project"]["rates_of"] if data["project"]["is_example"] else "",
        "fingerprint": report.snapshot_hash[:16],
    }


def _own(lines):
    return [line for line in lines if line.category != THE_ORGANISATIONS]


def used_rates(lines):
    """Each rate once, in the order of its use."""
    steps = [(line, step) for line in lines for step in line.steps]
    return list(
        dict.fromkeys(
            UsedRate(
                str(explanations.NAMES[line.category]),
                _detail(line, step),
                step.rate.amount_eur,
                step.rate.source,
                str(step.rate.status),
            )
            for line, step in steps
        )
    )


def _detail(line, step):
    """A day rate is one, and its tier pays a share of it; another rate needs no words."""
    if line.category != Category.INDIVIDUAL_SUPPORT:
        return gettext("a day of the course") if line.category == Category.COURSE_FEES else ""
    about = step.about
    words = {"first": about["day_from"], "last": about["day_to"], "percent": about["percent"]}
    return gettext("a day; days %(first)s–%(last)s: %(percent)s per cent") % words


def _cover(report):
    project, mobility = report.snapshot["project"], report.snapshot["mobility"]
    return papers.Cover(
        title=str(TITLE),
        lead=mobility["participant"],
        facts=[
            (gettext("As of"), day(report.as_of)),
            (gettext("Project"), covers.in_language(project["name"])),
            (gettext("Programme"), project["programme"]),
            (gettext("Reference"), project["reference"]),
            (gettext("Member"), mobility["member"]),
            (gettext("Coordinator"), project["owner"]),
            (gettext("Call"), str(project["call_year"])),
        ],
        emblem=covers.emblem(project),
        code=report.code,
        address=report.address,
    )


def _stay(mobility):
    """Pairs of label and text."""
    host = mobility["host"]
    return [
        (gettext("Activity"), covers.in_language(mobility["activity"])),
        (gettext("Host"), host["name"]),
        (gettext("Town and country"), ", ".join(part for part in (host["city"], country(host["country"])) if part)),
        (gettext("First day"), day(date.fromisoformat(mobility["starts_on"]))),
        (gettext("Last day"), day(date.fromisoformat(mobility["ends_on"]))),
        (gettext("Days"), str(mobility["days"])),
        (gettext("Days of travel"), str(mobility["travel_days"])),
        (gettext("Way of travelling"), capfirst(TravelMode(mobility["travel_mode"]).label)),
    ]
