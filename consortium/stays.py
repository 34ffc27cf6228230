"""How many stays members have had with a host. The app that has the stays tells it; nothing here says whose they were."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Count:
    """Completed stays of one member's participants with one host."""

    host_id: int
    member_id: int
    learners: int
    staff: int

    @property
    def all(self):
        return self.learners + self.staff


_tellers: list[Callable[[Iterable[int]], Iterable[Count]]] = []


def told_by(teller):
    """For an app's `ready()`: `teller(host_ids)` gives a `Count` for each host and member with a stay."""
    if teller not in _tellers:
        _tellers.append(teller)


def with_hosts(host_ids):
    """The counts by host; a host without stays has none."""
    host_ids, found = list(host_ids), defaultdict(list)
    for teller in _tellers:
        for count in teller(host_ids):
            found[count.host_id].append(count)
    return found
