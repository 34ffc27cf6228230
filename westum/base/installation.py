"""What this database is: the one row that tells a demonstration with invented people from the real thing."""

from django.core.exceptions import ImproperlyConfigured
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Installation(models.Model):
    """One row, pk 1, written when an installation is first started."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    is_demo = models.BooleanField(_("is a demonstration"), default=False)
    started_on = models.DateField(_("started on"), default=timezone.localdate)

    class Meta:
        verbose_name = _("installation")
        verbose_name_plural = _("installations")
        constraints = [models.CheckConstraint(name="installation_is_one_row", condition=Q(id=1))]

    def __str__(self):
        return str(_("demonstration") if self.is_demo else _("installation"))


def is_demo():
    """True when this database was filled with invented people."""
    return Installation.objects.filter(is_demo=True).exists()


def refuse_demo():
    """Stop a production start on a demonstration's database."""
    if is_demo():
        raise ImproperlyConfigured(
            "This database was made by `manage.py demo` and holds invented people. Production needs a database of its own."
        )
