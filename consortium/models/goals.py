from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from consortium.models.projects import OfProjectQuerySet, Project
from westum.base.forms import Versioned
from westum.base.history import History, KeptQuerySet


class GoalKind(models.TextChoices):
    OVERARCHING = "overarching", _("overarching goal")
    FOCUS_AREA = "focus_area", _("focus area")
    LONG_TERM = "long_term", _("long-term goal")


class GoalAudience(models.TextChoices):
    EVERYONE = "everyone", _("everyone")
    STAFF = "staff", _("staff only")
    LEARNERS = "learners", _("learners only")


class GoalQuerySet(OfProjectQuerySet):
    def overarching(self):
        return self.filter(kind=GoalKind.OVERARCHING)

    def focus_areas(self):
        return self.filter(kind=GoalKind.FOCUS_AREA)

    def choosable(self):
        """Focus areas that a mobility may serve: none that only gathers its parts, none about something else."""
        return self.focus_areas().filter(counts_mobilities=True, parts__isnull=True)

    def long_term(self):
        return self.filter(kind=GoalKind.LONG_TERM)

    def open_to(self, *, is_learner):
        closed = GoalAudience.STAFF if is_learner else GoalAudience.LEARNERS
        return self.exclude(audience=closed)


class Goal(Versioned):
    """An overarching goal, which permeates all mobilities of a project, a focus area, which a mobility chooses, or what
    a project without mobilities wants in the long run."""

    project = models.ForeignKey(Project, verbose_name=_("project"), on_delete=models.PROTECT, related_name="goals")
    parent = models.ForeignKey(
        "self", verbose_name=_("part of"), on_delete=models.PROTECT, null=True, blank=True, related_name="parts"
    )
    kind = models.CharField(_("kind"), max_length=12, choices=GoalKind)
    code = models.CharField(_("code"), max_length=8)
    position = models.PositiveSmallIntegerField(_("position"), default=0, editable=False)
    title_sv = models.CharField(_("title in Swedish"), max_length=160)
    title_en = models.CharField(_("title in English"), max_length=160)
    text_sv = models.TextField(_("description in Swedish"), blank=True)
    text_en = models.TextField(_("description in English"), blank=True)
    aim_staff_sv = models.TextField(_("aim for staff in Swedish"), blank=True)
    aim_staff_en = models.TextField(_("aim for staff in English"), blank=True)
    aim_learners_sv = models.TextField(_("aim for learners in Swedish"), blank=True)
    aim_learners_en = models.TextField(_("aim for learners in English"), blank=True)
    aim_supervisors_sv = models.TextField(_("aim for supervisors in Swedish"), blank=True)
    aim_supervisors_en = models.TextField(_("aim for supervisors in English"), blank=True)
    audience = models.CharField(_("for whom"), max_length=12, choices=GoalAudience, default=GoalAudience.EVERYONE)
    counts_mobilities = models.BooleanField(_("outgoing mobilities count towards it"), default=True)

    objects = GoalQuerySet.as_manager()
    history = History()

    class Meta:
        verbose_name = _("goal")
        verbose_name_plural = _("goals")
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "kind", "code"],
                name="goal_code_is_unique",
                violation_error_message=_("Another goal of this kind has the code. Write another one."),
                violation_error_code="code",
            ),
            models.CheckConstraint(name="goal_kind_is_known", condition=Q(kind__in=GoalKind.values)),
            models.CheckConstraint(name="goal_audience_is_known", condition=Q(audience__in=GoalAudience.values)),
            models.CheckConstraint(name="goal_is_not_its_own_part", condition=~Q(parent=models.F("pk"))),
        ]

    def __str__(self):
        return self.title

    def _in_reader_language(self, field):
        return getattr(self, f"{field}_{'en' if get_language() == 'en' else 'sv'}")

    @property
    def title(self):
        return self._in_reader_language("title")

    @property
    def text(self):
        return self._in_reader_language("text")

    @property
    def aim_staff(self):
        return self._in_reader_language("aim_staff")

    @property
    def aim_learners(self):
        return self._in_reader_language("aim_learners")

    @property
    def aim_supervisors(self):
        return self._in_reader_language("aim_supervisors")


class GoalRule(Versioned):
    """What goals a mobility of the project must serve. Overarching goals permeate all; nobody ticks them."""

    project = models.OneToOneField(
        Project, verbose_name=_("project"), on_delete=models.PROTECT, related_name="goal_rule"
    )
    min_focus_areas = models.PositiveSmallIntegerField(_("focus areas at least"), default=0)

    objects = KeptQuerySet.as_manager()
    history = History()

    class Meta:
        verbose_name = _("goal rule")
        verbose_name_plural = _("goal rules")

    def __str__(self):
        return f"{self.project}: {self.min_focus_areas}"
