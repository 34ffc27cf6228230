"""The grant as the traveller reads it on the own page: how much, what for and why. Plain words, one idea a sentence."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mobilities import explanations, grant_changes, grant_history, mobility_grants
from mobilities.explanations import euro
from mobilities.models import GrantPhase
from mobilities.models.states import COMPLETED_OR_LATER, OFF
from mobilities.rate_books import GREEN, Category
from westum.base.formats import day, listed, number


@dataclass(frozen=True)
class TravellerGrant:
    """`explained` has the traveller's own lines; it is None while there is no amount, and `sentences` say why.

    `why` says what each line is for.
    """

    explained: explanations.Grant | None
    sentences: list[str]
    example_of: str
    why: tuple[str, ...] = ()


def of(mobility, books, events=()):
    """None for a trip that does not take place, and where no programme pays by unit costs."""
    if mobility.state in OFF or not mobility.project.is_erasmus:
        return None
    accepted, actual = (mobility_grants.kept(mobility, phase) for phase in GrantPhase)
    if mobility.accepted_at is None:
        grant = mobility_grants.worked_out(mobility, books)
        told = _("This is planned. The amount can change until your trip is accepted.")
    elif mobility.state in COMPLETED_OR_LATER and actual.is_known:
        grant, told = actual, _("This is by the days that you were there.")
    else:
        grant = accepted
        told = _("This is decided. It changes only if your days or your way of travelling change.")
    if not grant.is_known:
        return TravellerGrant(None, _unknown(grant), mobility_grants.example_of(mobility, grant))
    example_of = mobility_grants.example_of(mobility, grant)
    own = _own(grant)
    if renewals := grant_history.renewals(events):
        since = _since_renewal(events, renewals)
    else:
        since = _since_acceptance(accepted, grant) if grant is actual else []
    why = tuple(" ".join(_WHY[line.category](line)) for line in grant.lines if line.amount_eur)
    return TravellerGrant(explanations.explain_all(own), [told, *since], example_of, why)


def _unknown(grant):
    if grant.missing:
        return [_("We do not know the amount yet."), _("The rates for your trip have not been entered yet.")]
    if grant.lacking or grant.refused:
        return [_("We do not know the amount yet."), _("First we must know more about your trip.")]
    return [_("We do not know the amount yet."), _("Your trip is accepted all the same.")]


def _since_acceptance(accepted, actual):
    """What is more or less than was accepted, and why; nothing where it is the same."""
    before, now = (_own_sum(grant) for grant in (accepted, actual))
    if not accepted.is_known or before == now:
        return []
    changes = grant_changes.between(_own(accepted), _own(actual))
    words = {
        "amount": euro(abs(now - before)),
        "why": listed(reason for change in changes for reason in change.reasons),
    }
    if now > before:
        return [_("It is %(amount)s more than when your trip was accepted: %(why)s.") % words]
    return [_("It is %(amount)s less than when your trip was accepted: %(why)s.") % words]


def _own(grant):
    """The traveller's lines: inclusion support is the school's."""
    return [line for line in grant.lines if line.category != Category.INCLUSION_ORGANISATION]


def _since_renewal(events, renewals):
    """What was accepted, and that it was calculated anew."""
    words = {"day": day(renewals[-1].at)}
    if grant_history.first_sum(events) is None:
        return [_("There was no amount when your trip was accepted."), _("It was worked out on %(day)s.") % words]
    words |= {"amount": euro(grant_history.own_first_sum(events))}
    return [
        _("When your trip was accepted it was %(amount)s.") % words,
        _("It was calculated anew on %(day)s by other rates.") % words,
    ]


def _own_sum(grant):
    return sum((line.amount_eur for line in _own(grant)), Decimal(0))


def _travel(line):
    about = line.steps[0].about
    found = [
        _("Travel support is for the journey there and back."),
        _("It is %(km)s kilometres one way.") % {"km": number(about["distance_km"])},
    ]
    return [*found, _("You travel green.")] if about["travel_mode"] == GREEN else found


def _individual_support(line):
    sentence = ngettext(
        "Individual support is for food, a place to live and local travel, for %(n)s day.",
        "Individual support is for food, a place to live and local travel, for %(n)s days.",
        line.quantity,
    )
    return [sentence % {"n": line.quantity}]


def _inclusion(line):
    return [
        _("Your school gets %(amount)s as well, so that it can help you.") % {"amount": euro(line.amount_eur)},
        _("That money is the school's and not part of your grant."),
    ]


_WHY = {
    Category.TRAVEL: _travel,
    Category.INDIVIDUAL_SUPPORT: _individual_support,
    Category.LINGUISTIC_SUPPORT: lambda line: [_("Linguistic support is for a language course.")],
    Category.COURSE_FEES: lambda line: [_("Course fees pay for your course.")],
    Category.PREPARATORY_VISIT: lambda line: [_("One amount pays for your whole visit.")],
    Category.INCLUSION_ORGANISATION: _inclusion,
}
