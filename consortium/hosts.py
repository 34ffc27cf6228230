"""The bank of hosts, which all members share: who adds, changes, knows and judges a host."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from consortium import naming, stays
from consortium.models import Acquaintance, Organisation
from consortium.permissions import NotAllowed, Permission

ADDED = gettext_noop("added the host")
DESCRIBED = gettext_noop("changed what stands here")
JUDGED = gettext_noop("said whether the member would use the host again")
MERGED_AWAY = gettext_lazy("This host was merged with another one meanwhile. Nothing was saved.")


@transaction.atomic
def add(*, host, fields_of_work=(), languages=(), other_names=(), by):
    """Save a new host for the organisation that has found it. Whoever may use the bank of hosts may add to it."""
    if not Organisation.objects.finding_hosts_for(by).filter(pk=host.found_by_id).exists():
        raise NotAllowed(_("Choose an organisation for which you act."), field="found_by")
    host.skip_history_when_saving = True
    host.save()
    naming.keep_other_names(host, other_names)
    _describe(host, fields_of_work, languages, verb=ADDED)
    return host


@transaction.atomic
def change(*, host, fields_of_work, languages, other_names, by):
    """Save the changed facts of a host; the caller has edited the instance in memory. Raises Changed, NotAllowed."""
    locked(host)
    if not Organisation.objects.hosts_editable_by(by).filter(pk=host.pk).exists():
        raise NotAllowed(_("The member that found this host changes it, and the coordinator."))
    host.bump_version()
    naming.keep_other_names(host, other_names)
    _describe(host, fields_of_work, languages, verb=DESCRIBED)
    return host


def _describe(host, fields_of_work, languages, *, verb):
    """One line of history for the facts, the fields of work and the languages together."""
    host.skip_history_when_saving = True
    host.fields_of_work.set(fields_of_work)
    host.languages.set(languages)
    del host.skip_history_when_saving
    host._change_reason = verb
    host.save()


def locked(host, *, field=None):
    """The host under its lock. Raises NotAllowed, at `field`, when somebody has merged it away meanwhile.

    Whoever lets a row point to a host comes by here: a foreign key is looked at when the transaction ends, and until then
    keeps nobody from merging the host away.
    """
    found = Organisation.objects.hosts().select_for_update(of=("self",)).filter(pk=host.pk).first()
    if found is None:
        raise NotAllowed(MERGED_AWAY, field=field)
    return found


@transaction.atomic
def know(*, host, by):
    """Tell all members that `by` knows people at the host. Said twice it is said once."""
    if not by.holds(Permission.HOST_EDIT):
        raise NotAllowed(_("Contact persons and the coordinator say whom they know."))
    found, _is_new = Acquaintance.objects.get_or_create(host=locked(host), user=by)
    return found


@transaction.atomic
def know_no_longer(*, host, by):
    for known in Acquaintance.objects.filter(host=locked(host), user=by):
        known.delete()


@transaction.atomic
def judge(*, verdict, by):
    """Save what a member says of a host. Raises Changed, and NotAllowed before a stay has ended."""
    host, member = locked(verdict.host), verdict.organisation
    if not Organisation.objects.permitting(by, Permission.HOST_EDIT).filter(pk=member.pk).exists():
        raise NotAllowed(_("The member itself says whether it would use a host again."))
    if not any(count.member_id == member.pk for count in stays.with_hosts([host.pk])[host.pk]):
        raise NotAllowed(_("A member says this when a stay of its participants has ended."), field="would_use_again")
    if not verdict._state.adding:
        verdict.bump_version()
    verdict.given_at, verdict.given_by, verdict._change_reason = timezone.now(), by, JUDGED
    verdict.save()
    return verdict
