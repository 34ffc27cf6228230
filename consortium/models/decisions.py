from decimal import Decimal

from django.db import models
from django.db.models import F, OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _

from consortium.models.reference import ActivityType, Audience, BudgetCategory
from westum.base.files import StoredFile
from westum.base.forms import Versioned
from westum.base.history import History


class DecisionKind(models.TextChoices):
    AGREEMENT = "agreement", _("grant agreement")
    AMENDMENT = "amendment", _("amendment")


class Decision(Versioned):
    """What the funder decided. It carries the period and the awarded lines; the one with the highest number counts."""

    project = models.ForeignKey(
        "consortium.Project", verbose_name=_("project"), on_delete=models.PROTECT, related_name="decisions"
    )
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
