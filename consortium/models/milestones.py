from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from consortium.models.projects import Project
from consortium.models.reference import InTwoLanguages
from consortium.permissions import Permission, ScopedQuerySet
from westum.base.forms import Versioned
from westum.base.history import History

FIRST_DAY, LAST_DAY = date(1995, 1, 1), date(2100, 12, 31)


class MilestoneKind(models.TextChoices):
    INTERIM_REPORT = "interim_report", _("interim report")
    FINAL_REPORT = "final_report", _("final report")
    CLAIM = "claim", _("claim for payment")
    QUESTION = "question", _("question from the funder")
    CLOSING = "closing", _("close the project")
    MEETING = "meeting", _("meeting")
    OTHER = "other", _("something else")


class MilestoneQuerySet(ScopedQuerySet):
    owner = "project__members__organisation"
    project = "project"

    def permitting(self, user, permission):
        """As everywhere, without a milestone twice when an organisation is found in its project twice."""
        return self.filter(pk__in=super().permitting(user, permission).values("pk"))

    def visible_to(self, user):
        return self.permitting(user, Permission.PROJECT_VIEW).own()

    def editable_by(self, user):
        return self.permitting(user, Permission.PROJECT_EDIT).own()

    def own(self):
        """Reference records of other owners have no duties of ours."""
        return self.filter(project__is_reference_record=False)

    def still_open(self):
        return self.filter(done_on__isnull=True)

    def done(self):
        return self.filter(done_on__isnull=False)

    def unchecked(self):
        """Copied ones, at whose new day nobody has looked yet."""
        return self.filter(earlier_due_on__isnull=False)

    def that_follow(self):
        """Copied ones that know how far they once stood from the first day of a period."""
        return self.filter(earlier_starts_on__isnull=False)

    def in_order(self):
        return self.order_by("due_on", "pk")


class Milestone(InTwoLanguages, Versioned):  # noqa: DJ008 (its words come from InTwoLanguages)
    """A dated duty of a project: a report, a claim, a question of the funder's, the day to close."""

    project = models.ForeignKey(Project, verbose_name=_("project"), on_delete=models.PROTECT, related_name="milestones")
    kind = models.CharField(_("kind"), max_length=16, choices=MilestoneKind, default=MilestoneKind.OTHER)
    name_sv = models.CharField(_("name in Swedish"), max_length=120)
    name_en = models.CharField(_("name in English"), max_length=120)
    due_on = models.DateField(_("due on"))
    done_on = models.DateField(_("done on"), null=True, blank=True, editable=False)
    # Of a copied milestone, until somebody has looked whether its day is right in the new project.
    earlier_due_on = models.DateField(_("due on in the earlier project"), null=True, blank=True, editable=False)
    earlier_starts_on = models.DateField(_("first day of the earlier project"), null=True, blank=True, editable=False)
    earlier_ends_on = models.DateField(_("last day of the earlier project"), null=True, blank=True, editable=False)

    objects = MilestoneQuerySet.as_manager()
    history = History()

    class Meta:
        verbose_name = _("milestone")
        verbose_name_plural = _("milestones")
        constraints = [
            models.CheckConstraint(name="milestone_kind_is_known", condition=Q(kind__in=MilestoneKind.values)),
            models.UniqueConstraint(
                fields=["project", "name_sv", "due_on"],
                name="milestone_is_there_once",
                violation_error_message=_("The project has this milestone on this day already."),
                violation_error_code="due_on",
            ),
            models.CheckConstraint(
                name="milestone_due_on_is_in_reach",
                condition=Q(due_on__range=(FIRST_DAY, LAST_DAY)),
                violation_error_message=_("Write the year with four digits, as in 2027."),
                violation_error_code="due_on",
            ),
            models.CheckConstraint(
                name="milestone_that_follows_a_period_was_copied",
                condition=Q(earlier_starts_on__isnull=True) | Q(earlier_due_on__isnull=False),
            ),
            models.CheckConstraint(
                name="milestone_with_an_earlier_end_has_its_start",
                condition=Q(earlier_ends_on__isnull=True) | Q(earlier_starts_on__isnull=False),
            ),
        ]

    def get_absolute_url(self):
        return f"{reverse('consortium:milestones', args=[self.project.slug])}#milestone-{self.pk}"

    @property
    def is_done(self):
        return self.done_on is not None

    @property
    def is_unchecked(self):
        return self.earlier_due_on is not None


class MilestoneReminder(models.Model):
    """One line of a milestone's plan: so many days before, the coordinators get a mail, once."""

    milestone = models.ForeignKey(
        Milestone, verbose_name=_("milestone"), on_delete=models.CASCADE, related_name="reminders"
    )
    days_before = models.PositiveSmallIntegerField(_("days before"))
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("reminder of a milestone")
        verbose_name_plural = _("reminders of milestones")
        ordering = ["-days_before"]
        constraints = [
            models.UniqueConstraint(fields=["milestone", "days_before"], name="milestone_reminder_is_there_once"),
        ]

    def __str__(self):
        return f"{self.milestone}, {self.days_before}"


class CalendarAddress(models.Model):
    """The secret address of a user's calendar of milestones, kept as a digest alone. The row is gone when it is revoked."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, verbose_name=_("user"), on_delete=models.CASCADE, related_name="calendar_address"
    )
    digest = models.CharField(_("digest of the secret"), max_length=64, unique=True, editable=False)
    made_at = models.DateTimeField(_("made at"), default=timezone.now)

    class Meta:
        verbose_name = _("calendar address")
        verbose_name_plural = _("calendar addresses")

    def __str__(self):
        return str(self.user)
