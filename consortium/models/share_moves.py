from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from consortium.models.members import ProjectMember
from consortium.models.reference import ActivityType
from consortium.permissions import Permission, ScopedQuerySet


class ShareMoveQuerySet(ScopedQuerySet):
    project = "giver__project"

    def visible_to(self, user):
        """A move is of both members: each one's contact person sees it."""
        members = ProjectMember.objects.permitting(user, Permission.PROJECT_VIEW).values("pk")
        return self.filter(Q(giver__in=members) | Q(receiver__in=members))

    def newest_first(self):
        return self.order_by("-moved_at", "-pk")

    def with_names(self):
        return self.select_related("giver__organisation", "receiver__organisation", "activity_type", "moved_by")


class ShareMove(models.Model):
    """Places that went from one member's share to another's. Written once, with the reason; nothing changes it."""

    giver = models.ForeignKey(
        ProjectMember, verbose_name=_("from"), on_delete=models.PROTECT, related_name="moves_given"
    )
    receiver = models.ForeignKey(
        ProjectMember, verbose_name=_("to"), on_delete=models.PROTECT, related_name="moves_received"
    )
    activity_type = models.ForeignKey(
        ActivityType, verbose_name=_("activity type"), on_delete=models.PROTECT, related_name="+"
    )
    places = models.PositiveIntegerField(_("places"))
    reason = models.CharField(_("reason"), max_length=300)
    moved_at = models.DateTimeField(_("moved at"), default=timezone.now, editable=False)
    moved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("moved by"),
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
    )

    objects = ShareMoveQuerySet.as_manager()

    class Meta:
        verbose_name = _("move of places")
        verbose_name_plural = _("moves of places")
        constraints = [
            models.CheckConstraint(
                name="share_move_is_of_a_place_or_more",
                condition=Q(places__gte=1),
                violation_error_message=_("Move one place or more."),
                violation_error_code="places",
            ),
            models.CheckConstraint(
                name="share_move_has_two_members",
                condition=~Q(giver=F("receiver")),
                violation_error_message=_("Choose another member than the one that gives."),
                violation_error_code="receiver",
            ),
        ]

    def __str__(self):
        return f"{self.giver} → {self.receiver}: {self.places}"
