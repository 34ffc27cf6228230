from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from consortium.models.members import ProjectMember
from consortium.permissions import Permission, ScopedQuerySet
from westum.base.files import StoredFile
from westum.base.history import History


class MemberPaperKind(models.TextChoices):
    MANDATE = "mandate", _("mandate")
    AGREEMENT = "agreement", _("agreement")


class MemberPaperQuerySet(ScopedQuerySet):
    owner = "member__organisation"
    project = "member__project"

    def visible_to(self, user):
        return self.permitting(user, Permission.PROJECT_VIEW)

    def editable_by(self, user):
        return self.permitting(user, Permission.PROJECT_EDIT)

    def in_force(self):
        return self.filter(ended_on__isnull=True)


class MemberPaper(models.Model):
    """A member's mandate to the coordinator, or its agreement with it, in one project.

    At most one of a kind is in force. What a newer one replaces, or what ends, keeps its row and its file.
    """

    member = models.ForeignKey(ProjectMember, verbose_name=_("member"), on_delete=models.PROTECT, related_name="papers")
    kind = models.CharField(_("kind"), max_length=12, choices=MemberPaperKind)
    signed_on = models.DateField(_("signed on"))
    signed_by = models.CharField(_("signed by"), max_length=120)
    file = models.ForeignKey(
        StoredFile, verbose_name=_("file"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    ended_on = models.DateField(_("in force until"), null=True, blank=True)
    added_at = models.DateTimeField(_("added at"), default=timezone.now, editable=False)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("added by"),
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
    )

    objects = MemberPaperQuerySet.as_manager()
    history = History()

    class Meta:
        verbose_name = _("paper of a member")
        verbose_name_plural = _("papers of members")
        ordering = ["-signed_on", "-pk"]
        constraints = [
            models.CheckConstraint(name="member_paper_kind_is_known", condition=Q(kind__in=MemberPaperKind.values)),
            models.UniqueConstraint(
                fields=["member", "kind"],
                condition=Q(ended_on__isnull=True),
                name="member_paper_is_in_force_once",
                violation_error_message=_("A paper of this kind is in force already."),
                violation_error_code="kind",
            ),
            models.CheckConstraint(
                name="member_paper_ends_on_or_after_its_start",
                condition=Q(ended_on__gte=F("signed_on")),
                violation_error_message=_("A paper cannot end before it was signed."),
                violation_error_code="ended_on",
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()}, {self.member}"

    def get_absolute_url(self):
        return reverse("consortium:member_paper", args=[self.member.project.slug, self.member_id, self.pk])
