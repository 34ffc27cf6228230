"""Forty invented mobilities in the project `exempel`, over all states of a life, seen from the day of the first start."""

import random
from dataclasses import dataclass
from datetime import timedelta

from mobilities.models import FunderState as F
from mobilities.models import MobilityState as S
from mobilities.models import ParticipantGroup as G
from mobilities.models import PlacementReportState as R
from mobilities.models import TravelMode
from westum.demo_data import exempel, exempel_money, granted, journeys, sharing, tales
from westum.demo_data.exempel import COURSE, LONG, SHADOWING, SHORT
from westum.demo_data.names import address_of
from westum.demo_data.people import LEARNER
from westum.demo_data.scenes import Scene


@dataclass(frozen=True)
class Stay:
    """One line of the table: `starts` in days from today, `days` long, `areas` as codes of focus areas.

    `logs_in`: the participant has a log-in of the own. `travel`: days of travel. `cut`: came home so many days earlier
    than planned. `fewer`: a participant with fewer opportunities.
    """

    member: str
    group: G
    activity: str | None
    outcome: S
    starts: int | None = None
    days: int = 0
    town: str | None = None
    areas: str = ""
    funder: F = F.ABSENT
    report: R | None = None
    logs_in: bool = False
    language: str = "sv"
    green: bool = False
    queued: bool = False
    comment: str = ""
    reason: str = ""
    travel: int = 2
    declared: bool = True
    fewer: bool = False
    language_course: bool = False
    fee_days: int = 0
    cut: int = 0
    distance: tuple[int, str] | None = None


BY_THE_COMMISSION = "Så räknar kommissionens avståndskalkylator."
L, T, V = G.LEARNER, G.STAFF, G.SUPERVISOR
# fmt: off
STAYS = [
    Stay("Lidköping", L, SHORT, S.COMPLETED, -31, 21, "Porto", "1", F.COMPLETE, logs_in=True, fewer=True, language_course=True, cut=2),  # LEARNER
    Stay("Lidköping", L, SHORT, S.ONGOING, -6, 21, "Málaga", "2", F.COMPLETE, logs_in=True, language="en", language_course=True),
    Stay("Lidköping", L, SHORT, S.SUBMITTED, 55, 21, "Cork", "1", fewer=True),
    Stay("Lidköping", L, SHORT, S.DRAFT),
    Stay("Lidköping", T, SHADOWING, S.COMPLETED, -20, 5, "Groningen", "34", F.COMPLETE, R.SUBMITTED, logs_in=True, green=True),
    Stay("Lidköping", T, SHADOWING, S.ACCEPTED, 24, 5, "Maribor", "4", logs_in=True, green=True, travel=4),
    Stay("Lidköping", L, SHORT, S.CLOSED, -120, 21, "Bologna", "2", F.COMPLETE, R.ACCEPTED, logs_in=True),
    Stay("Lidköping", V, SHADOWING, S.DRAFT, 70, 4, "Turku", "1", green=True, declared=False),
    Stay("Borås", L, SHORT, S.ONGOING, -10, 28, "Sliema", "2", F.COMPLETE, logs_in=True, fewer=True),
    Stay("Borås", L, SHORT, S.ACCEPTED, 12, 21, "Leipzig", "3", F.COMPLETE, logs_in=True, green=True, language_course=True),
    Stay("Borås", L, SHORT, S.REPORTED, -60, 21, "Porto", "1", F.COMPLETE, R.ACCEPTED, logs_in=True, language="en"),
    Stay("Borås", L, SHORT, S.SUBMITTED, 40, 21, "Porto", "1", queued=True),
    Stay("Borås", L, SHORT, S.SUBMITTED, 47, 21, "Cork", "1", queued=True),
    Stay("Borås", L, SHORT, S.SUBMITTED, 54, 14, "Tartu", "3", queued=True, green=True, travel=3),
    Stay("Borås", T, SHADOWING, S.CLOSED, -140, 4, "Brno", "4", F.COMPLETE, R.ACCEPTED),
    Stay("Borås", T, COURSE, S.ACCEPTED, 30, 5, "Split", "4", F.DRAFT, logs_in=True, fee_days=5),
    Stay("Uddevalla", L, SHORT, S.COMPLETED, -90, 28, "Nantes", "2", F.COMPLETE, logs_in=True, cut=3),
    Stay("Uddevalla", L, LONG, S.ONGOING, -45, 120, "Leipzig", "3", F.COMPLETE, logs_in=True, green=True, language_course=True),
    Stay("Uddevalla", V, SHADOWING, S.SUBMITTED, 35, 5, "Århus", "12", green=True),
    Stay("Uddevalla", L, SHORT, S.DRAFT, 62, 14, "Brno", "3", comment="Skriv vilken avdelning hos värden det gäller."),
    Stay("Uddevalla", L, SHORT, S.CANCELLED, 20, 21, "Bologna", "2", reason="Värden kan inte ta emot den veckan."),
    Stay("Kunskapsförbundet Väst", L, SHORT, S.COMPLETED, -75, 21, "Málaga", "2", F.DRAFT),
    Stay("Kunskapsförbundet Väst", T, SHADOWING, S.COMPLETED, -40, 5, "Turku", "4", F.COMPLETE, R.RETURNED, logs_in=True, cut=1,
         comment="Berätta också vad ni vill prova hemma."),
    Stay("Kunskapsförbundet Väst", L, SHORT, S.ACCEPTED, 33, 28, "Maribor", "3", F.DIFFERS, logs_in=True),
    Stay("Kunskapsförbundet Väst", L, LONG, S.SUBMITTED, 80, 100, "Cork", "1", language_course=True),
    Stay("Kunskapsförbundet Väst", T, COURSE, S.REPORTED, -50, 5, "Porto", "4", F.DIFFERS, R.ACCEPTED, logs_in=True, fee_days=4),
    Stay("Skövde", L, SHORT, S.COMPLETED, -110, 21, "Split", "2", F.COMPLETE, distance=(1672, BY_THE_COMMISSION)),
    Stay("Skövde", L, SHORT, S.COMPLETED, -45, 21, "Groningen", "1", F.COMPLETE, R.SUBMITTED, logs_in=True),
    Stay("Skövde", T, SHADOWING, S.ONGOING, -1, 5, "Tartu", "4", F.COMPLETE, logs_in=True),
    Stay("Skövde", L, SHORT, S.ACCEPTED, 8, 14, "Århus", "3", logs_in=True, language="en", green=True, fewer=True),
    Stay("Skövde", L, SHORT, S.WITHDRAWN, 45, 21, "Nantes", "2", reason="Söker till nästa termin i stället."),
    Stay("Skövde", T, None, S.DRAFT),
    Stay("Varberg", L, SHORT, S.ONGOING, -3, 14, "Tartu", "3", F.COMPLETE, logs_in=True),
    Stay("Varberg", V, SHADOWING, S.CLOSED, -100, 3, "Leipzig", "1", F.COMPLETE, R.ACCEPTED, green=True),
    Stay("Varberg", L, SHORT, S.DRAFT, 58, 21),
    Stay("Alingsås", L, SHORT, S.REPORTED, -70, 14, "Sliema", "2", F.COMPLETE, R.ACCEPTED, logs_in=True, fewer=True),
    Stay("Alingsås", T, SHADOWING, S.SUBMITTED, 28, 4, "Nantes", "4", green=True),
    Stay("Strömstad", L, SHORT, S.ACCEPTED, 40, 21, "Bologna", "2", F.COMPLETE, logs_in=True),
    Stay("Sotenäs", T, SHADOWING, S.WITHDRAWN, 50, 5, "Split", "2", reason="Har bytt arbete."),
    Stay("Orust", L, SHORT, S.DRAFT, 65, 21, None, "1"),
]
# fmt: on


def create_journeys(*, project, people, hosts, strangers, started_on):
    scene = Scene(project=project, people=people, hosts=hosts, strangers=strangers, rng=random.Random("exempel"))
    shares = exempel.share_out(scene)
    exempel_money.share_out(scene)
    plans = [_plan(scene, number, stay, started_on) for number, stay in enumerate(STAYS, 1)]
    journeys.bring_participants(plans)
    grants = granted.Granted()
    told = [journeys.tell(plan, grants) for plan in plans]
    sharing.follow(shares, told)
    tales.save(list(shares.values()))
    journeys.save(plans, told, grants)


def _plan(scene, number, stay, today):
    start = None if stay.starts is None else today + timedelta(stay.starts)
    return journeys.Plan(
        project=scene.project,
        participant=_traveller(scene, number, stay),
        activity=scene.activities[stay.activity] if stay.activity else None,
        host=scene.hosts[stay.town] if stay.town else None,
        goals=[scene.areas[code] for code in stay.areas],
        start=start,
        end=start and start + timedelta(stay.days - 1),
        registered_on=_registered_on(scene, number, stay, today),
        outcome=stay.outcome,
        contact=scene.people.contacts[stay.member],
        coordinator=scene.people.coordinator,
        funder=stay.funder,
        funder_id="" if stay.funder == F.ABSENT else f"EXEMPEL-{number:03}",
        report=stay.report,
        travel_mode=TravelMode.GREEN if stay.green else TravelMode.STANDARD,
        queued=stay.queued,
        logs_in=stay.logs_in,
        comment=stay.comment,
        reason=stay.reason,
        cut=stay.cut,
        granted=_granted(stay),
    )


def _granted(stay):
    """The facts that decide the grant, of a stay whose days are known."""
    if stay.starts is None:
        return {}
    kilometres, why = stay.distance or (None, "")
    return {
        "travel_days": stay.travel,
        "green_is_declared": stay.green and stay.declared,
        "fewer_opportunities": stay.fewer,
        "linguistic_support": stay.language_course,
        "course_fee_days": stay.fee_days,
        "distance_km": kilometres,
        "distance_reason": why,
    }


def _registered_on(scene, number, stay, today):
    """Ten weeks before the stay or a little later, after the shares were given and long enough before today."""
    weeks_before = today + timedelta(min((stay.starts or 70) - 75, -12 - number % 5))
    return max(weeks_before, scene.project.period[0] + timedelta(3 + number % 7))


def _traveller(scene, number, stay):
    traveller = scene.somebody(member=stay.member, group=stay.group, language=stay.language)
    if number == 1:
        traveller.first_name, traveller.last_name, traveller.email = LEARNER
    elif stay.logs_in and not traveller.email:
        traveller.email = address_of(traveller.first_name, traveller.last_name)
    return traveller
