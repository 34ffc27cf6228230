from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from consortium.permissions import Permission, ScopedQuerySet
from mobilities.models.mobilities import Mobility
from westum.base.files import StoredFile
from westum.base.history import History


class DocumentKind(models.TextChoices):
    PLACEMENT_REPORT = "placement_report", _("placement report")
    LEARNING_AGREEMENT = "learning_agreement", _("learning agreement")
    ATTENDANCE = "attendance", _("certificate of attendance")


class DocumentState(models.TextChoices):
    UPLOADED = "uploaded", _("uploaded")
    REPLACED = "replaced", _("replaced")


class DocumentQuerySet(ScopedQuerySet):
    owner = "mobility__sending_organisation"
    project = "mobility__project"

    def visible_to(self, user):
        return self.permitting(user, Permission.MOBILITY_VIEW) | self.filter(mobility__participant__user=user)

    def current(self):
        return self.filter(state=DocumentState.UPLOADED)


class Document(models.Model):
    """A version of a paper of a mobility, with its file. Versions are never overwritten: the last one counts."""

    mobility = models.ForeignKey(
        Mobility, verbose_name=_("mobility"), on_delete=models.PROTECT, related_name="documents"
    )
    kind = models.CharField(_("kind"), max_length=20, choices=DocumentKind)
    version = models.PositiveSmallIntegerField(_("version"), default=1, editable=False)
    state = models.CharField(
        _("state"), max_length=12, choices=DocumentState, default=DocumentState.UPLOADED, editable=False
    )
    file = models.ForeignKey(StoredFile, verbose_name=_("file"), on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(_("uploaded at"), default=timezone.now, editable=False)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, editable=False, related_name="+"
    )

    objects = DocumentQuerySet.as_manager()
    history = History()

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        ordering = ["kind", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["mobility", "kind", "version"], name="document_version_is_unique"),
            models.CheckConstraint(name="document_kind_is_known", condition=Q(kind__in=DocumentKind.values)),
            models.CheckConstraint(name="document_state_is_known", condition=Q(state__in=DocumentState.values)),
        ]

    def __str__(self):
        return f"{self.get_kind_display()} {self.version}"

    def get_absolute_url(self):
        return reverse("mobilities:document", args=[self.pk])
