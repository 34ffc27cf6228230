"""The bank of hosts, which all members share: who adds a host, and who changes it."""

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from consortium import naming
from consortium.models import Organisation
from consortium.permissions import NotAllowed

ADDED = gettext_noop("added to the list of hosts")
DESCRIBED = gettext_noop("described")


@transaction.atomic
def add(*, host, fields_of_work=(), languages=(), other_names=(), by):
    """Save a new host for the organisation that has found it. Whoever may use the bank of hosts may add to it."""
    if not Organisation.objects.finding_hosts_for(by).filter(pk=host.found_by_id).exists():
        raise NotAllowed(_("Choose an organisation for which you act."), field="found_by")
    host._change_reason = ADDED
    host.save()
    naming.keep_other_names(host, other_names)
    if fields_of_work or languages:
        _describe(host, fields_of_work, languages)
    return host


@transaction.atomic
def change(*, host, fields_of_work, languages, other_names, by):
    """Save the changed facts of a host; the caller has edited the instance in memory. Raises Changed, NotAllowed."""
    if not Organisation.objects.hosts_editable_by(by).filter(pk=host.pk).exists():
        raise NotAllowed(_("The member that found this host changes it, and the coordinator."))
    host.bump_version()
    naming.keep_other_names(host, other_names)
    _describe(host, fields_of_work, languages)
    return host


def _describe(host, fields_of_work, languages):
    """One line of history for the facts, the fields of work and the languages together."""
    host.skip_history_when_saving = True
    host.fields_of_work.set(fields_of_work)
    host.languages.set(languages)
    del host.skip_history_when_saving
    host._change_reason = DESCRIBED
    host.save()
