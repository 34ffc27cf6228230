"""Two rows of the bank that are the same host become one.

The row that has been here longer stays. What points to the other one moves; its own row is removed, its history is
kept, and its address leads on. Apps above this one say which of their rows point to a host: `moves(field, …)`.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import PROTECT, Field
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from consortium import host_facts
from consortium.host_facts import BOTH, compared
from consortium.models import Acquaintance, HostVerdict, MergedHost, Organisation, OrganisationName
from consortium.permissions import NotAllowed, Permission
from westum.base import formats
from westum.base.text import fold

MERGED = gettext_noop("merged two rows of the same host")
MERGED_AWAY = gettext_noop("merged this row with another one of the same host")
MOVED = gettext_noop("moved this to the row of the host that stays")
ANSWERED_LATER = gettext_noop("removed this, because the member answered again later")
EARLIER_YES = gettext_noop("kept this answer; an earlier one to the same host was yes")
EARLIER_NO = gettext_noop("kept this answer; an earlier one to the same host was no")
SAID_ALREADY = gettext_noop("removed this, because the host that stays has it already")

NAME_LENGTH = OrganisationName._meta.get_field("name").max_length
OWN = [model._meta.get_field("host") for model in (Acquaintance, HostVerdict, MergedHost)]


@dataclass(frozen=True)
class Mover:
    """Rows of an app above that point to a host by `field`: `move(row, host)`, and how many there are in words."""

    field: Field
    move: Callable
    told: Callable  # told(number)

    def rows(self, *hosts):
        return self.field.model._base_manager.filter(**{f"{self.field.name}__in": hosts}).order_by("pk")


_movers: list[Mover] = []


def moves(field, move, told):
    """For an app's `ready()`: its rows with this foreign key come along when two hosts become one."""
    if all(mover.field != field for mover in _movers):
        _movers.append(Mover(field, move, told))


def in_order(one, other):
    """The row that stays and the one that goes. Both addresses live on, so that nobody need choose."""
    return sorted([one, other], key=lambda host: host.pk)


def told(goes):
    """In sentences, what moves from the row that goes. Numbers alone."""
    found = [mover.told(number) for mover in _movers if (number := mover.rows(goes).count())]
    if number := goes.verdicts.count():
        found.append(
            ngettext("What %(n)s member says of it moves along.", "What %(n)s members say of it moves along.", number)
            % {"n": number}
        )
    if number := goes.acquaintances.count():
        found.append(
            ngettext("%(n)s colleague who knows it comes along.", "%(n)s colleagues who know it come along.", number)
            % {"n": number}
        )
    if number := goes.other_names.count():
        found.append(ngettext("%(n)s other name moves along.", "%(n)s other names move along.", number) % {"n": number})
    return found


def doubts(stays, goes):
    """What makes it less likely that the two are the same host, and what follows if they are."""
    if stays.country != goes.country:
        yield _("They are in different countries. Stays so far are counted in the country that you choose.")
    if stays.organisation_number and goes.organisation_number:
        yield _("They have different organisation numbers. Make sure that they are not two organisations.")
    if stays.oid and goes.oid:
        yield _("They have different OIDs. Make sure that they are not two organisations.")


def headings(stays, goes):
    """The names of the two over their columns; where they are the same, with what tells them apart."""
    if fold(stays.name) != fold(goes.name):
        return [stays.name, goes.name]
    return [
        _("%(host)s, here longer") % {"host": stays.name},
        _("%(host)s, came later") % {"host": goes.name},
    ]


def refusal(*hosts):
    """Why they cannot become one, or an empty sentence: a row that is more than a host is no host's double."""
    known = [*OWN, *(mover.field for mover in _movers)]
    for host in hosts:
        found = [
            str(relation.related_model._meta.verbose_name_plural)
            for relation in Organisation._meta.get_fields(include_hidden=True)
            if relation.one_to_many
            and relation.on_delete is PROTECT
            and relation.field not in known
            and relation.related_model._base_manager.filter(**{relation.field.name: host}).exists()
        ]
        if found:
            return _("“%(host)s” is more than a host, it has also: %(what)s. Such a row is not merged.") % {
                "host": host,
                "what": formats.listed(dict.fromkeys(found)),
            }
    return ""


@transaction.atomic
def merge(*, one, other, kept, by):
    """Make one host of the two as `by` has seen them; the row that stays.

    `kept` says by a fact's name whose value is kept: the number of a row, or `BOTH` for a list. Where it
    says nothing, what is proposed is kept.
    """
    if not by.holds(Permission.ORGANISATION_EDIT):
        raise NotAllowed(_("The coordinator merges hosts."))
    # Before the hosts: whoever gives such a row another host has the row's lock first, then that of the new host.
    for mover in _movers:
        list(mover.rows(one, other).select_for_update(of=("self",)))
    stays, goes = _locked(one, other, by)
    if sentence := refusal(stays, goes):
        raise NotAllowed(sentence)
    for mover in _movers:
        for row in mover.rows(goes).select_for_update(of=("self",)):  # with those that came by `hosts.locked`
            mover.move(row, stays)
    _move_verdicts(goes, stays)
    _move_acquaintances(goes, stays)
    _move_addresses(goes, stays)
    _take(stays, goes, kept)
    return stays


def _locked(one, other, by):
    rows = Organisation.objects.editable_by(by).hosts().filter(pk__in=[one.pk, other.pk]).order_by("pk")
    found = {row.pk: row for row in rows.select_for_update(of=("self",))}
    if len(found) != 2:
        raise NotAllowed(_("One of the two is no longer in the bank of hosts. Look for it in the list."))
    if any(found[host.pk].version != host.version for host in (one, other)):
        raise NotAllowed(_("Somebody has changed one of the two meanwhile. Compare them once more."))
    return in_order(*found.values())


def _move_verdicts(goes, stays):
    """A member has one answer about a host: the later one, whose history tells what the earlier one was."""
    standing = {verdict.organisation_id: verdict for verdict in stays.verdicts.all()}
    for verdict in goes.verdicts.order_by("pk"):
        verb = MOVED
        if other := standing.get(verdict.organisation_id):
            earlier, verdict = sorted([other, verdict], key=lambda answer: answer.given_at)
            verb = f"{EARLIER_YES if earlier.would_use_again else EARLIER_NO}\n{earlier.note}".strip()
            earlier._change_reason = ANSWERED_LATER
            earlier.delete()
        verdict.host, verdict._change_reason = stays, verb
        verdict.version += 1
        verdict.save()


def _move_acquaintances(goes, stays):
    known_by = set(stays.acquaintances.values_list("user", flat=True))
    for known in goes.acquaintances.order_by("pk"):
        if known.user_id in known_by:
            known._change_reason = SAID_ALREADY
            known.delete()
        else:
            known.host, known._change_reason = stays, MOVED
            known.save()


def _move_addresses(goes, stays):
    for merged in goes.merged_here.all():
        merged.host = stays
        merged.save()
    MergedHost(number=goes.pk, host=stays).save(force_insert=True)


def _take(stays, goes, kept):
    """Give the row that stays what is kept of both, and remove the other one before: its numbers are unique."""
    facts = compared(stays, goes)
    names = [name for host in (stays, goes) for name in (host.name, host.legal_name) if name]
    agreements = {words for host in (stays, goes) if (words := host_facts.agreement(host))}
    lists = {}
    for fact in facts:
        name, answer = fact.fact.name, kept.get(fact.fact.name, fact.proposed)
        if fact.fact.is_list:
            values = [fact.fact.value(host) for host in (stays, goes) if answer in {BOTH, str(host.pk)}]
            lists[name] = frozenset().union(*values)
        elif answer == str(goes.pk):
            fact.fact.take(stays, goes)
    _keep_names(stays, goes, names)
    gone = ", ".join(part for part in (goes.name, goes.city) if part)
    if dropped := agreements - {host_facts.agreement(stays)}:
        words = ", ".join(dropped.pop().splitlines())
        gone = _("%(host)s. Not kept: the agreement %(words)s") % {"host": gone, "words": words}
    goes._change_reason = f"{MERGED_AWAY}\n{stays}"
    goes.delete()
    stays.skip_history_when_saving = True  # one line for the facts and the lists together
    for name, keys in lists.items():
        getattr(stays, name).set(keys)
    del stays.skip_history_when_saving
    stays.version += 1
    stays._change_reason = f"{MERGED}\n{gone}"
    stays.save()


def _keep_names(stays, goes, names):
    """All names of both find the host: the one that it now has, and each other one once."""
    for other in stays.other_names.all():
        if fold(other.name) == fold(stays.name):
            other.delete()
    known = {fold(name) for name in (stays.name, stays.legal_name, *_others(stays))}
    for other in goes.other_names.all():
        if fold(other.name) not in known:
            other.organisation, other._change_reason = stays, MOVED
            other.save()
            known.add(fold(other.name))
    for name in names:
        if fold(name) not in known:
            OrganisationName(organisation=stays, name=name[:NAME_LENGTH]).save()
            known.add(fold(name))


def _others(host):
    return host.other_names.values_list("name", flat=True)
