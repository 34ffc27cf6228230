from decimal import Decimal

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from consortium.models.decisions import Currency
from consortium.models.members import ProjectMember
from consortium.models.reference import ActivityType, BudgetCategory
from consortium.permissions import Permission, ScopedQuerySet
from westum.base.forms import Versioned
from westum.base.history import History


class BudgetShareQuerySet(ScopedQuerySet):
    owner = "member__organisation"
    project = "member__project"

    def visible_to(self, user):
        return self.permitting(user, Permission.PROJECT_VIEW)

    def editable_by(self, user):
        return self.permitting(user, Permission.SHARES_EDIT)


class BudgetShare(Versioned):
    """A member's share of the money of one budget category, for one activity type or for the project as a whole.

    It belongs to no decision: the line of the latest one with this category, activity type and currency counts it.
    """

    member = models.ForeignKey(
        ProjectMember, verbose_name=_("member"), on_delete=models.PROTECT, related_name="budget_shares"
    )
    category = models.ForeignKey(
        BudgetCategory, verbose_name=_("budget category"), on_delete=models.PROTECT, related_name="+"
    )
    activity_type = models.ForeignKey(
        ActivityType, verbose_name=_("activity type"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    currency = models.CharField(_("currency"), max_length=3, choices=Currency, default=Currency.EUR)
    amount = models.DecimalField(
        _("amount"),
        max_digits=12,
        decimal_places=2,
        default=Decimal("0.00"),
        validators=[MinValueValidator(Decimal(0), _("A share is zero or more. Write the amount without a minus."))],
    )

    objects = BudgetShareQuerySet.as_manager()
    history = History()

    class Meta:
        verbose_name = _("share of the budget")
        verbose_name_plural = _("shares of the budget")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["member", "category", "activity_type", "currency"], name="budget_share_is_unique"
            ),
            # SQLite cannot count empty values as equal.
            models.UniqueConstraint(
                fields=["member", "category", "currency"],
                condition=Q(activity_type__isnull=True),
                name="budget_share_of_the_project_is_unique",
            ),
            models.CheckConstraint(name="budget_share_currency_is_known", condition=Q(currency__in=Currency.values)),
            models.CheckConstraint(
                name="budget_share_is_not_negative",
                condition=Q(amount__gte=0),
                violation_error_message=_("A share is zero or more. Write the amount without a minus."),
                violation_error_code="amount",
            ),
        ]

    def __str__(self):
        return f"{self.member}, {self.category}"
