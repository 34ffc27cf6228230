"""What the members wish for in a project that is being applied for, and the copy of it that was sent."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from consortium.models.members import ProjectMember
from consortium.models.projects import Project
from consortium.models.reference import ActivityType
from consortium.permissions import Permission, ScopedQuerySet
from westum.base.forms import Versioned
from westum.base.history import History


class AnswerState(models.TextChoices):
    OPEN = "open", _("no answer yet")
    ANSWERED = "answered", _("answered")
    DECLINED = "declined", _("not this year")


class OfMemberQuerySet(ScopedQuerySet):
    owner = "member__organisation"
    project = "member__project"

    def visible_to(self, user):
        return self.permitting(user, Permission.PROJECT_VIEW)

    def editable_by(self, user):
        return self.permitting(user, Permission.WISH_EDIT)


class WishAnswerQuerySet(OfMemberQuerySet):
    def silent(self):
        """Asked, and no answer yet."""
        return self.filter(state=AnswerState.OPEN, asked_at__isnull=False)


class WishAnswer(Versioned):
    """Whether a member has said what it wishes for; each member of a planned project has at most one."""

    member = models.OneToOneField(
        ProjectMember, verbose_name=_("member"), on_delete=models.PROTECT, related_name="wish_answer"
    )
    state = models.CharField(_("state"), max_length=10, choices=AnswerState, default=AnswerState.OPEN)
    asked_at = models.DateTimeField(_("asked at"), null=True, blank=True, editable=False)
    answer_by = models.DateField(_("answer by"), null=True, blank=True)
    reminded_at = models.DateTimeField(_("reminded at"), null=True, blank=True, editable=False)
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True, editable=False)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("answered by"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    note = models.CharField(_("anything else"), max_length=300, blank=True)

    objects = WishAnswerQuerySet.as_manager()
    history = History()

    class Meta:
        verbose_name = _("answer about wishes")
        verbose_name_plural = _("answers about wishes")
        constraints = [
            models.CheckConstraint(name="wish_answer_state_is_known", condition=Q(state__in=AnswerState.values)),
            models.CheckConstraint(
                name="wish_answer_has_a_time_when_answered",
                condition=Q(state=AnswerState.OPEN, answered_at__isnull=True)
                | (~Q(state=AnswerState.OPEN) & Q(answered_at__isnull=False)),
            ),
        ]

    def __str__(self):
        return f"{self.member}: {self.get_state_display()}"

    @property
    def is_open(self):
        return self.state == AnswerState.OPEN


class Wish(models.Model):
    """How many places a member wishes for, of how many days each, and what for."""

    member = models.ForeignKey(ProjectMember, verbose_name=_("member"), on_delete=models.PROTECT, related_name="wishes")
    activity_type = models.ForeignKey(
        ActivityType, verbose_name=_("activity type"), on_delete=models.PROTECT, related_name="+"
    )
    places = models.PositiveIntegerField(_("places"))
    days = models.PositiveSmallIntegerField(_("days for each"))
    purpose = models.CharField(_("what for"), max_length=300)

    objects = OfMemberQuerySet.as_manager()
    history = History()

    class Meta:
        verbose_name = _("wish")
        verbose_name_plural = _("wishes")
        ordering = ["activity_type_id"]
        constraints = [
            models.UniqueConstraint(fields=["member", "activity_type"], name="wish_is_unique"),
            models.CheckConstraint(
                name="wish_is_for_a_place_or_more",
                condition=Q(places__gte=1),
                violation_error_message=_("Wish for one place or more, or leave all three fields empty."),
                violation_error_code="places",
            ),
            models.CheckConstraint(
                name="wish_is_for_a_day_or_more",
                condition=Q(days__gte=1),
                violation_error_message=_("A stay has one day or more."),
                violation_error_code="days",
            ),
        ]

    def __str__(self):
        return f"{self.member}, {self.activity_type}: {self.places}"

    @property
    def days_in_all(self):
        return self.places * self.days


class WishRequestQuerySet(ScopedQuerySet):
    owner = "project__members__organisation"
    project = "project"

    def visible_to(self, user):
        """The whole copy is for those who see the whole project."""
        return self.permitting(user, Permission.REPORT_VIEW)


class WishRequest(models.Model):
    """What was applied for: the wishes as they were when the application was sent. From then on nobody changes them.

    `rows` is a list with one dict for each activity type: key, name_sv, name_en, places, days and members, which is a
    list of dicts with organisation (its number), name, places, days and purpose. `silent` and `declined` are names.
    """

    project = models.OneToOneField(
        Project, verbose_name=_("project"), on_delete=models.PROTECT, related_name="wish_request"
    )
    sent_on = models.DateField(_("sent on"))
    rows = models.JSONField(_("wishes as sent"), default=list)
    silent = models.JSONField(_("members without an answer"), default=list)
    declined = models.JSONField(_("members that said not this year"), default=list)
    frozen_at = models.DateTimeField(_("frozen at"), default=timezone.now, editable=False)
    frozen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("frozen by"),
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
    )

    objects = WishRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("request of the application")
        verbose_name_plural = _("requests of the applications")

    def __str__(self):
        return f"{self.project}, {self.sent_on}"
