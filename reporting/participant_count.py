"""The paper *Participant count*: the data that it is made from, and how its template sees it.

The data names no person and is the same in both languages; it is taken with three queries over mobilities, so that
members, countries and totals come from one moment and agree.
"""

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from reporting import covers, figures
from reporting.figures import Tally
from westum.base import charts
from westum.base.formats import country
from westum.base.text import sort_key

VERSION = 2  # raise it with every change that the bytes of a paper show
TEMPLATE = "reporting/pdf/participants.html"
TITLE = _("Participant count")
ROWS_OF_A_CHART = 20  # more would not fit on a page


# The data


def snapshot(project):
    """What the paper says of the project now, ready for JSON."""
    project_mobilities = project.mobilities.all()
    cells = figures.counted(project_mobilities, "sending_organisation", "receiving_organisation__country")
    return {
        "project": covers.project_data(project),
        "approved": _plain(figures.approved([project]).get(project.pk, figures.UNSTATED)),
        "totals": _plain_sets(figures.total(cells.values())),
        "members": _members(project, _sums(cells, 0)),
        "countries": [
            {"code": code} | _plain_sets(tallies) for code, tallies in sorted(_sums(cells, 1).items()) if _any(tallies)
        ],
        "goals": _goals(project, figures.counted(project_mobilities, "goals")),
    }


def _members(project, tallies):
    """Every member, also one of which nothing counts; then who has sent somebody without being a member."""
    members = list(project.members.select_related("organisation").in_order())
    shares = figures.places(members)
    rows = [
        {
            "name": member.organisation.name,
            "places": _plain(shares.get(member.pk, figures.UNSTATED)),
        }
        | _plain_sets(tallies.pop(member.organisation_id, figures.nothing()))
        for member in members
    ]
    strangers = {pk: found for pk, found in tallies.items() if _any(found)}
    names = dict(
        project.mobilities.filter(sending_organisation__in=strangers).values_list(
            "sending_organisation", "sending_organisation__name"
        )
    )
    return rows + [
        {"name": names[pk], "places": _plain(figures.UNSTATED)} | _plain_sets(found)
        for pk, found in sorted(strangers.items(), key=lambda entry: sort_key(names[entry[0]]))
    ]


def _goals(project, tallies):
    goals = list(project.goals.all())
    with_parts = {goal.parent_id for goal in goals}
    return {
        "overarching": [_titles(goal) for goal in goals if goal.kind == "overarching"],
        "focus_areas": [
            {"code": goal.code, "title": _titles(goal), "audience": goal.audience}
            | _plain_sets(tallies.get(goal.pk, figures.nothing()))
            for goal in goals
            if goal.kind == "focus_area" and goal.counts_mobilities and goal.pk not in with_parts
        ],
        "none": _plain_sets(tallies.get(None, figures.nothing())),
    }


def _titles(goal):
    return {"sv": goal.title_sv, "en": goal.title_en}


def _sums(cells, place):
    """The cells added up by one of their two coordinates."""
    grouped = {}
    for coordinates, tallies in cells.items():
        grouped.setdefault(coordinates[place], []).append(tallies)
    return {key: figures.total(parts) for key, parts in grouped.items() if key is not None}


def _any(tallies):
    return any(tally.all for tally in tallies.values())


def _plain(tally):
    return {"learners": tally.learners, "staff": tally.staff}


def _plain_sets(tallies):
    return {key: _plain(tally) for key, tally in tallies.items()}


def rows(project):
    """What each figure is called and the list of mobilities that it counts."""
    return [(s.name, figures.rows_url(project.slug, counted=key)) for key, s in figures.SETS.items()]


# The paper


def context(report):
    """What the template says, in the active language, from the report's own data alone."""
    data = report.snapshot
    members = [_row(member["name"], member) for member in data["members"]]
    totals = _row(gettext("All"), data["totals"])
    shared_out = sum((row["places"] for row in members), figures.UNSTATED)
    return {
        "cover": covers.cover(report, TITLE),
        "approved": Tally(**data["approved"]),
        "shared_out": shared_out,
        "kept_back": _kept_back(Tally(**data["approved"]), shared_out),
        "approved_name": figures.APPROVED,
        "figures": _figures(data),
        "totals": totals,
        "groups": [(figures.APPROVED, Tally(**data["approved"]))]
        + [(counted_set.name, totals[key]) for key, counted_set in figures.SETS.items()],
        "members": members,
        "charts": _charts(members),
        "focus_areas": [
            _row(f"{goal['code']} {covers.in_language(goal['title'])}", goal) for goal in data["goals"]["focus_areas"]
        ],
        "without_goal": _row(gettext("No focus area stated"), data["goals"]["none"]),
        "overarching": [covers.in_language(title) for title in data["goals"]["overarching"]],
        "countries": sorted(
            (_row(country(row["code"]), row) for row in data["countries"]), key=lambda row: sort_key(row["name"])
        ),
        "sets": figures.SETS,
        "approved_meaning": figures.APPROVED_MEANING,
        "places_meaning": figures.PLACES_MEANING,
        "learners_meaning": figures.LEARNERS_MEANING,
        "staff_meaning": figures.STAFF_MEANING,
        "fingerprint": report.snapshot_hash[:16],
    }


def _row(name, data):
    """A row of a table: its name and a Tally for each set, `places` among them when the row has some."""
    keys = [key for key in ("places", *figures.SETS) if key in data]
    return {"name": name} | {key: Tally(**data[key]) for key in keys}


def _kept_back(approved, shared_out):
    """The granted places that no member has been given, or None where either number is unknown."""
    return None if approved.all is None or shared_out.all is None else approved.all - shared_out.all


def _figures(data):
    """The four figures of the cover: all, and of them learners and staff."""
    rows = [(figures.APPROVED, data["approved"])]
    rows += [(counted_set.name, data["totals"][key]) for key, counted_set in figures.SETS.items()]
    return [figures.Figure(Tally(**tally).all, name, figures.parts_of(Tally(**tally))) for name, tally in rows]


def _charts(members):
    """Bars of the registered by member, as many charts as are needed for each to fit on a page."""
    parts = [members[start : start + ROWS_OF_A_CHART] for start in range(0, len(members), ROWS_OF_A_CHART)]
    title = gettext("Registered mobilities by member, learners and staff")
    return [
        charts.bars(
            title=title if len(parts) == 1 else f"{title} ({number}/{len(parts)})",
            rows=[(row["name"], (row["registered"].learners, row["registered"].staff)) for row in part],
            series=(gettext("Learners"), gettext("Staff")),
            heading=gettext("Member"),
            description=gettext("The same values stand in table 1."),
            key=f"members-{number}",
            broad=840,
        )
        for number, part in enumerate(parts, start=1)
    ]
