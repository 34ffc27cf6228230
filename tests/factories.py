"""Rows for tests. What belongs together comes together: a submitted mobility holds a counted place, a closed one is reported.

Days are reckoned from today, so that a mobility that is ongoing is so whenever the test runs.
"""

from datetime import timedelta
from decimal import Decimal

import factory
from django.utils import timezone

from consortium.models import (
    ActivityType,
    Allocation,
    Audience,
    AwardedLine,
    BudgetCategory,
    Decision,
    Goal,
    GoalAudience,
    GoalKind,
    GoalRule,
    MemberPaper,
    MemberPaperKind,
    Membership,
    Milestone,
    Municipality,
    NetworkMembership,
    Organisation,
    OrganisationKind,
    Programme,
    Project,
    ProjectMember,
    ProjectState,
    User,
)
from consortium.permissions import Role
from mobilities import grant_lines
from mobilities.grants import GrantLine as KeptLine
from mobilities.grants import Step
from mobilities.models import (
    CountryGroup,
    Document,
    DocumentKind,
    FundedDayTier,
    FunderState,
    GrantLine,
    GrantPhase,
    Mobility,
    MobilityState,
    Participant,
    ParticipantGroup,
    PartnershipPhase,
    PartnershipRating,
    PartnershipReview,
    PartnershipStatement,
    PlacementReport,
    PlacementReportState,
    TravelDayLimit,
    TravelMode,
    UnitCost,
    UnitCostKind,
)
from mobilities.models.states import ACCEPTED_OR_LATER
from mobilities.rate_books import Category, Rate
from reporting.models import Report
from reporting.models.reports import ReportKind
from westum.base import files
from westum.base.jobs import JobState


def day(offset):
    """The date so many days from today."""
    return timezone.localdate() + timedelta(days=offset)


class Factory(factory.django.DjangoModelFactory):
    class Meta:
        abstract = True
        skip_postgeneration_save = True


class MunicipalityFactory(Factory):
    class Meta:
        model = Municipality
        django_get_or_create = ["code"]

    code = "1489"
    name = "Alingsås"
    county_code = factory.LazyAttribute(lambda self: self.code[:2])
    county_name = "Västra Götalands län"


class OrganisationFactory(Factory):
    """A member; `OrganisationFactory(host=True)` is a receiving organisation in Portugal."""

    class Meta:
        model = Organisation

    class Params:
        host = factory.Trait(
            kind=OrganisationKind.RECEIVING, name=factory.Sequence("Lar Exemplo {}".format), city="Porto", country="PT"
        )
        # Where it lies is known: the member in Borås, the host in Porto, 2,395 km from there.
        placed = factory.Trait(
            latitude=factory.LazyAttribute(lambda self: Decimal("57.72101" if self.country == "SE" else "41.14961")),
            longitude=factory.LazyAttribute(lambda self: Decimal("12.94010" if self.country == "SE" else "-8.61099")),
        )

    kind = OrganisationKind.MEMBER
    name = factory.Sequence("Medlem {}".format)
    country = "SE"


class UserFactory(Factory):
    class Meta:
        model = User

    email = factory.Sequence("person{}@example.org".format)
    name = factory.Sequence("Person {}".format)
    language = "en"


class MembershipFactory(Factory):
    class Meta:
        model = Membership

    user = factory.SubFactory(UserFactory)
    organisation = factory.SubFactory(OrganisationFactory)
    role = Role.CONTACT
    from_date = factory.LazyFunction(lambda: day(-100))


class ActivityTypeFactory(Factory):
    """Short stays for learners, 10 to 89 days; with `staff=True` job-shadowing, 2 to 60 days."""

    class Meta:
        model = ActivityType
        django_get_or_create = ["key"]

    class Params:
        staff = factory.Trait(
            key="job-shadowing",
            ec_code="SM-JOB-SHDW",
            name_sv="Jobbskuggning",
            name_en="Job shadowing",
            audience=Audience.STAFF,
            min_days=2,
            max_days=60,
        )

    key = "short-learning"
    ec_code = "LM-SHORT-VET"
    name_sv = "Kort praktik"
    name_en = "Short placement"
    audience = Audience.LEARNER
    min_days = 10
    max_days = 89
    first_call = 2021
    last_call = 2027
    status = "verified"


class ProjectFactory(Factory):
    """A project alone. `running_project` makes one that is ready for mobilities."""

    class Meta:
        model = Project

    slug = factory.Sequence("project-{}".format)
    programme = Programme.KA121_VET
    reference = factory.Sequence("2024-1-SE01-KA121-VET-{:09d}".format)
    name_sv = factory.Sequence("Exempelprojekt {}".format)
    name_en = factory.Sequence("Example project {}".format)
    owner = factory.SubFactory(OrganisationFactory, kind=OrganisationKind.OTHER, name="Nätverk Westum")
    call_year = 2024
    state = ProjectState.RUNNING


class DecisionFactory(Factory):
    """The period: from six months ago to eighteen months ahead."""

    class Meta:
        model = Decision

    project = factory.SubFactory(ProjectFactory)
    starts_on = factory.LazyFunction(lambda: day(-180))
    ends_on = factory.LazyFunction(lambda: day(540))


class AwardedLineFactory(Factory):
    class Meta:
        model = AwardedLine

    decision = factory.SubFactory(DecisionFactory)
    activity_type = factory.SubFactory(ActivityTypeFactory)
    places = 100


class BudgetCategoryFactory(Factory):
    class Meta:
        model = BudgetCategory
        django_get_or_create = ["key"]

    key = "travel"
    name_sv = factory.LazyAttribute(lambda self: {"travel": "Resebidrag"}.get(self.key, self.key))
    name_en = factory.LazyAttribute(lambda self: {"travel": "Travel"}.get(self.key, self.key))
    status = "verified"


class AwardedMoneyFactory(Factory):
    """A line of money, by default 10,000 € for travel in the whole project; `key` names another category."""

    class Meta:
        model = AwardedLine

    class Params:
        key = "travel"

    decision = factory.SubFactory(DecisionFactory)
    category = factory.LazyAttribute(lambda self: BudgetCategoryFactory(key=self.key))
    amount = 10_000


class MilestoneFactory(Factory):
    """Due in thirty days. `days=[7, 1]` plans reminders."""

    class Meta:
        model = Milestone

    project = factory.SubFactory(ProjectFactory)
    kind = "interim_report"
    name_sv = factory.Sequence("Lägesrapport {}".format)
    name_en = factory.Sequence("Interim report {}".format)
    due_on = factory.LazyFunction(lambda: day(30))

    @factory.post_generation
    def days(self, create, extracted, **kwargs):
        for number in extracted or []:
            self.reminders.create(days_before=number)


class GoalFactory(Factory):
    class Meta:
        model = Goal

    project = factory.SubFactory(ProjectFactory)
    kind = GoalKind.FOCUS_AREA
    code = factory.Sequence(lambda n: str(n % 100_000))
    title_sv = factory.Sequence("Fokusområde {}".format)
    title_en = factory.Sequence("Focus area {}".format)


class GoalRuleFactory(Factory):
    class Meta:
        model = GoalRule

    project = factory.SubFactory(ProjectFactory)
    min_focus_areas = 1


class ProjectMemberFactory(Factory):
    class Meta:
        model = ProjectMember

    project = factory.SubFactory(ProjectFactory)
    organisation = factory.SubFactory(OrganisationFactory)


class MemberPaperFactory(Factory):
    """A mandate in force, with its file."""

    class Meta:
        model = MemberPaper

    member = factory.SubFactory(ProjectMemberFactory)
    kind = MemberPaperKind.MANDATE
    signed_on = factory.LazyFunction(lambda: day(-50))
    signed_by = "Rut Rektor"
    file = factory.LazyFunction(lambda: files.keep(PDF, name="mandate.pdf", content_type="application/pdf"))


class NetworkMembershipFactory(Factory):
    class Meta:
        model = NetworkMembership

    organisation = factory.SubFactory(OrganisationFactory)
    joined_on = factory.LazyFunction(lambda: day(-400))


class AllocationFactory(Factory):
    """A share alone: the award's line is not touched. `share_out` counts in both."""

    class Meta:
        model = Allocation

    member = factory.SubFactory(ProjectMemberFactory)
    activity_type = factory.SubFactory(ActivityTypeFactory)
    places = 10


class ParticipantFactory(Factory):
    class Meta:
        model = Participant

    organisation = factory.SubFactory(OrganisationFactory)
    first_name = factory.Sequence("Noor{}".format)
    last_name = factory.Sequence("Provgren{}".format)
    email = factory.Sequence("noor{}@example.org".format)
    group = ParticipantGroup.LEARNER
    language = "en"


def running_project(*, members=(), places=10, **fields):
    """A project that takes registrations: decision, awards for learners and staff, goals, rule, and each member's shares."""
    project = ProjectFactory(**fields)
    decision = DecisionFactory(project=project)
    for staff in (False, True):
        AwardedLineFactory(decision=decision, activity_type=ActivityTypeFactory(staff=staff), places=1000)
    GoalFactory(project=project, kind=GoalKind.OVERARCHING, code="A", title_en="Broader views", title_sv="Vidare vyer")
    GoalFactory(project=project, code="1", position=1, title_en="Care", title_sv="Vård")
    GoalFactory(
        project=project, code="2", position=2, title_en="Guidance", title_sv="Vägledning", audience=GoalAudience.STAFF
    )
    GoalRuleFactory(project=project, min_focus_areas=1)
    for organisation in members:
        for staff in (False, True):
            share_out(
                project=project,
                organisation=organisation,
                activity_type=ActivityTypeFactory(staff=staff),
                places=places,
            )
    return project


def share_out(*, project, organisation, activity_type, places):
    """Set the member's share to that many places and count them in the awarded line. The member comes into being if needed."""
    member = ProjectMember.objects.filter(project=project, organisation=organisation).first()
    member = member or ProjectMemberFactory(project=project, organisation=organisation)
    share = Allocation.objects.filter(member=member, activity_type=activity_type).first()
    share = share or AllocationFactory(member=member, activity_type=activity_type, places=0)
    line = AwardedLine.objects.filter(decision__project=project, activity_type=activity_type, category=None).first()
    if line:
        line.places_shared += places - share.places
        line.places = max(line.places, line.places_shared)
        line.save()
    share.places = places
    share.save()
    return share


def made_up_rates(call_year=2024, sending_country="SE"):
    """A whole annex IV with amounts that no agency has set, for countries of one group each: PT 1, IE 2, CH third."""

    def cost(kind, amount, **case):
        return UnitCost.objects.create(kind=kind, call_year=call_year, amount_eur=amount, status="verified", **case)

    for category in Category:
        BudgetCategoryFactory(key=category, name_sv=category, name_en=category)
    for km_from, km_to, standard, green in [(100, 499, 100, 120), (500, 1999, 200, 240), (2000, None, 300, 330)]:
        cost(UnitCostKind.TRAVEL, standard, km_from=km_from, km_to=km_to, travel_mode="standard")
        cost(UnitCostKind.TRAVEL, green, km_from=km_from, km_to=km_to, travel_mode="green")
    for payee, amount in [("learner_short", 50), ("learner_long", 40), ("staff", 101), ("accompanying_person", 90)]:
        for group in "123":
            cost(
                UnitCostKind.DAY_RATE,
                amount - int(group),
                sending_country=sending_country,
                payee=payee,
                country_group=group,
            )
    for kind, amount in [
        (UnitCostKind.LINGUISTIC, 150),
        (UnitCostKind.LINGUISTIC_EXTRA, 160),
        (UnitCostKind.INCLUSION, 110),
        (UnitCostKind.PREPARATORY_VISIT, 570),
    ]:
        cost(kind, amount)
    cost(UnitCostKind.COURSE_FEES, 80, cap_eur=800)
    for code in ["LM-SHORT-VET", "SM-JOB-SHDW"]:
        cost(UnitCostKind.ORGANISATIONAL, 350, activity_code=code, first_participant=1, last_participant=100)
        cost(UnitCostKind.ORGANISATIONAL, 200, activity_code=code, first_participant=101)
    cost(UnitCostKind.ORGANISATIONAL, 500, activity_code="X-INTERNATIONAL", first_participant=1)
    for country, group in [("PT", "1"), ("IE", "2"), ("CH", "3")]:
        CountryGroup.objects.create(
            call_year=call_year, country_code=country, group=group, is_third_country=country == "CH", status="verified"
        )
    for audience in ["learner", "staff"]:
        for first, last, percent in [(1, 14, 100), (15, 365, 70)]:
            FundedDayTier.objects.create(
                call_year=call_year, audience=audience, day_from=first, day_to=last, percent=percent, status="verified"
            )
    for mode, most in [("standard", 2), ("green", 6)]:
        TravelDayLimit.objects.create(call_year=call_year, travel_mode=mode, most_days=most, status="verified")


# First and last day by state, from today.
DAYS = {
    MobilityState.ONGOING: (-5, 9),
    MobilityState.COMPLETED: (-24, -10),
    MobilityState.REPORTED: (-60, -46),
    MobilityState.CLOSED: (-90, -76),
}
AHEAD = (30, 44)


class MobilityFactory(Factory):
    """A mobility in any state, with what the state presupposes: place and counter, who and when, placement report.

    `MobilityFactory(state="submitted", has_place=False)` stands in the queue.
    """

    class Meta:
        model = Mobility

    state = MobilityState.DRAFT
    project = factory.LazyFunction(running_project)
    participant = factory.SubFactory(ParticipantFactory)
    sending_organisation = factory.SelfAttribute("participant.organisation")
    receiving_organisation = factory.SubFactory(OrganisationFactory, host=True)
    activity_type = factory.LazyAttribute(lambda self: ActivityTypeFactory(staff=not self.participant.is_learner))
    start_date = factory.LazyAttribute(lambda self: day(DAYS.get(self.state, AHEAD)[0]))
    end_date = factory.LazyAttribute(lambda self: day(DAYS.get(self.state, AHEAD)[1]))
    green_is_declared = factory.LazyAttribute(lambda self: self.travel_mode == TravelMode.GREEN)
    travel_mode = TravelMode.STANDARD
    has_place = factory.LazyAttribute(lambda self: self.state in [MobilityState.SUBMITTED, *ACCEPTED_OR_LATER])
    funder_state = factory.LazyAttribute(
        lambda self: FunderState.COMPLETE if self.state == MobilityState.CLOSED else FunderState.ABSENT
    )

    @classmethod
    def _create(cls, model_class, *args, **fields):
        state = fields["state"]
        cls._make_room(fields)
        by = fields.get("submitted_by") or fields.get("accepted_by")
        if state in [MobilityState.SUBMITTED, MobilityState.CANCELLED, *ACCEPTED_OR_LATER]:
            by = by or UserFactory()
            fields = {"submitted_at": timezone.now(), "submitted_by": by} | fields
        if state in [MobilityState.CANCELLED, *ACCEPTED_OR_LATER]:
            fields = {"accepted_at": timezone.now(), "accepted_by": by} | fields
        if fields["has_place"]:
            _count_place(fields["project"], fields["sending_organisation"], fields["activity_type"])
        return super()._create(model_class, *args, **fields)

    @staticmethod
    def _make_room(fields):
        """Further mobilities of one person, whose days nobody chose, begin a day earlier each."""
        usual = tuple(day(offset) for offset in DAYS.get(fields["state"], AHEAD))
        if (fields["start_date"], fields["end_date"]) == usual:
            while Mobility.objects.same_days_as(Mobility(**fields)).exists():
                fields["start_date"] -= timedelta(days=1)

    @factory.post_generation
    def goals(self, create, chosen, **options):
        """The focus areas given; without any the first one, as the rule of `running_project` wants."""
        if chosen is None:
            chosen = self.project.goals.focus_areas().open_to(is_learner=self.participant.is_learner)[:1]
        self.goals.set(chosen)

    @factory.post_generation
    def placement_report(self, create, state, **options):
        """`placement_report="submitted"` adds one in that state; reported and closed mobilities have one anyway."""
        if state is None and self.state in [MobilityState.REPORTED, MobilityState.CLOSED]:
            state = PlacementReportState.ACCEPTED
        if state:
            PlacementReportFactory(mobility=self, state=state)


def _count_place(project, organisation, activity_type):
    share = Allocation.objects.filter(
        member__project=project, member__organisation=organisation, activity_type=activity_type
    ).first()
    if share is None or share.is_full:
        share = share_out(
            project=project,
            organisation=organisation,
            activity_type=activity_type,
            places=share.places + 1 if share else 10,
        )
    share.places_taken += 1
    share.save()


class PlacementReportFactory(Factory):
    class Meta:
        model = PlacementReport

    mobility = factory.SubFactory(MobilityFactory, state=MobilityState.COMPLETED)
    state = PlacementReportState.SUBMITTED
    tasks = "I helped at breakfast."
    learned = "Some Portuguese."

    @classmethod
    def _create(cls, model_class, *args, **fields):
        mobility = fields["mobility"]
        if fields["state"] != PlacementReportState.STARTED:
            sender = mobility.participant.user or mobility.submitted_by
            fields = {"submitted_at": timezone.now(), "submitted_by": sender} | fields
            if not mobility.documents.exists():
                DocumentFactory(mobility=mobility, uploaded_by=sender)
        if fields["state"] in [PlacementReportState.ACCEPTED, PlacementReportState.RETURNED]:
            fields = {"reviewed_at": timezone.now(), "reviewed_by": mobility.accepted_by} | fields
        if fields["state"] == PlacementReportState.RETURNED:
            fields = {"comment": "Say more about your tasks."} | fields
        return super()._create(model_class, *args, **fields)


# The smallest whole PDF that we need: one empty page.
PDF = b"""%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 72 72]>>endobj
trailer<</Root 1 0 R/Size 4>>
%%EOF
"""


class DocumentFactory(Factory):
    class Meta:
        model = Document

    mobility = factory.SubFactory(MobilityFactory, state=MobilityState.COMPLETED)
    kind = DocumentKind.PLACEMENT_REPORT
    file = factory.LazyFunction(lambda: files.keep(PDF, name="report.pdf", content_type="application/pdf"))
    uploaded_by = factory.SubFactory(UserFactory)


class ReportFactory(Factory):
    """An ordered paper; with `done=True` one that is finished, with its file. Its data is of no project."""

    class Meta:
        model = Report

    class Params:
        done = factory.Trait(
            state=JobState.DONE,
            file=factory.LazyFunction(lambda: files.keep(PDF, name="paper.pdf", content_type="application/pdf")),
            file_hash=factory.LazyAttribute(lambda self: self.file.sha256),
            finished_at=factory.LazyFunction(timezone.now),
        )

    kind = ReportKind.PARTICIPANTS
    project = factory.LazyFunction(running_project)
    language = "en"
    as_of = factory.LazyFunction(lambda: day(0))
    snapshot = factory.LazyFunction(dict)
    snapshot_hash = "0" * 64
    template_version = 1
    code = factory.Sequence(lambda n: f"WST-TEST-{n:04d}")
    address = factory.LazyAttribute(lambda self: f"http://localhost:8000/verify/{self.code}/")
    requested_by = factory.SubFactory(UserFactory)


class GrantLineFactory(Factory):
    """An amount that is kept for a mobility: 300 euro of travel support, by a rate that nobody has set."""

    class Meta:
        model = GrantLine

    class Params:
        about = {"km_from": 2000, "km_to": None, "distance_km": 2356, "travel_mode": "standard"}
        step = factory.LazyAttribute(lambda self: Step(1, self.amount_eur, Rate(self.amount_eur), self.about))

    phase = GrantPhase.ACCEPTED
    category = factory.LazyFunction(lambda: BudgetCategoryFactory(key=Category.TRAVEL))
    amount_eur = Decimal(300)
    is_verified = True
    steps = factory.LazyAttribute(lambda self: grant_lines.to_json(KeptLine(Category.TRAVEL, (self.step,))))


class PartnershipPhaseFactory(Factory):
    class Meta:
        model = PartnershipPhase
        django_get_or_create = ["number"]

    number = 1
    name_sv = factory.LazyAttribute(lambda self: f"Fas {self.number}")
    name_en = factory.LazyAttribute(lambda self: f"Phase {self.number}")
    status = "verified"


class PartnershipStatementFactory(Factory):
    """Three to a phase, as the numbers run."""

    class Meta:
        model = PartnershipStatement
        django_get_or_create = ["number"]

    number = 1
    phase = factory.LazyAttribute(lambda self: PartnershipPhaseFactory(number=(self.number + 2) // 3))
    name_sv = factory.LazyAttribute(lambda self: f"Påstående {self.number}.")
    name_en = factory.LazyAttribute(lambda self: f"Statement {self.number}.")
    status = "inferred"


class PartnershipReviewFactory(Factory):
    """An open first round of today; `closed=True` was held and closed thirty days ago."""

    class Meta:
        model = PartnershipReview

    class Params:
        closed = factory.Trait(
            held_on=factory.LazyFunction(lambda: day(-30)),
            school_function="Vocational teacher",
            employer_function="Head of the unit",
            closed_at=factory.LazyFunction(lambda: timezone.now() - timedelta(days=30)),
            closed_by=factory.SubFactory(UserFactory),
        )

    organisation = factory.SubFactory(OrganisationFactory)
    partner = factory.SubFactory(OrganisationFactory, host=True)
    number = 1
    held_on = factory.LazyFunction(lambda: day(0))


class PartnershipRatingFactory(Factory):
    class Meta:
        model = PartnershipRating

    review = factory.SubFactory(PartnershipReviewFactory)
    statement = factory.SubFactory(PartnershipStatementFactory)
    side = "school"
    score = 3
