from dataclasses import dataclass
from functools import cached_property

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from consortium.permissions import PERMISSIONS, Permission, Role
from westum.base.history import History
from westum.base.text import FoldedField


@dataclass(frozen=True)
class Right:
    """One membership that is valid today."""

    role: Role
    organisation_id: int
    project_id: int | None


class UserManager(BaseUserManager):
    def create_user(self, *, email, name="", language=settings.LANGUAGE_CODE):
        user = self.model(email=email.strip().lower(), name=name, language=language)
        user.set_unusable_password()
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, email):
        return self.get(email__iexact=email)


class User(AbstractBaseUser):
    """Somebody who logs in, by e-mail and a code. What one may do comes from memberships alone."""

    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=120)
    phone = models.CharField(_("phone"), max_length=30, blank=True)
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES, default=settings.LANGUAGE_CODE)
    is_active = models.BooleanField(_("may log in"), default=True)
    joined_at = models.DateTimeField(_("joined at"), default=timezone.now, editable=False)
    search = FoldedField("name", "email")

    objects = UserManager()
    history = History(excluded_fields=["password", "last_login", "search"])

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = []

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="user_email_is_unique",
                violation_error_message=_("There is already somebody with this e-mail address."),
                violation_error_code="email",
            ),
            models.CheckConstraint(
                name="user_phone_is_international",
                condition=models.Q(phone="") | models.Q(phone__startswith="+"),
                violation_error_message=_("This is no phone number. Write it as in +46 70 123 45 67."),
                violation_error_code="phone",
            ),
            models.CheckConstraint(
                name="user_language_is_known", condition=models.Q(language__in=[code for code, _ in settings.LANGUAGES])
            ),
        ]

    def __str__(self):
        return self.name or self.email

    @cached_property
    def rights(self):
        """The memberships valid today, read once a request: what has ended is gone at the next request."""
        if not self.is_active:
            return []
        return [
            Right(Role(role), organisation_id, project_id)
            for role, organisation_id, project_id in self.memberships.valid_today().values_list(
                "role", "organisation_id", "project_id"
            )
        ]

    def holds(self, permission: Permission):
        """Does any membership of today carry the permission, for whatever rows? For menus; rows ask `permitting`."""
        return any(permission in PERMISSIONS[right.role] for right in self.rights)

    def has_role(self, role: Role):
        return any(right.role == role for right in self.rights)
