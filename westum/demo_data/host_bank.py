"""What members say of the hosts that they have used, and which contact persons know them."""

from datetime import timedelta

from consortium import host_ties
from consortium.models import Acquaintance, HostVerdict, Organisation
from westum.demo_data import tales
from westum.demo_data.moments import at

# Town, and the members whose contact persons know people there.
KNOWN = {
    "Porto": ["Lidköping", "Borås"],
    "Cork": ["Lidköping"],
    "Sliema": ["Skövde", "Uddevalla"],
    "Málaga": ["Lidköping", "Strömstad"],
    "Leipzig": ["Uddevalla"],
    "Turku": ["Varberg"],
}
# Town → answers and words, given in turn by the members that have had a stay there.
SAID = {
    "Porto": [(True, "Exempel: bra handledare och tydliga mål."), (True, "")],
    "Cork": [(True, "Exempel: tog emot med kort varsel.")],
    "Sliema": [(True, ""), (False, "Exempel: för många praktikanter samtidigt.")],
    "Turku": [(True, "Exempel: vana vid lärandemål.")],
    "Plymouth": [(False, "Exempel: tar inte emot längre.")],
}


def create(*, hosts, people, started_on):
    """Needs the journeys. `hosts` are found by town."""
    moment = at(started_on - timedelta(40), 14)
    tales.save(
        [
            tales.Tale(
                Acquaintance(host=hosts[town], user=people.contacts[name], since=moment),
                tales.MADE_UP,
                moment,
                people.contacts[name],
            )
            for town, names in KNOWN.items()
            for name in names
        ]
    )
    bank = Organisation.objects.filter(pk__in=[hosts[town].pk for town in SAID])
    verdicts = []
    for host in host_ties.count(list(host_ties.loaded(bank))):
        members = Organisation.objects.filter(pk__in={count.member_id for count in host.stay_counts})
        answering = members.filter(name__in=people.contacts).order_by("pk")
        for member, (again, note) in zip(answering, SAID[host.city], strict=False):
            by = people.contacts[member.name]
            verdict = HostVerdict(
                host=host, organisation=member, would_use_again=again, note=note, given_at=moment, given_by=by
            )
            verdicts.append(tales.Tale(verdict, tales.MADE_UP, moment, by))
    tales.save(verdicts)
