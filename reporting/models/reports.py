from django.conf import settings
from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from consortium.models import Organisation, Project
from consortium.permissions import Permission, ScopedQuerySet
from mobilities.models import Mobility
from westum.base.files import StoredFile
from westum.base.history import History
from westum.base.jobs import JobState, LedgerQuerySet, LedgerRow


class ReportKind(models.TextChoices):
    PARTICIPANTS = "participants", _("Participant count")
    BUDGET = "budget", _("Budget report")
    STATEMENT = "statement", _("Member statement")
    GRANT_STATEMENT = "grant_statement", _("Grant statement")


OF_A_MEMBER = [ReportKind.STATEMENT]  # over all its projects
OF_A_MOBILITY = [ReportKind.GRANT_STATEMENT]
OF_A_PROJECT = [kind for kind in ReportKind if kind not in [*OF_A_MEMBER, *OF_A_MOBILITY]]


class Stage(models.TextChoices):
    """What a paper goes through, in this order."""

    PAGE = "page", _("Laying out the page")
    TYPE = "type", _("Setting it in type")
    FILE = "file", _("Storing the file")


class _OfMembers(ScopedQuerySet):
    """A member's report goes over all its projects, so that who is bound to one of them sees none."""


class ReportQuerySet(LedgerQuerySet, ScopedQuerySet):
    """A report of a project covers all of it, so a right in one member opens none of them; a member's report is its own.

    A report of a mobility names a person: it is open to who sees the mobility, and to nobody else.
    """

    owner = "project__owner"
    project = "project"

    def visible_to(self, user):
        journeys = Mobility.objects.visible_to(user)
        return self._of_any(user, Permission.REPORT_VIEW, Permission.STATEMENT_VIEW, journeys)

    def orderable_by(self, user):
        journeys = Mobility.objects.statement_orderable_by(user)
        return self._of_any(user, Permission.REPORT_ORDER, Permission.STATEMENT_ORDER, journeys)

    def _of_any(self, user, of_projects, of_members, journeys):
        projects = ReportQuerySet(self.model).permitting(user, of_projects).filter(project__isnull=False)
        members = _OfMembers(self.model).permitting(user, of_members).filter(organisation__isnull=False)
        return self.filter(
            Q(pk__in=projects.values("pk")) | Q(pk__in=members.values("pk")) | Q(mobility__in=journeys.values("pk"))
        )

    def of_no_person(self):
        """Papers on a project or a member: those on one person's journey stand on that journey's own page."""
        return self.filter(mobility__isnull=True)

    def ready(self):
        return self.filter(state=JobState.DONE)

    def unfinished(self):
        return self.filter(state__in=[JobState.QUEUED, JobState.RUNNING])

    def newest_first(self):
        return self.order_by("-requested_at", "-pk")

    def with_replacement(self):
        """Annotate the newest later paper of the same kind, subject and language: `newer_pk`, `newer_code`, `newer_as_of`."""
        newer = (
            Report.objects.ready()
            .filter(
                Q(project=OuterRef("project"))
                | Q(organisation=OuterRef("organisation"))
                | Q(mobility=OuterRef("mobility"))
            )
            .filter(kind=OuterRef("kind"), language=OuterRef("language"))
            .filter(requested_at__gt=OuterRef("requested_at"))
            .newest_first()
        )
        return self.annotate(
            newer_pk=Subquery(newer.values("pk")[:1]),
            newer_code=Subquery(newer.values("code")[:1]),
            newer_as_of=Subquery(newer.values("as_of")[:1]),
        )

    def with_parties(self):
        return self.with_subject().select_related("requested_by", "file")

    def with_subject(self):
        return self.select_related("project", "organisation", "mobility__participant", "mobility__project")


def _subject_is(one, kinds):
    """Reports of these kinds are about `one` and nothing else."""
    others = {f"{name}__isnull": name != one for name in ("project", "organisation", "mobility")}
    return Q(kind__in=kinds, **others)


class Report(LedgerRow):
    """A paper that was ordered: the data that it is made from, its file, and the code that leads back to it.

    It is about a project, about a member over all its projects, or about one mobility. The data is taken when the paper is ordered, so
    whoever renders it, and however often, makes the same paper. `code` is made from kind, day, snapshot, language and
    template version: equal data of a day is one report.
    """

    kind = models.CharField(_("kind"), max_length=20, choices=ReportKind)
    project = models.ForeignKey(
        Project, verbose_name=_("project"), on_delete=models.PROTECT, null=True, blank=True, related_name="reports"
    )
    organisation = models.ForeignKey(
        Organisation, verbose_name=_("member"), on_delete=models.PROTECT, null=True, blank=True, related_name="reports"
    )
    mobility = models.ForeignKey(
        Mobility, verbose_name=_("mobility"), on_delete=models.PROTECT, null=True, blank=True, related_name="reports"
    )
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("ordered by"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    as_of = models.DateField(_("as of"))
    snapshot = models.JSONField(_("data"))
    snapshot_hash = models.CharField(_("fingerprint of the data"), max_length=64)
    template_version = models.PositiveSmallIntegerField(_("version of the template"))
    code = models.CharField(_("code"), max_length=20, unique=True)
    address = models.CharField(_("address printed on it"), max_length=300)
    file = models.ForeignKey(
        StoredFile, verbose_name=_("file"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    file_hash = models.CharField(_("fingerprint of the file"), max_length=64, blank=True)

    objects = ReportQuerySet.as_manager()
    history = History(excluded_fields=["snapshot", "done", "total", "stage", "claim", "claimed_until", "attempts"])

    class Meta(LedgerRow.Meta):
        abstract = False
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        constraints = [
            *LedgerRow.Meta.constraints,
            models.CheckConstraint(name="report_kind_is_known", condition=Q(kind__in=ReportKind.values)),
            models.UniqueConstraint(
                fields=["kind", "project", "language"],
                condition=Q(state__in=[JobState.QUEUED, JobState.RUNNING]),
                name="report_waits_once",
            ),
            models.UniqueConstraint(
                fields=["kind", "organisation", "language"],
                condition=Q(state__in=[JobState.QUEUED, JobState.RUNNING]),
                name="report_of_a_member_waits_once",
            ),
            models.UniqueConstraint(
                fields=["kind", "mobility", "language"],
                condition=Q(state__in=[JobState.QUEUED, JobState.RUNNING]),
                name="report_of_a_mobility_waits_once",
            ),
            models.CheckConstraint(
                name="report_is_of_what_its_kind_is_about",
                condition=_subject_is("project", OF_A_PROJECT)
                | _subject_is("organisation", OF_A_MEMBER)
                | _subject_is("mobility", OF_A_MOBILITY),
            ),
            models.CheckConstraint(
                name="report_done_has_its_file",
                condition=~Q(state=JobState.DONE) | (Q(file__isnull=False) & ~Q(file_hash="")),
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()}, {self.subject}"

    def get_absolute_url(self):
        return reverse("reporting:report", args=[self.pk])

    @property
    def subject(self):
        """What it is about: its project, its member or its mobility."""
        return self.project or self.organisation or self.mobility

    @property
    def order_url(self):
        """Where one of its kind is ordered anew."""
        if self.mobility:
            return reverse("reporting:grant_statement", args=[self.mobility_id])
        if self.organisation:
            return reverse("reporting:order_statement", args=[self.organisation_id])
        return f"{reverse('reporting:order_report')}?{urlencode({'project': self.project.slug, 'kind': self.kind})}"

    @property
    def doing(self):
        """What is being done with it now, while it waits or is being made."""
        return Stage(self.stage).label if self.stage else _("Waiting for its turn")

    @property
    def step(self):
        """A word that changes whenever a page has something new to show."""
        return f"{self.state}-{self.stage}"
