"""When beat and worker were last alive, for /health/."""

from datetime import timedelta

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

QUIET_FOR = timedelta(minutes=2)  # beat rings every 20 s; a worker may be in the middle of a long job


class HeartbeatKind(models.TextChoices):
    BEAT = "beat", _("beat")
    WORKER = "worker", _("worker")


class Heartbeat(models.Model):
    kind = models.CharField(_("kind"), max_length=10, choices=HeartbeatKind, primary_key=True)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("heartbeat")
        verbose_name_plural = _("heartbeats")
        constraints = [
            models.CheckConstraint(name="heartbeat_kind_is_known", condition=Q(kind__in=HeartbeatKind.values))
        ]

    def __str__(self):
        return f"{self.kind} {self.at:%Y-%m-%d %H:%M:%S}"


def touch(kind):
    Heartbeat.objects.update_or_create(kind=kind, defaults={"at": timezone.now()})


def is_alive(kind, *, within=QUIET_FOR):
    return Heartbeat.objects.filter(kind=kind, at__gte=timezone.now() - within).exists()
