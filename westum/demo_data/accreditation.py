"""An accreditation, whose goals each of its yearly projects has when it is made."""

from datetime import timedelta

from consortium.models import Decision, Programme, Project, ProjectState
from westum.demo_data import tales
from westum.demo_data.exempel import create_goals, say_what_it_is
from westum.demo_data.moments import at, months_from

NOTE_SV = "Den här ackrediteringen är påhittad. Den visar hur ett årsprojekt får sina mål från ackrediteringen."
NOTE_EN = "This accreditation is invented. It shows how a yearly project has its goals from the accreditation."


def create(*, association, people, started_on):
    first_day = months_from(started_on, -18)
    moment, by = at(first_day - timedelta(30), 10), people.coordinator
    project = Project(
        slug="exempel-ackreditering",
        programme=Programme.KA120_VET,
        name_sv="Exempelackreditering",
        name_en="Example accreditation",
        owner=association,
        call_year=2020,
        state=ProjectState.RUNNING,
    )
    tales.save([tales.Tale(project, tales.MADE_UP, moment, by)])
    decision = Decision(
        project=project,
        decided_on=first_day - timedelta(40),
        starts_on=first_day,
        ends_on=months_from(first_day, 60),
    )
    tales.save([tales.Tale(decision, tales.MADE_UP, moment, by)])
    create_goals(project, moment, by)
    say_what_it_is(project, NOTE_SV, NOTE_EN, moment, by)
    return project
