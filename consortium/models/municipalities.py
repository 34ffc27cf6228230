from django.db import models
from django.utils.translation import gettext_lazy as _

from westum.base.text import swedish


class MunicipalityQuerySet(models.QuerySet):
    def in_order(self):
        return self.order_by(swedish("name"))


class Municipality(models.Model):
    """One of Sweden's 290 municipalities, with the four-digit code of Statistics Sweden (SCB)."""

    code = models.CharField(_("code"), max_length=4, primary_key=True)
    name = models.CharField(_("name"), max_length=60)
    county_code = models.CharField(_("county code"), max_length=2)
    county_name = models.CharField(_("county"), max_length=60)

    objects = MunicipalityQuerySet.as_manager()

    class Meta:
        verbose_name = _("municipality")
        verbose_name_plural = _("municipalities")
        constraints = [
            models.CheckConstraint(
                name="municipality_code_has_four_digits", condition=models.Q(code__regex=r"^[0-9]{4}$")
            ),
            models.CheckConstraint(
                name="municipality_code_starts_with_its_county",
                condition=models.Q(code__startswith=models.F("county_code")),
            ),
        ]

    def __str__(self):
        return self.name
