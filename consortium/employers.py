"""Employers at home with whom members work: who adds one for all members, and who changes what stands there."""

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from consortium import naming
from consortium.models import Organisation
from consortium.permissions import NotAllowed

ADDED = gettext_noop("added to the employers")
DESCRIBED = gettext_noop("described")


@transaction.atomic
def add(*, employer, other_names=(), by):
    """Save a new employer for the organisation that has found it."""
    if not Organisation.objects.finding_hosts_for(by).filter(pk=employer.found_by_id).exists():
        raise NotAllowed(_("Choose an organisation for which you act."), field="found_by")
    employer._change_reason = ADDED
    employer.save()
    naming.keep_other_names(employer, other_names)
    return employer


@transaction.atomic
def change(*, employer, other_names, by):
    """Save the changed facts; the caller has edited the instance in memory. Raises Changed, NotAllowed."""
    if not Organisation.objects.employers_editable_by(by).filter(pk=employer.pk).exists():
        raise NotAllowed(_("The member that found this employer changes it, and the coordinator."))
    employer.bump_version()
    naming.keep_other_names(employer, other_names)
    employer._change_reason = DESCRIBED
    employer.save()
    return employer
