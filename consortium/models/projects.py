from functools import cached_property

from django.db import models
from django.db.models import F, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from consortium.models.decisions import Decision
from consortium.models.organisations import Organisation
from consortium.models.reference import InTwoLanguages, SourceStatus
from consortium.permissions import Permission, ScopedQuerySet
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
