from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from consortium.models.organisations import Organisation
from consortium.permissions import CONSORTIUM_WIDE, Permission, Role, ScopedQuerySet
from westum.base.forms import Versioned
from westum.base.history import History
from westum.base.text import swedish

BOUND_ROLES = [Role.AUDITOR]  # bound to a project and an end date
SECOND_FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]


class MembershipQuerySet(ScopedQuerySet):
    project = "project"

    def valid_today(self):
        return self.not_over().filter(from_date__lte=timezone.localdate())

    def not_over(self):
        """Valid today or later."""
        return self.filter(Q(to_date__isnull=True) | Q(to_date__gte=timezone.localdate()), ended_at__isnull=True)

    def over(self):
        return self.filter(Q(to_date__lt=timezone.localdate()) | Q(ended_at__isnull=False))

    def contacts(self):
        return self.filter(role=Role.CONTACT)

    def visible_to(self, user):
        return self.permitting(user, Permission.PEOPLE_VIEW)

    def editable_by(self, user):
        return self.permitting(user, Permission.PEOPLE_EDIT)

    def by_organisation(self):
        """In the order of a list of people: organisation, role, name."""
        return self.order_by(
            swedish("organisation__name"), "organisation_id", "role", swedish("user__name"), "user__email", "pk"
        )

    def newest_first(self):
        return self.order_by("-from_date", "-pk")

    def matching(self, word):
        """By person or organisation; the word is folded (`westum.base.text.fold`)."""
        return self.filter(Q(user__search__contains=word) | Q(organisation__search__contains=word))

    def with_people(self):
        return self.select_related("user", "organisation", "project", "ended_by")

    def with_second_factors(self):
        """Beside each: does its user have a second factor?"""
        factors = Authenticator.objects.filter(user=OuterRef("user"), type__in=SECOND_FACTORS)
        return self.annotate(has_second_factor=Exists(factors))


def bound_to_project_and_end(prefix):
    """An auditor's access names a project and an end date; the other roles name no project."""
    return models.CheckConstraint(
        name=f"{prefix}_auditor_names_project_and_end",
        condition=(Q(role__in=BOUND_ROLES) & Q(project__isnull=False, to_date__isnull=False))
        | (~Q(role__in=BOUND_ROLES) & Q(project__isnull=True)),
        violation_error_message=_("An auditor needs a project and a last day; other roles name no project."),
        violation_error_code="project",
    )


class Membership(Versioned):
    """One role of one user in one organisation, from a day and perhaps to a day.

    Ending works at once: `ended_at` closes access at the next request, whatever the dates say.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("user"), on_delete=models.PROTECT, related_name="memberships"
    )
    organisation = models.ForeignKey(
        Organisation, verbose_name=_("organisation"), on_delete=models.PROTECT, related_name="memberships"
    )
    project = models.ForeignKey(
        "consortium.Project",
        verbose_name=_("project"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="auditors",
    )
    role = models.CharField(_("role"), max_length=20, choices=Role)
    from_date = models.DateField(_("from"), default=timezone.localdate)
    to_date = models.DateField(_("to"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True, editable=False)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("ended by"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )

    objects = MembershipQuerySet.as_manager()
    history = History()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.CheckConstraint(name="membership_role_is_known", condition=Q(role__in=Role.values)),
            models.CheckConstraint(
                name="membership_ends_on_or_after_its_start",
                condition=Q(to_date__gte=F("from_date")),
                violation_error_message=_("The last day cannot be before the first."),
                violation_error_code="to_date",
            ),
            models.CheckConstraint(
                name="membership_end_has_time_and_person",
                condition=Q(ended_at__isnull=True, ended_by__isnull=True)
                | Q(ended_at__isnull=False, ended_by__isnull=False),
            ),
            bound_to_project_and_end("membership"),
            models.UniqueConstraint(
                fields=["user", "organisation", "role"],
                condition=Q(ended_at__isnull=True, to_date__isnull=True),
                name="membership_is_open_once",
                violation_error_message=_("This person already has this role here."),
                violation_error_code="role",
            ),
        ]

    def __str__(self):
        return f"{self.user}, {self.get_role_display()}, {self.organisation}"

    def get_absolute_url(self):
        return reverse("consortium:person", args=[self.pk])

    @property
    def asks_for_second_factor(self):
        return settings.SECOND_FACTOR_REQUIRED and self.role in CONSORTIUM_WIDE

    @property
    def is_over(self):
        """Ended, or past its last day; nothing can be changed about it any more."""
        return self.ended_at is not None or (self.to_date is not None and self.to_date < timezone.localdate())

    @property
    def last_date(self):
        """The day on which it ended or will end, or None."""
        return timezone.localdate(self.ended_at) if self.ended_at else self.to_date

    @property
    def is_valid(self):
        today = timezone.localdate()
        return self.ended_at is None and self.from_date <= today and (self.to_date is None or self.to_date >= today)


class InvitationQuerySet(ScopedQuerySet):
    project = "project"

    def waiting(self):
        """Neither accepted nor withdrawn; some of them have run out."""
        return self.filter(accepted_at__isnull=True, withdrawn_at__isnull=True)

    def open(self):
        return self.waiting().filter(expires_at__gt=timezone.now())

    def with_names(self):
        return self.select_related("organisation", "project", "invited_by")

    def newest_first(self):
        return self.order_by("-invited_at", "-pk")

    def run_out(self):
        return self.waiting().filter(expires_at__lte=timezone.now())

    def visible_to(self, user):
        return self.permitting(user, Permission.PEOPLE_VIEW)

    def editable_by(self, user):
        return self.permitting(user, Permission.PEOPLE_EDIT)


class Invitation(models.Model):
    """An offer of a membership, sent by mail. Its secret is kept as a digest alone and works once."""

    email = models.EmailField(_("e-mail address"))
    name = models.CharField(_("name"), max_length=120)
    language = models.CharField(
        _("language of the mail"), max_length=2, choices=settings.LANGUAGES, default=settings.LANGUAGE_CODE
    )
    organisation = models.ForeignKey(
        Organisation, verbose_name=_("organisation"), on_delete=models.PROTECT, related_name="invitations"
    )
    project = models.ForeignKey(
        "consortium.Project",
        verbose_name=_("project"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("For an auditor: the project to be audited."),
    )
    role = models.CharField(_("role"), max_length=20, choices=Role)
    from_date = models.DateField(_("first day"), null=True, blank=True)
    to_date = models.DateField(_("last day"), null=True, blank=True)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )
    invited_at = models.DateTimeField(_("invited at"), default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("works until"), editable=False)
    accepted_at = models.DateTimeField(_("accepted at"), null=True, blank=True, editable=False)
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True, editable=False)

    objects = InvitationQuerySet.as_manager()
    history = History(excluded_fields=["digest"])

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints = [
            models.CheckConstraint(name="invitation_role_is_known", condition=Q(role__in=Role.values)),
            bound_to_project_and_end("invitation"),
            models.CheckConstraint(
                name="invitation_ends_on_or_after_its_start",
                condition=Q(to_date__gte=F("from_date")),
                violation_error_message=_("The last day cannot be before the first."),
                violation_error_code="to_date",
            ),
            models.UniqueConstraint(
                fields=["email", "organisation", "role"],
                condition=Q(accepted_at__isnull=True, withdrawn_at__isnull=True),
                name="invitation_is_open_once",
                violation_error_message=_("This person has already been invited. Withdraw that invitation first."),
                violation_error_code="email",
            ),
            models.CheckConstraint(
                name="invitation_is_accepted_or_withdrawn",
                condition=Q(accepted_at__isnull=True) | Q(withdrawn_at__isnull=True),
            ),
        ]

    def __str__(self):
        return f"{self.name}, {self.get_role_display()}, {self.organisation}"

    @property
    def has_run_out(self):
        return self.accepted_at is None and self.withdrawn_at is None and self.expires_at <= timezone.now()

    @property
    def is_open(self):
        return self.accepted_at is None and self.withdrawn_at is None and self.expires_at > timezone.now()
