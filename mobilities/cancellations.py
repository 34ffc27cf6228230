"""How many of what a member submits it calls off: the part of what is planned that a forecast does not count.

Over all of the consortium's own projects: withdrawn after submission or cancelled, of all that were ever submitted.
A member that has never submitted anything is taken to be as the consortium.
"""

from collections import Counter
from dataclasses import dataclass
from fractions import Fraction

from django.db.models import Count

from mobilities.models import Mobility
from mobilities.models.states import IS_CALLED_OFF
from westum.base.money import round_half_up


@dataclass(frozen=True)
class Past:
    """Of so many mobilities that were ever submitted so many were called off."""

    called_off: int = 0
    submitted: int = 0

    @property
    def kept(self):
        """The part that travels; all of it while nothing has ever been submitted."""
        return Fraction(self.submitted - self.called_off, self.submitted) if self.submitted else Fraction(1)

    def expected(self, amount_eur):
        """Of an amount that is planned, rounded half up to the cent."""
        return round_half_up(amount_eur * self.kept.numerator / self.kept.denominator)


@dataclass(frozen=True)
class Pasts:
    by_organisation: dict[int, Past]

    @property
    def together(self):
        pasts = self.by_organisation.values()
        return Past(sum(past.called_off for past in pasts), sum(past.submitted for past in pasts))

    def of(self, organisation):
        return self.by_organisation.get(organisation, self.together)

    def expected_participants(self, planned):
        """By activity code, rounded half up to whole participants."""
        exact = self.exact_participants(planned)
        return Counter({code: int(number + Fraction(1, 2)) for code, number in exact.items()})

    def exact_participants(self, planned):
        """`planned`: (organisation, activity code) → how many. By activity code, in parts of participants."""
        exact = Counter()
        for (organisation, code), number in planned.items():
            exact[code] += number * self.of(organisation).kept
        return exact


def of_members():
    """The Pasts of all members, over the consortium's own projects. One query."""
    rows = (
        Mobility.objects.in_own_projects()
        .once_submitted()
        .order_by()
        .values_list("sending_organisation")
        .annotate(called_off=Count("pk", filter=IS_CALLED_OFF), submitted=Count("pk"))
    )
    return Pasts({organisation: Past(called_off, submitted) for organisation, called_off, submitted in rows})
