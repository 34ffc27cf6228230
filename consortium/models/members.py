from django.conf import settings
from django.db import models
from django.db.models import F, OuterRef, Prefetch, Q, Subquery
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from consortium.models.decisions import Decision
from consortium.models.municipalities import Municipality
from consortium.models.organisations import Organisation
from consortium.models.projects import Project
from consortium.models.reference import ActivityType, SourceStatus
from consortium.permissions import Permission, ScopedQuerySet
from westum.base.forms import Versioned
from westum.base.history import History
from westum.base.text import swedish


class MemberRole(models.TextChoices):
    COORDINATOR = "coordinator", _("coordinating organisation")
    MEMBER = "member", _("member")


class ProjectMemberQuerySet(ScopedQuerySet):
    project = "project"

    def in_order(self):
        return self.order_by(swedish("organisation__name"), "pk")

    def newest_first(self):
        """By project."""
        latest = Decision.objects.filter(project=OuterRef("project")).order_by("-number")
        started = Subquery(latest.values("starts_on")[:1])
        return self.annotate(project_starts_on=started).order_by(
            F("project_starts_on").desc(nulls_last=True), "project__slug"
        )

    def with_shares(self):
        return self.select_related("organisation").prefetch_related("allocations")

    def with_projects(self):
        return self.select_related("project")

    def with_municipalities(self):
        """The organisation, and in their order those for whom it stands."""
        standing_for = Prefetch("municipalities", Municipality.objects.in_order())
        return self.select_related("organisation").prefetch_related(standing_for)

    def with_people(self):
        return self.select_related("contact", "deputy")

    def with_papers(self):
        return self.prefetch_related("papers")

    def visible_to(self, user):
        return self.permitting(user, Permission.PROJECT_VIEW)

    def editable_by(self, user):
        return self.permitting(user, Permission.SHARES_EDIT)


class ProjectMember(Versioned):
    """An organisation in a project, under the name that the project's paper prints."""

    project = models.ForeignKey(Project, verbose_name=_("project"), on_delete=models.PROTECT, related_name="members")
    organisation = models.ForeignKey(
        Organisation, verbose_name=_("organisation"), on_delete=models.PROTECT, related_name="project_members"
    )
    role = models.CharField(_("role"), max_length=12, choices=MemberRole, default=MemberRole.MEMBER)
    printed_name = models.CharField(_("name as printed"), max_length=160, blank=True)
    times_printed = models.PositiveSmallIntegerField(_("times that the paper prints the name"), default=1)
    municipalities = models.ManyToManyField(
        Municipality, verbose_name=_("stands for"), blank=True, related_name="project_members"
    )
    stands_for_status = models.CharField(
        _("status of what it stands for"), max_length=20, choices=SourceStatus, default=SourceStatus.VERIFIED
    )
    # Others for whom it stands, of whom the paper names none: they are no municipalities of this row.
    hint_sv = models.CharField(_("what the paper only hints at, in Swedish"), max_length=200, blank=True)
    hint_en = models.CharField(_("what the paper only hints at, in English"), max_length=200, blank=True)
    contact = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("responsible contact person"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    deputy = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("deputy"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )

    objects = ProjectMemberQuerySet.as_manager()
    history = History()

    class Meta:
        verbose_name = _("member of the project")
        verbose_name_plural = _("members of the project")
        constraints = [
            models.UniqueConstraint(
                fields=["project", "organisation"],
                name="project_member_is_there_once",
                violation_error_message=_("This organisation is already a member of the project."),
                violation_error_code="organisation",
            ),
            models.CheckConstraint(name="project_member_role_is_known", condition=Q(role__in=MemberRole.values)),
            models.UniqueConstraint(
                fields=["project"],
                condition=Q(role=MemberRole.COORDINATOR),
                name="project_has_one_coordinator",
                violation_error_message=_(
                    "The project has a coordinating organisation already. Change its role first."
                ),
                violation_error_code="role",
            ),
            models.CheckConstraint(
                name="project_member_deputy_is_somebody_else",
                condition=~Q(deputy=F("contact")),
                violation_error_message=_("Choose another person than the responsible contact person, or nobody."),
                violation_error_code="deputy",
            ),
            models.CheckConstraint(
                name="project_member_stands_for_status_is_known",
                condition=Q(stands_for_status__in=SourceStatus.values),
            ),
        ]

    def __str__(self):
        return str(self.organisation)

    def get_absolute_url(self):
        return reverse("consortium:member", args=[self.project.slug, self.pk])

    @property
    def hint(self):
        return self.hint_en if get_language() == "en" else self.hint_sv


class AllocationQuerySet(ScopedQuerySet):
    owner = "member__organisation"
    project = "member__project"

    def visible_to(self, user):
        return self.permitting(user, Permission.PROJECT_VIEW)

    def editable_by(self, user):
        return self.permitting(user, Permission.SHARES_EDIT)


class Allocation(Versioned):
    """A member's share of the awarded places of one activity type.

    `places_taken` counts the submitted and later mobilities that hold a place; it is written under the row's lock.
    """

    member = models.ForeignKey(
        ProjectMember, verbose_name=_("member"), on_delete=models.PROTECT, related_name="allocations"
    )
    activity_type = models.ForeignKey(
        ActivityType, verbose_name=_("activity type"), on_delete=models.PROTECT, related_name="allocations"
    )
    places = models.PositiveIntegerField(_("places"), default=0)
    places_taken = models.PositiveIntegerField(_("places taken"), default=0, editable=False)

    objects = AllocationQuerySet.as_manager()
    history = History()

    class Meta:
        verbose_name = _("share")
        verbose_name_plural = _("shares")
        constraints = [
            models.UniqueConstraint(fields=["member", "activity_type"], name="allocation_is_unique"),
            models.CheckConstraint(
                name="allocation_takes_at_most_its_places",
                condition=Q(places_taken__lte=F("places")),
                violation_error_message=_("So many places are already taken that the share cannot be smaller."),
                violation_error_code="places",
            ),
        ]

    def __str__(self):
        return f"{self.member}, {self.activity_type}"

    @property
    def places_left(self):
        return self.places - self.places_taken

    @property
    def is_full(self):
        return self.places_left <= 0
