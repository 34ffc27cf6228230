"""What binds the consortium to a host: stays so far, what members say of it, and which colleagues know it."""

from dataclasses import dataclass

from django.db.models import Prefetch

from consortium import stays
from consortium.models import Acquaintance, HostVerdict, Organisation
from consortium.permissions import Permission
from westum.base.text import sort_key


@dataclass(frozen=True)
class Experience:
    """One member's stays with a host, and its verdict, if any."""

    member: Organisation
    count: stays.Count | None
    verdict: HostVerdict | None
    may_judge: bool


def loaded(hosts):
    """The hosts with all that pages of the bank show of them beside the stays."""
    return hosts.select_related("found_by").prefetch_related(
        "fields_of_work",
        "languages",
        Prefetch("acquaintances", Acquaintance.objects.of_today(), "known_by"),
        Prefetch("verdicts", HostVerdict.objects.in_order(), "given_verdicts"),
    )


def count(hosts):
    """Give each of the loaded hosts its numbers: stays, members that would use it again, and that would not."""
    by_host = stays.with_hosts(host.pk for host in hosts)
    for host in hosts:
        host.stay_counts = by_host[host.pk]
        host.stays = sum(count.all for count in host.stay_counts)
        host.again = sum(verdict.would_use_again for verdict in host.given_verdicts)
        host.not_again = len(host.given_verdicts) - host.again
    return hosts


def experiences(host, user):
    """Member by member, in Swedish order, what it has of the counted host; whether the user may judge for it."""
    counts = {count.member_id: count for count in host.stay_counts}
    verdicts = {verdict.organisation_id: verdict for verdict in host.given_verdicts}
    members = Organisation.objects.filter(pk__in={*counts, *verdicts})
    own = set(members.permitting(user, Permission.HOST_EDIT).values_list("pk", flat=True))
    found = [
        Experience(member, counts.get(member.pk), verdicts.get(member.pk), member.pk in own and member.pk in counts)
        for member in members
    ]
    return sorted(found, key=lambda experience: sort_key(experience.member.name))
