"""What people of the consortium say of a host: who knows it, and whether a member would use it again."""

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Prefetch
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from consortium.models.memberships import Membership
from consortium.models.organisations import Organisation
from consortium.permissions import Permission, ScopedQuerySet
from westum.base.forms import Versioned
from westum.base.history import History, KeptQuerySet
from westum.base.text import swedish


class AcquaintanceQuerySet(KeptQuerySet):
    def of_today(self):
        """Of people who have access today, with their organisations: others can no longer be asked."""
        valid = Membership.objects.valid_today()
        rows = self.filter(Exists(valid.filter(user=OuterRef("user"), user__is_active=True)))
        memberships = valid.select_related("organisation").order_by("organisation_id", "pk")
        rows = rows.select_related("user").prefetch_related(Prefetch("user__memberships", memberships, "valid_roles"))
        return rows.order_by(swedish("user__name"), "pk")


class Acquaintance(models.Model):
    """Somebody of the consortium knows people at the host, and has said so to all members."""

    host = models.ForeignKey(
        Organisation, verbose_name=_("host"), on_delete=models.PROTECT, related_name="acquaintances"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("user"), on_delete=models.PROTECT, related_name="known_hosts"
    )
    since = models.DateTimeField(_("said at"), default=timezone.now, editable=False)

    objects = AcquaintanceQuerySet.as_manager()
    history = History()

    class Meta:
        verbose_name = _("acquaintance with a host")
        verbose_name_plural = _("acquaintances with hosts")
        constraints = [models.UniqueConstraint(name="acquaintance_is_said_once", fields=["host", "user"])]

    def __str__(self):
        return f"{self.user}, {self.host}"

    @property
    def organisations(self):
        return list(dict.fromkeys(role.organisation for role in self.user.valid_roles))


class HostVerdictQuerySet(ScopedQuerySet):
    def editable_by(self, user):
        return self.permitting(user, Permission.HOST_EDIT)

    def in_order(self):
        return self.select_related("organisation").order_by(swedish("organisation__name"), "pk")


class HostVerdict(Versioned):
    """Would the member use the host again? One answer a member, after a stay; all members read it."""

    host = models.ForeignKey(Organisation, verbose_name=_("host"), on_delete=models.PROTECT, related_name="verdicts")
    organisation = models.ForeignKey(
        Organisation, verbose_name=_("member"), on_delete=models.PROTECT, related_name="verdicts_given"
    )
    would_use_again = models.BooleanField(_("would use it again"))
    note = models.CharField(_("why"), max_length=500, blank=True)
    given_at = models.DateTimeField(_("given at"), default=timezone.now, editable=False)
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("given by"),
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
    )

    objects = HostVerdictQuerySet.as_manager()
    history = History()

    class Meta:
        verbose_name = _("verdict on a host")
        verbose_name_plural = _("verdicts on hosts")
        constraints = [
            models.UniqueConstraint(
                name="host_verdict_is_one_a_member",
                fields=["host", "organisation"],
                violation_error_message=_("This member has said so already. Open the page anew."),
                violation_error_code="would_use_again",
            )
        ]

    def __str__(self):
        return f"{self.organisation}, {self.host}"


class MergedHostQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        return self.filter(host__in=Organisation.objects.visible_to(user).hosts())


class MergedHost(models.Model):
    """Where the address of a host leads that was merged with another one. Its own row is gone, its history stays."""

    number = models.BigIntegerField(_("number in the old address"), primary_key=True)
    host = models.ForeignKey(
        Organisation, verbose_name=_("host that stays"), on_delete=models.PROTECT, related_name="merged_here"
    )

    objects = MergedHostQuerySet.as_manager()

    class Meta:
        verbose_name = _("host merged with another")
        verbose_name_plural = _("hosts merged with others")

    def __str__(self):
        return f"{self.number} → {self.host_id}"
