"""The project `exempel`, which runs whenever the demonstration is first started: six months old, eighteen to go."""

from datetime import timedelta

from consortium.models import (
    ActivityType,
    AwardedLine,
    Decision,
    DecisionKind,
    Goal,
    GoalAudience,
    GoalKind,
    GoalRule,
    Organisation,
    Programme,
    Project,
    ProjectMember,
    ProjectState,
    ProjectText,
)
from westum.demo_data import member_papers, sharing, tales
from westum.demo_data.moments import at, months_from

SHORT, LONG, SHADOWING, COURSE = "short-term-mobility", "long-term-mobility", "job-shadowing", "courses-2021"
AWARDED = {SHORT: 34, LONG: 5, SHADOWING: 24, COURSE: 8}
AGREED = AWARDED | {SHORT: 30, SHADOWING: 20}  # an amendment gave the rest before the project began
# Places for short and long stays, job shadowing and courses; a few of the awarded ones are left to give.
SHARES = {
    "Alingsås": (2, 0, 2, 0),
    "Borås": (3, 0, 2, 1),
    "Essunga": (1, 0, 1, 0),
    "Färgelanda": (1, 0, 1, 0),
    "Kunskapsförbundet Väst": (4, 1, 2, 1),
    "Lidköping": (6, 1, 4, 1),
    "Orust": (1, 0, 1, 0),
    "Skövde": (4, 1, 2, 1),
    "Sotenäs": (1, 0, 1, 0),
    "Strömstad": (2, 0, 1, 0),
    "Uddevalla": (4, 1, 2, 1),
    "Varberg": (2, 0, 1, 0),
}
WITHOUT_CONTACT = "Orust"  # nobody has been chosen for this project yet
# Kind, code, title and text in Swedish and in English, for whom.
GOALS = [
    (
        GoalKind.OVERARCHING,
        "O1",
        "Språk och möten",
        "Languages and encounters",
        "Exempel: alla som reser vågar tala ett annat språk i arbetet.",
        "Example: everyone who travels dares to speak another language at work.",
        GoalAudience.EVERYONE,
    ),
    (
        GoalKind.OVERARCHING,
        "O2",
        "Hållbara resor",
        "Sustainable travel",
        "Exempel: vi reser med tåg och buss när det går.",
        "Example: we travel by train and bus where we can.",
        GoalAudience.EVERYONE,
    ),
    (
        GoalKind.FOCUS_AREA,
        "1",
        "Omsorg",
        "Care",
        "Exempel: hur andra länder arbetar med äldre och med barn.",
        "Example: how other countries work with older people and with children.",
        GoalAudience.EVERYONE,
    ),
    (
        GoalKind.FOCUS_AREA,
        "2",
        "Mat och turism",
        "Food and tourism",
        "Exempel: yrkeskunskap i kök, matsal och reception.",
        "Example: professional skills in kitchen, dining room and reception.",
        GoalAudience.EVERYONE,
    ),
    (
        GoalKind.FOCUS_AREA,
        "3",
        "Teknik och energi",
        "Technology and energy",
        "Exempel: styrning, mätning och förnybar energi.",
        "Example: controls, measuring and renewable energy.",
        GoalAudience.EVERYONE,
    ),
    (
        GoalKind.FOCUS_AREA,
        "4",
        "Lärares arbetssätt",
        "How teachers work",
        "Exempel: bara för anställda, om digitala verktyg och hur lärare planerar tillsammans.",
        "Example: for staff only, on digital tools and how teachers plan together.",
        GoalAudience.STAFF,
    ),
]
NOTE_SV = """Det här projektet är påhittat. Det visar hur portalen fungerar när ett projekt pågår.

Medlemmarna finns på riktigt, men de har inget med exemplet att göra. Alla personer, resor och siffror är exempel. Bidragen
räknas med Spaniens satser för ansökningsåret 2021, som är offentliga: de är exempelsatser, inte Sveriges."""
NOTE_EN = """This project is invented. It shows how the portal works while a project is running.

The members are real but have nothing to do with the example. All people, journeys and figures are examples.
Grants are worked out with Spain's rates of call 2021, which are public: they are example rates, not Sweden's."""


def create_project(*, association, people, started_on):
    """The project with decision, awarded places, goals and members."""
    first_day = months_from(started_on, -6)
    moment, by = at(first_day - timedelta(20), 10), people.coordinator
    project = Project(
        slug="exempel",
        programme=Programme.KA121_VET,
        name_sv="Exempelprojekt",
        name_en="Example project",
        owner=association,
        call_year=2021,
        rates_of="ES",  # whose annex IV of that call is public: example rates, and marked so
        state=ProjectState.RUNNING,
    )
    tales.save([tales.Tale(project, tales.MADE_UP, moment, by)])
    kinds = {kind.key: kind for kind in ActivityType.objects.in_call(project.call_year)}
    for number, kind, days_before, ends_on, awarded in [
        (1, DecisionKind.AGREEMENT, 30, months_from(started_on, 17), AGREED),
        (2, DecisionKind.AMENDMENT, 6, months_from(started_on, 18), AWARDED),
    ]:
        decision = Decision(
            project=project,
            number=number,
            kind=kind,
            decided_on=first_day - timedelta(days_before),
            starts_on=first_day,
            ends_on=ends_on,
        )
        entered = at(first_day - timedelta(days_before - 1), 10)
        tales.save([tales.Tale(decision, tales.MADE_UP, entered, by)])
        lines = [
            AwardedLine(decision=decision, activity_type=kinds[key], places=places) for key, places in awarded.items()
        ]
        tales.save([tales.Tale(line, tales.MADE_UP, entered, by) for line in lines])
    create_goals(project, moment, by)
    say_what_it_is(project, NOTE_SV, NOTE_EN, moment, by)
    members = [
        ProjectMember(
            project=project,
            organisation=organisation,
            contact=None if organisation.name == WITHOUT_CONTACT else people.contacts[organisation.name],
            deputy=people.deputies.get(organisation.name),
        )
        for organisation in Organisation.objects.members().filter(name__in=SHARES).order_by("pk")
    ]
    tales.save([tales.Tale(member, tales.MADE_UP, moment, by) for member in members])
    for member in members:
        member.municipalities.set(member.organisation.municipalities.all())
    member_papers.create(members, signed_from=first_day - timedelta(120), by=by)
    return project


def create_goals(project, moment, by, verb=tales.MADE_UP):
    """The tree of goals and the rule of the invented projects, which are the same in each."""
    goals = [
        Goal(
            project=project,
            kind=kind,
            code=code,
            position=position,
            title_sv=title_sv,
            title_en=title_en,
            text_sv=text_sv,
            text_en=text_en,
            audience=audience,
        )
        for position, (kind, code, title_sv, title_en, text_sv, text_en, audience) in enumerate(GOALS, 1)
    ]
    tales.save([tales.Tale(goal, verb, moment, by) for goal in goals])
    tales.save([tales.Tale(GoalRule(project=project, min_focus_areas=1), verb, moment, by)])


def say_what_it_is(project, text_sv, text_en, moment, by):
    """On the page of an invented project: that it is one, and what it shows."""
    text = ProjectText(
        project=project,
        position=1,
        heading_sv="Om exemplet",
        heading_en="About the example",
        text_sv=text_sv,
        text_en=text_en,
        as_of=moment.date(),
        source_sv="Påhittat för demonstrationen",
        source_en="Invented for the demonstration",
    )
    tales.save([tales.Tale(text, tales.MADE_UP, moment, by)])


def share_out(scene):
    """The members' shares, not saved yet."""
    first_day = scene.project.period[0]
    table = {
        name: {key: places for key, places in zip(AWARDED, row, strict=True) if places} for name, row in SHARES.items()
    }
    return sharing.share_out(scene, table, moment=at(first_day + timedelta(1), 13))
