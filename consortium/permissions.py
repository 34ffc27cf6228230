"""Who may see and do what: a role is a set of permissions, a membership gives a user one role in one organisation.

Every page, form choice, export and task enters by `permitting`, `visible_to` or `editable_by`. Rows add up over a
user's memberships; rights do not: what is held in one organisation changes nothing in another.
"""

from enum import StrEnum, auto
from functools import wraps

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.http import Http404
from django.utils.translation import gettext_lazy as _

from westum.base.history import KeptQuerySet


class Permission(StrEnum):
    PROJECT_VIEW = auto()
    PROJECT_EDIT = auto()
    DECISION_EDIT = auto()
    SHARES_EDIT = auto()
    WISH_EDIT = auto()
    ORGANISATION_VIEW = auto()
    ORGANISATION_EDIT = auto()
    HOST_EDIT = auto()
    PARTNERSHIP_VIEW = auto()
    PARTNERSHIP_EDIT = auto()
    PEOPLE_VIEW = auto()
    PEOPLE_EDIT = auto()
    PARTICIPANT_VIEW = auto()
    PARTICIPANT_EDIT = auto()
    MOBILITY_VIEW = auto()
    MOBILITY_EDIT = auto()
    MOBILITY_ACCEPT = auto()
    FUNDER_STATE_EDIT = auto()
    DOCUMENT_REVIEW = auto()
    REPORT_VIEW = auto()
    REPORT_ORDER = auto()
    STATEMENT_VIEW = auto()
    STATEMENT_ORDER = auto()
    EXPORT_PERSONS = auto()
    RATE_EDIT = auto()


class Role(models.TextChoices):
    COORDINATOR = "coordinator", _("coordinator")
    STAFF = "staff", _("project staff")
    AUDITOR = "auditor", _("auditor")
    CONTACT = "contact", _("contact person")


# Roles of the association itself: their rights reach every member. The others stay in their own organisation.
CONSORTIUM_WIDE = frozenset({Role.COORDINATOR, Role.STAFF, Role.AUDITOR})

READING = frozenset(
    {
        Permission.PROJECT_VIEW,
        Permission.ORGANISATION_VIEW,
        Permission.PARTICIPANT_VIEW,
        Permission.MOBILITY_VIEW,
        Permission.REPORT_VIEW,
        Permission.STATEMENT_VIEW,
    }
)
PERMISSIONS = {
    Role.COORDINATOR: frozenset(Permission),
    Role.STAFF: READING
    | {
        Permission.PARTNERSHIP_VIEW,  # no auditor's: what a school and an employer say of each other is in no project
        Permission.PEOPLE_VIEW,
        Permission.REPORT_ORDER,
        Permission.STATEMENT_ORDER,
        Permission.EXPORT_PERSONS,
        Permission.FUNDER_STATE_EDIT,
    },
    Role.AUDITOR: READING,
    Role.CONTACT: frozenset(
        {
            Permission.PROJECT_VIEW,
            Permission.WISH_EDIT,
            Permission.ORGANISATION_VIEW,
            Permission.HOST_EDIT,
            Permission.PARTNERSHIP_VIEW,
            Permission.PARTNERSHIP_EDIT,
            Permission.PEOPLE_VIEW,
            Permission.PARTICIPANT_VIEW,
            Permission.PARTICIPANT_EDIT,
            Permission.MOBILITY_VIEW,
            Permission.MOBILITY_EDIT,
            Permission.DOCUMENT_REVIEW,
            Permission.EXPORT_PERSONS,
            Permission.STATEMENT_VIEW,
            Permission.STATEMENT_ORDER,
        }
    ),
}


class NotAllowed(ValidationError):
    """A rule says no. Nothing has been changed; the sentence is for the user, at `field` where a form has it."""

    def __init__(self, sentence, *, field=None):
        super().__init__({field: [sentence]} if field else sentence)
        self.sentence = sentence


def requires(permission):
    """A view for those who hold the permission somewhere; for everybody else the page is not there.

    Which rows they meet on it is the querysets' matter.
    """

    def guard(view):
        @wraps(view)
        def guarded(request, *args, **kwargs):
            if not request.user.holds(permission):
                raise Http404
            return view(request, *args, **kwargs)

        return guarded

    return guard


class ScopedQuerySet(KeptQuerySet):
    """Rows that belong to an organisation, and perhaps to a project."""

    owner = "organisation"  # path from a row to the organisation that answers for it
    project = None  # path from a row to its project, for memberships that are bound to one

    def permitting(self, user, permission):
        """Rows on which a membership of the user, valid today, carries the permission."""
        rights = [right for right in user.rights if permission in PERMISSIONS[right.role]]
        if any(right.role in CONSORTIUM_WIDE and right.project_id is None for right in rights):
            return self.all()
        scope = Q(pk__in=[])
        for right in rights:
            if right.role not in CONSORTIUM_WIDE:
                scope |= Q(**{self.owner: right.organisation_id})
            elif self.project:
                scope |= Q(**{self.project: right.project_id})
        return self.filter(scope)
