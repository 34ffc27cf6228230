from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from consortium.models import Project
from consortium.permissions import Permission, ScopedQuerySet
from westum.base.files import StoredFile
from westum.base.history import History
from westum.base.jobs import JobState, LedgerQuerySet, LedgerRow


class ReportKind(models.TextChoices):
    PARTICIPANTS = "participants", _("Participant count")


class ReportQuerySet(LedgerQuerySet, ScopedQuerySet):
    """Reports cover a whole project, so a right in one member opens none of them."""

    owner = "project__owner"
    project = "project"

    def visible_to(self, user):
        return self.permitting(user, Permission.REPORT_VIEW)

    def orderable_by(self, user):
        return self.permitting(user, Permission.REPORT_ORDER)

    def ready(self):
        return self.filter(state=JobState.DONE)


class Report(LedgerRow):
    """A paper that was ordered: the data that it was made from, its file, and the code that leads back to it.

    `code` is made from kind, snapshot, language and template version, so equal data of a day is one report.
    """

    kind = models.CharField(_("kind"), max_length=20, choices=ReportKind)
    project = models.ForeignKey(Project, verbose_name=_("project"), on_delete=models.PROTECT, related_name="reports")
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("ordered by"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    as_of = models.DateField(_("as of"), null=True, blank=True)
    snapshot = models.JSONField(_("data"), null=True, blank=True)
    snapshot_hash = models.CharField(max_length=64, blank=True)
    template_version = models.PositiveSmallIntegerField(default=0)
    code = models.CharField(_("code"), max_length=20, null=True, blank=True, unique=True)
    file = models.ForeignKey(
        StoredFile, verbose_name=_("file"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    file_hash = models.CharField(max_length=64, blank=True)

    objects = ReportQuerySet.as_manager()
    history = History(excluded_fields=["snapshot", "done", "total", "stage", "claim", "claimed_until", "attempts"])

    class Meta(LedgerRow.Meta):
        abstract = False
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        constraints = [
            *LedgerRow.Meta.constraints,
            models.CheckConstraint(name="report_kind_is_known", condition=Q(kind__in=ReportKind.values)),
            models.UniqueConstraint(
                fields=["kind", "project", "language"],
                condition=Q(state__in=[JobState.QUEUED, JobState.RUNNING]),
                name="report_waits_once",
            ),
            models.CheckConstraint(
                name="report_done_has_its_file",
                condition=~Q(state=JobState.DONE) | Q(file__isnull=False, code__isnull=False, snapshot__isnull=False),
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()}, {self.project}"

    def get_absolute_url(self):
        return reverse("reporting:report", args=[self.pk])
