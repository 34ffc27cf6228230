from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from consortium.models.organisations import Organisation
from consortium.permissions import ScopedQuerySet
from westum.base.forms import Versioned
from westum.base.history import History


class NetworkMembershipQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        return self.filter(organisation__in=Organisation.objects.visible_to(user))

    def editable_by(self, user):
        return self.filter(organisation__in=Organisation.objects.editable_by(user))

    def of_today(self):
        today = timezone.localdate()
        return self.filter(
            Q(joined_on__isnull=True) | Q(joined_on__lte=today), Q(left_on__isnull=True) | Q(left_on__gte=today)
        )

    def newest_first(self):
        return self.order_by(F("joined_on").desc(nulls_last=True), "-pk")


class NetworkMembership(Versioned):
    """An organisation's time as member of the network, from its first to its last day there.

    A first day that nobody knows is empty. A membership without a last day goes on.
    """

    organisation = models.ForeignKey(
        Organisation, verbose_name=_("organisation"), on_delete=models.PROTECT, related_name="network_memberships"
    )
    joined_on = models.DateField(_("member since"), null=True, blank=True)
    left_on = models.DateField(_("member until"), null=True, blank=True)
    source_sv = models.CharField(_("source in Swedish"), max_length=200, blank=True)
    source_en = models.CharField(_("source in English"), max_length=200, blank=True)

    objects = NetworkMembershipQuerySet.as_manager()
    history = History()

    class Meta:
        verbose_name = _("membership of the network")
        verbose_name_plural = _("memberships of the network")
        constraints = [
            models.CheckConstraint(
                name="network_membership_ends_on_or_after_its_start",
                condition=Q(left_on__gte=F("joined_on")),
                violation_error_message=_("The last day cannot be before the first."),
                violation_error_code="left_on",
            ),
            models.UniqueConstraint(
                fields=["organisation"],
                condition=Q(left_on__isnull=True),
                name="network_membership_goes_on_once",
                violation_error_message=_(
                    "The organisation is a member already. Give that membership a last day first."
                ),
                violation_error_code="left_on",
            ),
            # Of two whose beginning nobody knows, nobody could say that they do not overlap.
            models.UniqueConstraint(
                fields=["organisation"],
                condition=Q(joined_on__isnull=True),
                name="network_membership_begins_unknown_once",
                violation_error_message=_(
                    "An earlier membership has no first day either. Give the first day of this one."
                ),
                violation_error_code="joined_on",
            ),
        ]

    def __str__(self):
        return f"{self.organisation}: {self.joined_on or ''} – {self.left_on or ''}"

    @property
    def source(self):
        return self.source_en if get_language() == "en" else self.source_sv

    @property
    def is_valid(self):
        today = timezone.localdate()
        return (self.joined_on is None or self.joined_on <= today) and (self.left_on is None or self.left_on >= today)
