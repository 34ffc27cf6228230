from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from consortium.models.municipalities import Municipality
from consortium.models.organisations import Organisation
from consortium.models.projects import Project
from consortium.models.reference import InTwoLanguages, SourceStatus
from westum.base.forms import Versioned
from westum.base.history import History, KeptQuerySet


class EsfPeriod(models.TextChoices):
    FROM_2007 = "2007-2013", "2007-2013"
    FROM_2014 = "2014-2020", "2014-2020"
    FROM_2021 = "2021-2027", "2021-2027"


class EsfCodeKind(models.TextChoices):
    PROGRAMME = "programme", _("programme CCI")
    PROGRAMME_AREA = "programme_area", _("programme area")
    OBJECTIVE = "objective", _("specific objective")
    INTERVENTION = "intervention", _("type of intervention")
    REGION = "region", _("region of the ESF Council")


class EsfCodeQuerySet(models.QuerySet):
    def listed(self, kind, period):
        """The codes that an operation of the period may carry; regions are the same in all."""
        return self.filter(Q(period=period) | Q(period=""), kind=kind)


class EsfCode(InTwoLanguages, models.Model):
    """A code of a list of operations with what it stands for, how sure that is, and where it was read."""

    kind = models.CharField(_("kind"), max_length=20, choices=EsfCodeKind)
    period = models.CharField(_("programme period"), max_length=9, choices=EsfPeriod, blank=True)
    code = models.CharField(_("code"), max_length=12)
    name_sv = models.CharField(_("name in Swedish"), max_length=200)
    name_en = models.CharField(_("name in English"), max_length=200)
    status = models.CharField(_("status of the source"), max_length=20, choices=SourceStatus)
    source = models.CharField(_("source"), max_length=200, blank=True)

    objects = EsfCodeQuerySet.as_manager()

    class Meta:
        verbose_name = _("ESF code")
        verbose_name_plural = _("ESF codes")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "period", "code"], name="esf_code_is_unique"),
            models.CheckConstraint(name="esf_code_kind_is_known", condition=Q(kind__in=EsfCodeKind.values)),
            models.CheckConstraint(name="esf_code_period_is_known", condition=Q(period__in=["", *EsfPeriod.values])),
            models.CheckConstraint(name="esf_code_status_is_known", condition=Q(status__in=SourceStatus.values)),
        ]

    def __str__(self):
        return f"{self.code} {self.name}"

    @property
    def is_nuts2(self):
        """Is this a region of NUTS 2, as SE23, and not the whole country, SE0?"""
        return self.kind == EsfCodeKind.REGION and len(self.code) == 4


class EsfPhase(models.TextChoices):
    PREPARATION = "preparation", _("preparation")
    IMPLEMENTATION = "implementation", _("implementation")
    MOBILISATION = "mobilisation", _("implementation with a phase of mobilisation")


def _code(kind, label):
    return models.ForeignKey(
        EsfCode,
        verbose_name=label,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        limit_choices_to={"kind": kind},
        related_name="+",
    )


class EsfOperation(Versioned):
    """What the public list of operations asks of an ESF project. Empty is what its record does not print.

    `union_rate` is the Union's part of the priority in per cent (Regulation (EU) 2021/1060, Art. 49(3)(k)), not what the
    project pays itself. Name, diary number and period are the project's own.
    """

    project = models.OneToOneField(
        Project, verbose_name=_("project"), on_delete=models.PROTECT, related_name="esf_operation"
    )
    period = models.CharField(_("programme period"), max_length=9, choices=EsfPeriod)
    country = models.CharField(_("country concerned"), max_length=2, blank=True)
    fund = models.CharField(_("fund concerned"), max_length=12, blank=True)
    programme_cci = models.CharField(_("programme CCI"), max_length=20, blank=True)
    owner_number = models.CharField(_("organisation number of the owner, as printed"), max_length=20, blank=True)
    owner_name = models.CharField(_("owner, as printed"), max_length=160, blank=True)
    owner_postal_code = models.CharField(_("postal code of the recipient"), max_length=12, blank=True)
    owner_city = models.CharField(_("town of the recipient, as printed"), max_length=80, blank=True)
    phase = models.CharField(_("phase"), max_length=20, choices=EsfPhase, blank=True)
    union_rate = models.DecimalField(
        _("the Union's rate, per cent"), max_digits=5, decimal_places=2, null=True, blank=True
    )
    programme_area = _code(EsfCodeKind.PROGRAMME_AREA, _("programme area"))
    specific_objective = _code(EsfCodeKind.OBJECTIVE, _("specific objective"))
    intervention_type = _code(EsfCodeKind.INTERVENTION, _("type of intervention"))
    region = _code(EsfCodeKind.REGION, _("region"))
    nuts2 = models.CharField(_("NUTS 2 code"), max_length=4, blank=True)
    fights_child_poverty = models.BooleanField(_("secondary theme: fighting child poverty"), null=True, blank=True)
    is_strategic = models.BooleanField(_("operation of strategic importance"), null=True, blank=True)
    participants_planned = models.PositiveIntegerField(_("number of participants, planned"), null=True, blank=True)
    granted_support_sek = models.DecimalField(
        _("granted ESF support, SEK"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    total_cost_sek = models.DecimalField(
        _("total budget of the project, SEK"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    municipalities = models.ManyToManyField(
        Municipality, verbose_name=_("municipalities"), blank=True, related_name="esf_operations"
    )
    municipalities_stated = models.PositiveSmallIntegerField(
        _("number of municipalities that the text states"), null=True, blank=True
    )

    objects = KeptQuerySet.as_manager()
    history = History()

    class Meta:
        verbose_name = _("ESF operation")
        verbose_name_plural = _("ESF operations")
        constraints = [
            models.CheckConstraint(name="esf_operation_period_is_known", condition=Q(period__in=EsfPeriod.values)),
            models.CheckConstraint(name="esf_operation_phase_is_known", condition=Q(phase__in=["", *EsfPhase.values])),
            models.CheckConstraint(
                name="esf_operation_rate_is_a_part",
                condition=Q(union_rate__isnull=True) | Q(union_rate__gte=0, union_rate__lte=100),
                violation_error_message=_("The Union's rate is a percentage from 0 to 100."),
                violation_error_code="union_rate",
            ),
            models.CheckConstraint(
                name="esf_operation_support_is_not_negative",
                condition=Q(granted_support_sek__isnull=True) | Q(granted_support_sek__gte=Decimal(0)),
                violation_error_message=_("An amount is zero or more. Write it without a minus."),
                violation_error_code="granted_support_sek",
            ),
            models.CheckConstraint(
                name="esf_operation_cost_is_not_negative",
                condition=Q(total_cost_sek__isnull=True) | Q(total_cost_sek__gte=Decimal(0)),
                violation_error_message=_("An amount is zero or more. Write it without a minus."),
                violation_error_code="total_cost_sek",
            ),
            models.CheckConstraint(
                name="esf_operation_support_is_part_of_the_cost",
                condition=Q(granted_support_sek__lte=F("total_cost_sek")),
                violation_error_message=_(
                    "The support is a part of the total budget, or all of it. It cannot be more."
                ),
                violation_error_code="granted_support_sek",
            ),
        ]

    def __str__(self):
        return str(self.project)


class PlannedActivityKind(models.TextChoices):
    LECTURE = "lecture", _("lectures")
    COURSE = "course", _("short courses")
    WORKSHOP = "workshop", _("workshops")
    EXAMPLES = "examples", _("learning from the good examples of others")


class PlannedActivity(models.Model):
    """A kind of activity that an operation plans, and at which levels."""

    operation = models.ForeignKey(EsfOperation, on_delete=models.CASCADE, related_name="planned_activities")
    position = models.PositiveSmallIntegerField(default=0)
    kind = models.CharField(_("kind"), max_length=12, choices=PlannedActivityKind)
    is_local = models.BooleanField(_("local"), default=False)
    is_regional = models.BooleanField(_("regional"), default=False)
    is_international = models.BooleanField(_("international"), default=False)

    class Meta:
        verbose_name = _("planned kind of activity")
        verbose_name_plural = _("planned kinds of activity")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["operation", "kind"], name="planned_activity_is_there_once"),
            models.CheckConstraint(
                name="planned_activity_kind_is_known", condition=Q(kind__in=PlannedActivityKind.values)
            ),
        ]

    def __str__(self):
        return self.get_kind_display()

    @property
    def levels(self):
        """Words of the levels that the paper gives; empty when it gives none."""
        fields = [self._meta.get_field(name) for name in ("is_local", "is_regional", "is_international")]
        return [field.verbose_name for field in fields if getattr(self, field.attname)]


class PrintedPartner(models.Model):
    """A line of the partner list that a record prints: in its order, with its repetitions, and no member of anything.

    `organisation` says who is meant, where that is known.
    """

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="printed_partners")
    position = models.PositiveSmallIntegerField(_("position"))
    printed = models.CharField(_("as printed"), max_length=200)
    organisation = models.ForeignKey(
        Organisation, verbose_name=_("organisation"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("partner as printed")
        verbose_name_plural = _("partners as printed")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["project", "position"], name="printed_partner_position_is_unique"),
        ]

    def __str__(self):
        return self.printed
