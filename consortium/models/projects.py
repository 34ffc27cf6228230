from decimal import Decimal
from functools import cached_property

from django.db import models
from django.db.models import F, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from consortium.models.organisations import Organisation
from consortium.models.reference import ActivityType, Audience, BudgetCategory, InTwoLanguages, SourceStatus
from consortium.permissions import Permission, ScopedQuerySet
from westum.base.files import StoredFile
from westum.base.forms import Versioned
from westum.base.history import History, KeptQuerySet


class Programme(models.TextChoices):
    KA102 = "KA102", _("Erasmus+ KA1, vocational education (KA102)")
    KA116 = "KA116", _("Erasmus+ KA1, VET Mobility Charter (KA116)")
    KA120_VET = "KA120-VET", _("Erasmus+ accreditation (KA120-VET)")
    KA121_VET = "KA121-VET", _("Erasmus+ accredited project (KA121-VET)")
    KA122_VET = "KA122-VET", _("Erasmus+ short-term project (KA122-VET)")
    ESF = "ESF", _("European Social Fund (ESF)")
    ESF_PLUS = "ESF+", _("European Social Fund Plus (ESF+)")


# An accreditation has no funds for mobilities: its yearly projects have.
FUNDED = [Programme.KA102, Programme.KA116, Programme.KA121_VET, Programme.KA122_VET]
ERASMUS = [Programme.KA102, Programme.KA116, Programme.KA120_VET, Programme.KA121_VET, Programme.KA122_VET]


FIRST_CALL, LAST_CALL = 1995, 2100


class ProjectState(models.TextChoices):
    PLANNED = "planned", _("planned")
    RUNNING = "running", _("running")
    REPORTING = "reporting", _("reporting")
    ENDED = "ended", _("ended")


class ProjectQuerySet(ScopedQuerySet):
    owner = "members__organisation"
    project = "pk"

    def permitting(self, user, permission):
        """As everywhere, without a project twice when an organisation is found in it twice."""
        return self.filter(pk__in=super().permitting(user, permission).values("pk"))

    def visible_to(self, user):
        return self.permitting(user, Permission.PROJECT_VIEW)

    def editable_by(self, user):
        return self.permitting(user, Permission.SHARES_EDIT)

    def administered_by(self, user):
        """Projects of which the user edits facts, texts, goals and members, and decides the state."""
        return self.permitting(user, Permission.PROJECT_EDIT).own()

    def reporting(self, user):
        """Projects of which the user may order reports."""
        return self.permitting(user, Permission.REPORT_ORDER).own()

    def own(self):
        """The consortium's own projects: reference records of other owners are in no total, counter or list."""
        return self.filter(is_reference_record=False)

    def public(self):
        """A project has a public page from its start, the records of other owners' projects always."""
        return self.exclude(state=ProjectState.PLANNED, is_reference_record=False)

    def registering(self):
        """Projects in which mobilities can be registered now."""
        return self.own().filter(state=ProjectState.RUNNING, programme__in=FUNDED)

    def with_period(self):
        latest = Decision.objects.filter(project=OuterRef("pk")).order_by("-number")
        return self.annotate(
            starts_on=Subquery(latest.values("starts_on")[:1]), ends_on=Subquery(latest.values("ends_on")[:1])
        )

    def newest_first(self):
        return self.with_period().order_by(F("starts_on").desc(nulls_last=True), "slug")


class OfProjectQuerySet(KeptQuerySet):
    """Rows that belong to a project and to no member of it: who may see or edit them is asked of the project."""

    def visible_to(self, user):
        return self.filter(project__in=Project.objects.visible_to(user))

    def editable_by(self, user):
        return self.filter(project__in=Project.objects.administered_by(user))


class Project(InTwoLanguages, Versioned):  # noqa: DJ008 (its words come from InTwoLanguages)
    """A project of the consortium, or the record of another owner's that is kept for reference."""

    slug = models.SlugField(
        _("short name in addresses"),
        max_length=60,
        unique=True,
        error_messages={"unique": _("Another project has this address. Write another short name.")},
    )
    programme = models.CharField(_("programme"), max_length=12, choices=Programme)
    reference = models.CharField(_("reference"), max_length=40, null=True, blank=True)
    name_sv = models.CharField(_("name in Swedish"), max_length=160)
    name_en = models.CharField(_("name in English"), max_length=160)
    owner = models.ForeignKey(
        Organisation, verbose_name=_("owner"), on_delete=models.PROTECT, related_name="owned_projects"
    )
    call_year = models.PositiveSmallIntegerField(_("call year"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=12, choices=ProjectState, default=ProjectState.PLANNED)
    is_reference_record = models.BooleanField(_("another owner's project"), default=False)
    members_stated = models.PositiveSmallIntegerField(
        _("number of members that the paper states"), null=True, blank=True
    )
    goals_stated = models.PositiveSmallIntegerField(_("number of goals that the paper states"), null=True, blank=True)
    programme_status = models.CharField(
        _("status of the programme"), max_length=20, choices=SourceStatus, default=SourceStatus.VERIFIED
    )
    call_year_status = models.CharField(
        _("status of the call year"), max_length=20, choices=SourceStatus, default=SourceStatus.VERIFIED
    )

    # Each agency sets the day rates of those whom its own country sends. Another one's are examples.
    rates_of = models.CharField(_("whose rates"), max_length=2, default="SE")
    organisational_percent = models.PositiveSmallIntegerField(
        _("what the coordinator keeps of the organisational support, per cent"), null=True, blank=True
    )
    accreditation = models.ForeignKey(
        "self",
        verbose_name=_("accreditation"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="yearly_projects",
    )
    ended_on = models.DateField(_("closed on"), null=True, blank=True, editable=False)

    objects = ProjectQuerySet.as_manager()
    history = History()

    class Meta:
        verbose_name = _("project")
        verbose_name_plural = _("projects")
        constraints = [
            models.CheckConstraint(name="project_programme_is_known", condition=Q(programme__in=Programme.values)),
            models.CheckConstraint(name="project_state_is_known", condition=Q(state__in=ProjectState.values)),
            models.CheckConstraint(
                name="project_sources_are_known",
                condition=Q(programme_status__in=SourceStatus.values, call_year_status__in=SourceStatus.values),
            ),
            models.UniqueConstraint(
                fields=["reference"],
                name="project_reference_is_unique",
                violation_error_message=_("Another project has this reference."),
                violation_error_code="reference",
            ),
            models.CheckConstraint(
                name="project_call_year_is_a_year",
                condition=Q(call_year__isnull=True) | Q(call_year__range=(FIRST_CALL, LAST_CALL)),
                violation_error_message=_("Write the call year with four digits, from 1995 to 2100."),
                violation_error_code="call_year",
            ),
            models.CheckConstraint(
                name="project_of_an_accreditation_is_a_yearly_one",
                condition=Q(accreditation__isnull=True) | Q(programme=Programme.KA121_VET),
                violation_error_message=_("Only a project of KA121-VET belongs to an accreditation. Choose none."),
                violation_error_code="accreditation",
            ),
            models.CheckConstraint(
                name="project_that_goes_on_was_not_closed",
                condition=Q(ended_on__isnull=True) | Q(state=ProjectState.ENDED),
            ),
            models.CheckConstraint(
                name="project_rates_are_of_a_country",
                condition=Q(rates_of__regex=r"^[A-Z]{2}$"),
                violation_error_message=_("Choose a country."),
                violation_error_code="rates_of",
            ),
            models.CheckConstraint(
                name="project_keeps_at_most_the_whole",
                condition=Q(organisational_percent__isnull=True) | Q(organisational_percent__lte=100),
                violation_error_message=_("Write a share from 0 to 100 per cent."),
                violation_error_code="organisational_percent",
            ),
            # The address below the desk at which a project is made.
            models.CheckConstraint(
                name="project_slug_is_no_page",
                condition=~Q(slug="new"),
                violation_error_message=_("This address is taken. Write another short name."),
                violation_error_code="slug",
            ),
        ]

    def get_absolute_url(self):
        return reverse("reporting:project", args=[self.slug])

    @property
    def is_erasmus(self):
        return self.programme in ERASMUS

    @property
    def has_example_rates(self):
        """Its grants are worked out by the day rates of another country than its owner's: they are examples."""
        return self.rates_of != self.owner.country

    @property
    def takes_registrations(self):
        return self.state == ProjectState.RUNNING and self.programme in FUNDED and not self.is_reference_record

    @property
    def is_open(self):
        """Can anything in it still be changed?"""
        return self.state != ProjectState.ENDED and not self.is_reference_record

    @cached_property
    def decision(self):
        """The latest decision, which counts; the earlier stay. None when a project has none."""
        return self.decisions.order_by("-number").first()

    @property
    def period(self):
        """First and last day by the latest decision, from `with_period` when it was asked for."""
        if "starts_on" in self.__dict__:
            return self.starts_on, self.ends_on
        return (self.decision.starts_on, self.decision.ends_on) if self.decision else (None, None)


class DecisionKind(models.TextChoices):
    AGREEMENT = "agreement", _("grant agreement")
    AMENDMENT = "amendment", _("amendment")


class Decision(Versioned):
    """What the funder decided. It carries the period and the awarded lines; the one with the highest number counts."""

    project = models.ForeignKey(Project, verbose_name=_("project"), on_delete=models.PROTECT, related_name="decisions")
    number = models.PositiveSmallIntegerField(_("number"), default=1)
    kind = models.CharField(_("kind"), max_length=12, choices=DecisionKind, default=DecisionKind.AGREEMENT)
    decided_on = models.DateField(_("decided on"), null=True, blank=True)
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"), null=True, blank=True)
    file = models.ForeignKey(
        StoredFile, verbose_name=_("file"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    history = History()

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="decision_number_is_unique"),
            models.CheckConstraint(name="decision_kind_is_known", condition=Q(kind__in=DecisionKind.values)),
            # A paper may print an extended period and leave out the end that came before it.
            models.CheckConstraint(
                name="decision_has_an_end_unless_it_is_the_first",
                condition=Q(ends_on__isnull=False) | Q(number=1),
                violation_error_message=_("Give the last day."),
                violation_error_code="ends_on",
            ),
            models.CheckConstraint(
                name="decision_ends_after_its_start",
                condition=Q(ends_on__gt=F("starts_on")),
                violation_error_message=_("The last day must be after the first."),
                violation_error_code="ends_on",
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()} {self.number}"


class Currency(models.TextChoices):
    EUR = "EUR", "EUR"
    SEK = "SEK", "SEK"


class AwardedLineQuerySet(models.QuerySet):
    def in_force(self):
        """Of each project's latest decision, which counts."""
        latest = Decision.objects.filter(project=OuterRef("decision__project")).order_by("-number")
        return self.filter(decision=Subquery(latest.values("pk")[:1]))

    def of_places(self):
        """What grants places to learners and staff who travel: no days, amounts, or guests."""
        return self.filter(
            places__isnull=False,
            category__isnull=True,
            activity_type__audience__in=[Audience.LEARNER, Audience.STAFF],
        )


class AwardedLine(models.Model):
    """Places, days or an amount that a decision awards for an activity type and a budget category.

    `places_shared` and `amount_shared` count what the members' allocations and budget shares take of the line; they are
    written under the line's lock.
    """

    decision = models.ForeignKey(Decision, verbose_name=_("decision"), on_delete=models.PROTECT, related_name="lines")
    activity_type = models.ForeignKey(
        ActivityType, verbose_name=_("activity type"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    category = models.ForeignKey(
        BudgetCategory,
        verbose_name=_("budget category"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    places = models.PositiveIntegerField(_("places"), null=True, blank=True)
    days = models.PositiveIntegerField(_("days"), null=True, blank=True)
    amount = models.DecimalField(_("amount"), max_digits=12, decimal_places=2, null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, choices=Currency, default=Currency.EUR)
    places_shared = models.PositiveIntegerField(_("places shared out"), default=0, editable=False)
    amount_shared = models.DecimalField(
        _("amount shared out"), max_digits=12, decimal_places=2, default=Decimal("0.00"), editable=False
    )

    objects = AwardedLineQuerySet.as_manager()
    history = History()

    class Meta:
        verbose_name = _("awarded line")
        verbose_name_plural = _("awarded lines")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["decision", "activity_type", "category"], name="awarded_line_is_unique"),
            # Places of an activity type have no category; SQLite cannot count empty values as equal.
            models.UniqueConstraint(
                fields=["decision", "activity_type"],
                condition=Q(category__isnull=True),
                name="awarded_line_of_places_is_unique",
            ),
            models.UniqueConstraint(
                fields=["decision", "category"],
                condition=Q(activity_type__isnull=True),
                name="awarded_line_of_the_project_is_unique",
            ),
            models.CheckConstraint(name="awarded_line_currency_is_known", condition=Q(currency__in=Currency.values)),
            models.CheckConstraint(
                name="awarded_line_amount_is_not_negative", condition=Q(amount__isnull=True) | Q(amount__gte=0)
            ),
            models.CheckConstraint(
                name="awarded_line_shares_at_most_its_places",
                condition=Q(places__isnull=True, places_shared=0)
                | Q(places__isnull=False, places_shared__lte=F("places")),
                violation_error_message=_("More places would be shared out than were awarded."),
                violation_error_code="places",
            ),
            models.CheckConstraint(
                name="awarded_line_shares_at_most_its_amount",
                condition=Q(amount__isnull=True, amount_shared=0)
                | Q(amount__isnull=False, amount_shared__gte=0, amount_shared__lte=F("amount")),
                violation_error_message=_("More money would be shared out than was awarded."),
                violation_error_code="amount",
            ),
            models.CheckConstraint(
                name="awarded_line_says_something",
                condition=Q(places__isnull=False) | Q(days__isnull=False) | Q(amount__isnull=False),
            ),
        ]

    def __str__(self):
        return f"{self.activity_type or self.category}"

    @property
    def places_left(self):
        return self.places - self.places_shared

    @property
    def amount_left(self):
        return self.amount - self.amount_shared
