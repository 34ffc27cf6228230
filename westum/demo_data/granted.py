"""The kept grants of invented mobilities: worked out by the rules that the pages use, with the lines of history."""

from collections import defaultdict

from mobilities import grant_lines, mobility_grants
from mobilities.models import GrantLine, GrantPhase
from westum.demo_data import tales


class Granted:
    """What the invented mobilities are granted, each kept at its moments. `save` needs the mobilities to be saved."""

    def __init__(self):
        self._books = mobility_grants.Books()
        self._tales = defaultdict(dict)  # by the mobility's identity and phase, then by category

    def accept(self, mobility, moment, by):
        grant = mobility_grants.worked_out(mobility, self._books)
        self._keep(mobility, GrantPhase.ACCEPTED, grant, "accepted", moment, by)

    def settle(self, mobility, moment, by=None):
        accepted = [grant_lines.from_row(tale.row) for tale in self._tales[id(mobility), GrantPhase.ACCEPTED].values()]
        grant = mobility_grants.worked_out(mobility, self._books, keeping=accepted)
        self._keep(mobility, GrantPhase.ACTUAL, grant, mobility_grants.SETTLED, moment, by)

    def _keep(self, mobility, phase, grant, verb, moment, by):
        held = self._tales[id(mobility), phase]
        for line in grant.lines:
            if line.category in held:
                held[line.category].happens(verb, moment, by, **grant_lines.columns(line))
            else:
                row = GrantLine(mobility=mobility, phase=phase, category_id=line.category, **grant_lines.columns(line))
                held[line.category] = tales.Tale(row, verb, moment, by)

    def save(self):
        told = [tale for held in self._tales.values() for tale in held.values()]
        for tale in told:
            for row in [tale.row, *tale.stages]:
                row.mobility_id = row.mobility.pk
        tales.save(told)
