from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from consortium.models import Municipality, Organisation
from consortium.permissions import Permission, ScopedQuerySet
from westum.base.forms import Versioned
from westum.base.history import History
from westum.base.text import FoldedField, swedish


class ParticipantGroup(models.TextChoices):
    LEARNER = "learner", _("learner")
    STAFF = "staff", pgettext_lazy("group", "staff")
    SUPERVISOR = "supervisor", _("supervisor (counts as staff)")


class ParticipantQuerySet(ScopedQuerySet):
    project = "mobilities__project"

    def permitting(self, user, permission):
        """As everywhere, without a person twice who has several mobilities in a project."""
        return self.filter(pk__in=super().permitting(user, permission).values("pk"))

    def learners(self):
        return self.filter(group=ParticipantGroup.LEARNER)

    def staff(self):
        return self.exclude(group=ParticipantGroup.LEARNER)

    def in_order(self):
        return self.order_by(swedish("last_name"), swedish("first_name"), "pk")

    def visible_to(self, user):
        return self.permitting(user, Permission.PARTICIPANT_VIEW)

    def editable_by(self, user):
        return self.permitting(user, Permission.PARTICIPANT_EDIT)


class Participant(Versioned):
    """Somebody who travels. Belongs to one member; the log-in, if there is one, is the user's own and global."""

    organisation = models.ForeignKey(
        Organisation, verbose_name=_("sending organisation"), on_delete=models.PROTECT, related_name="participants"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("user"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="participants",
    )
    first_name = models.CharField(_("first name"), max_length=80)
    last_name = models.CharField(_("last name"), max_length=80)
    email = models.EmailField(_("e-mail address"), blank=True)
    phone = models.CharField(_("phone"), max_length=30, blank=True)
    group = models.CharField(_("group"), max_length=12, choices=ParticipantGroup)
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES, default=settings.LANGUAGE_CODE)
    home_municipality = models.ForeignKey(
        Municipality,
        verbose_name=_("home municipality"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    search = FoldedField("first_name", "last_name", "email")

    objects = ParticipantQuerySet.as_manager()
    history = History(excluded_fields=["search"])

    class Meta:
        verbose_name = _("participant")
        verbose_name_plural = _("participants")
        constraints = [
            models.CheckConstraint(name="participant_group_is_known", condition=Q(group__in=ParticipantGroup.values)),
            models.UniqueConstraint(
                "organisation",
                Lower("email"),
                condition=~Q(email=""),
                name="participant_is_once_in_a_member",
                violation_error_message=_("This person is already registered here. Choose the person in the list."),
                violation_error_code="email",
            ),
            models.CheckConstraint(
                name="participant_language_is_known",
                condition=Q(language__in=[code for code, _name in settings.LANGUAGES]),
            ),
        ]

    def __str__(self):
        return f"{self.first_name} {self.last_name}"

    def get_absolute_url(self):
        return reverse("mobilities:participant", args=[self.pk])

    @property
    def is_learner(self):
        return self.group == ParticipantGroup.LEARNER
