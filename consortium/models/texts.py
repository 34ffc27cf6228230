from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from consortium.models.projects import OfProjectQuerySet, Project
from westum.base.forms import Versioned
from westum.base.history import History


class ProjectText(Versioned):
    """A described section of a project, in both languages, with the date and source of what it says."""

    project = models.ForeignKey(Project, verbose_name=_("project"), on_delete=models.CASCADE, related_name="texts")
    position = models.PositiveSmallIntegerField(_("position"), default=0, editable=False)
    heading_sv = models.CharField(_("heading in Swedish"), max_length=120)
    heading_en = models.CharField(_("heading in English"), max_length=120)
    # A heading under which the paper says nothing keeps its place.
    text_sv = models.TextField(_("text in Swedish"), blank=True)
    text_en = models.TextField(_("text in English"), blank=True)
    as_of = models.DateField(_("date of what it says"), null=True, blank=True)
    source_sv = models.CharField(_("source in Swedish"), max_length=200, blank=True)
    source_en = models.CharField(_("source in English"), max_length=200, blank=True)

    objects = OfProjectQuerySet.as_manager()
    history = History()

    class Meta:
        verbose_name = _("project text")
        verbose_name_plural = _("project texts")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["project", "position"], name="project_text_position_is_unique"),
        ]

    def __str__(self):
        return self.heading

    @property
    def heading(self):
        return self.heading_en if get_language() == "en" else self.heading_sv

    @property
    def text(self):
        return self.text_en if get_language() == "en" else self.text_sv

    @property
    def source(self):
        return self.source_en if get_language() == "en" else self.source_sv
