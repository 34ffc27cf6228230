from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from consortium.models import BudgetCategory
from mobilities.models.mobilities import Mobility
from mobilities.models.states import COMPLETED_OR_LATER, UNDER_WAY
from westum.base.history import History, KeptQuerySet


class GrantPhase(models.TextChoices):
    """As which a grant is kept; what a draft or a submitted mobility would be granted is worked out anew each time."""

    ACCEPTED = "accepted", _("as accepted")
    ACTUAL = "actual", _("by the real days")


class GrantLineQuerySet(KeptQuerySet):
    def visible_to(self, user):
        return self.filter(mobility__in=Mobility.objects.visible_to(user))

    def accepted(self):
        return self.filter(phase=GrantPhase.ACCEPTED)

    def actual(self):
        return self.filter(phase=GrantPhase.ACTUAL)

    def in_force(self):
        """What a budget counts: the accepted lines until the mobility is completed, then those by the real days.

        Where a completed one has none of these, its accepted lines stand for them. What is off counts nowhere.
        """
        settled = GrantLine.objects.filter(mobility=OuterRef("mobility"), phase=GrantPhase.ACTUAL)
        is_under_way = Q(mobility__state__in=UNDER_WAY)
        is_completed = Q(mobility__state__in=COMPLETED_OR_LATER)
        return self.filter(
            Q(is_completed, phase=GrantPhase.ACTUAL)
            | Q(is_under_way, phase=GrantPhase.ACCEPTED)
            | Q(is_completed, ~Exists(settled), phase=GrantPhase.ACCEPTED)
        )


class GrantLine(models.Model):
    """What a mobility is granted in one budget category, with the steps and the rates that it rests on.

    It keeps copies of the rates: a later change of their rows changes no line. `steps` is the JSON of
    `mobilities.grant_lines`; `amount_eur` is their sum.
    """

    mobility = models.ForeignKey(
        Mobility, verbose_name=_("mobility"), on_delete=models.PROTECT, related_name="grant_lines"
    )
    phase = models.CharField(_("as which it is kept"), max_length=10, choices=GrantPhase)
    category = models.ForeignKey(
        BudgetCategory, verbose_name=_("budget category"), to_field="key", on_delete=models.PROTECT, related_name="+"
    )
    amount_eur = models.DecimalField(_("amount, EUR"), max_digits=10, decimal_places=2)
    steps = models.JSONField(_("how it was worked out"))
    is_verified = models.BooleanField(_("rests on verified rates alone"), default=False)

    objects = GrantLineQuerySet.as_manager()
    history = History()

    class Meta:
        verbose_name = _("grant line")
        verbose_name_plural = _("grant lines")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                name="grant_line_is_once_in_its_category", fields=["mobility", "phase", "category"]
            ),
            models.CheckConstraint(name="grant_line_phase_is_known", condition=Q(phase__in=GrantPhase.values)),
            models.CheckConstraint(name="grant_line_is_not_negative", condition=Q(amount_eur__gte=0)),
        ]

    def __str__(self):
        return f"{self.category}, {self.get_phase_display()}"
