"""What the members wish for in `exempel-nasta`, a project that is being applied for, and what they wished for in `exempel`."""

from datetime import timedelta

from consortium.models import (
    ActivityType,
    AnswerState,
    Organisation,
    Programme,
    Project,
    ProjectMember,
    ProjectState,
    ShareMove,
    Wish,
    WishAnswer,
    WishRequest,
)
from consortium.project_facts import COPIED
from consortium.wishes import ANSWERED, ASKED, DECLINED, REMINDED, Table, rows_of
from westum.demo_data import tales
from westum.demo_data.exempel import LONG, SHADOWING, SHARES, SHORT, create_goals, say_what_it_is
from westum.demo_data.moments import at
from westum.demo_data.people import CONTACT_OF

# Places, days for each, what for.
LAST_YEAR = {
    "Alingsås": {
        SHORT: (2, 14, "Undersköterskor till äldreomsorg"),
        SHADOWING: (2, 4, "Lärare i svenska som andraspråk"),
    },
    "Borås": {SHORT: (5, 21, "El och automation, kock"), SHADOWING: (3, 5, "Yrkeslärare i kök")},
    "Kunskapsförbundet Väst": {SHORT: (5, 21, "Restaurang och hotell"), LONG: (1, 100, "Svetsning")},
    "Lidköping": {SHORT: (7, 21, "Vård och omsorg, restaurang"), SHADOWING: (5, 5, "Studievägledare och lärare")},
    "Skövde": {SHORT: (4, 21, "Industriteknik"), SHADOWING: (2, 5, "Validering")},
    "Uddevalla": {SHORT: (5, 28, "Fordonsteknik"), LONG: (1, 120, "Mekatronik"), SHADOWING: (2, 5, "Handledare")},
    "Varberg": {SHORT: (2, 14, "Barnskötare")},
}
THIS_YEAR = {
    "Alingsås": {SHORT: (3, 14, "Undersköterskor till äldreomsorg"), SHADOWING: (2, 4, "Lärare i vård")},
    "Borås": {SHORT: (6, 21, "El och automation, kock"), SHADOWING: (2, 5, "Yrkeslärare i kök")},
    "Skövde": {SHORT: (4, 21, "Industriteknik"), LONG: (1, 95, "Robotteknik")},
    "Uddevalla": {SHORT: (5, 28, "Fordonsteknik"), SHADOWING: (3, 5, "Handledare på arbetsplatser")},
    "Varberg": {SHORT: (2, 14, "Barnskötare")},
}
DECLINES = "Orust"
REMINDED_ONES = ["Essunga", "Sotenäs"]
CAME_LATER = "Strömstad"  # joined the application after the others had been asked
NOTE_SV = "Det här projektet är påhittat. Det visar hur medlemmarna lämnar önskemål innan en ansökan skickas."
NOTE_EN = "This project is invented. It shows how the members say what they wish for before an application is sent."


def create(*, last, accreditation, people, association, started_on):
    """The wishes of `last`, which were applied for and granted, and the next project with some answers and some silence."""
    _wished_before(last, people, started_on - timedelta(330))
    _create_next(accreditation, people, association, started_on)
    _move_places(last, people, started_on)


def _wished_before(project, people, asked_on):
    members = {member.organisation.name: member for member in project.members.select_related("organisation")}
    _answer(members, LAST_YEAR, people, asked_on, others=AnswerState.DECLINED)
    table = Table(ProjectMember.objects.filter(project=project).in_order())
    WishRequest(
        project=project,
        sent_on=asked_on + timedelta(40),
        rows=rows_of(table),
        silent=table.silent,
        declined=[str(row.member) for row in table.rows if row.answer.state == AnswerState.DECLINED],
        frozen_at=at(asked_on + timedelta(40), 15),
        frozen_by=people.coordinator,
    ).save()


def _create_next(accreditation, people, association, started_on):
    moment = at(started_on - timedelta(14), 9)
    project = Project(
        slug="exempel-nasta",
        programme=Programme.KA121_VET,
        name_sv="Nästa års exempelprojekt",
        name_en="Next example project",
        owner=association,
        call_year=2022,  # the year after that of `exempel`
        state=ProjectState.PLANNED,
        accreditation=accreditation,
    )
    tales.save([tales.Tale(project, tales.MADE_UP, moment, people.coordinator)])
    create_goals(project, moment, people.coordinator, COPIED)
    say_what_it_is(project, NOTE_SV, NOTE_EN, moment, people.coordinator)
    rows = [
        ProjectMember(project=project, organisation=organisation, contact=people.contacts[organisation.name])
        for organisation in Organisation.objects.members().filter(name__in=SHARES).order_by("pk")
    ]
    tales.save([tales.Tale(row, tales.MADE_UP, moment, people.coordinator) for row in rows])
    members = {row.organisation.name: row for row in rows if row.organisation.name != CAME_LATER}
    _answer(members, THIS_YEAR, people, started_on - timedelta(12), until=started_on + timedelta(9))


def _answer(members, wished, people, asked_on, *, others=AnswerState.OPEN, until=None):
    """Each member is asked; those in the table answer, some say no, and the others do as told."""
    kinds = {kind.key: kind for kind in ActivityType.objects.all()}
    answers, wishes = [], []
    for number, (name, member) in enumerate(members.items()):
        row = WishAnswer(member=member, answer_by=until or asked_on + timedelta(30))
        tale = tales.Tale(row, ASKED, at(asked_on, 10), people.coordinator, asked_at=at(asked_on, 10))
        answers.append(tale)
        if until and name in REMINDED_ONES:
            moment = at(asked_on + timedelta(9), 11)
            tale.happens(REMINDED, moment, people.coordinator, reminded_at=moment)
        state = AnswerState.ANSWERED if name in wished else AnswerState.DECLINED if name == DECLINES else others
        if state == AnswerState.OPEN:
            continue
        moment, by = at(asked_on + timedelta(1 + number % 7), 13, number * 4), people.contacts[name]
        verb = ANSWERED if state == AnswerState.ANSWERED else DECLINED
        tale.happens(verb, moment, by, state=state, answered_at=moment, answered_by=by)
        for key, (places, days, purpose) in wished.get(name, {}).items():
            wish = Wish(member=member, activity_type=kinds[key], places=places, days=days, purpose=purpose)
            wishes.append(tales.Tale(wish, ANSWERED, moment, by))
    tales.save(answers)
    tales.save(wishes)


def _move_places(project, people, started_on):
    """Two moves that the shares of today are the outcome of."""
    members = {member.organisation.name: member for member in project.members.select_related("organisation")}
    shadowing = ActivityType.objects.get(key=SHADOWING)
    for giver, receiver, places, days, reason in [
        ("Orust", CONTACT_OF, 1, 60, "Orust hinner inte i vår, Lidköping har en lärare som väntar."),
        ("Färgelanda", "Uddevalla", 1, 25, "Färgelandas handledare reser i höst i stället."),
    ]:
        ShareMove(
            giver=members[giver],
            receiver=members[receiver],
            activity_type=shadowing,
            places=places,
            reason=reason,
            moved_at=at(started_on - timedelta(days), 10, 20),
            moved_by=people.coordinator,
        ).save()
