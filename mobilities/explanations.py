"""A grant in sentences, in the active language: what was multiplied, by which rate, and whence the rate comes.

The words are for a participant, a finance officer and an auditor alike; `Explained.rates` lead to the rates' own rows.
"""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from consortium.models import SourceStatus
from mobilities.rate_books import GREEN, VERIFIED, Category, Payee, Table
from westum.base.formats import country, money, number

NAMES = {
    Category.TRAVEL: gettext_lazy("Travel support"),
    Category.INDIVIDUAL_SUPPORT: gettext_lazy("Individual support"),
    Category.LINGUISTIC_SUPPORT: gettext_lazy("Linguistic support"),
    Category.COURSE_FEES: gettext_lazy("Course fees"),
    Category.INCLUSION_ORGANISATION: gettext_lazy("Inclusion support for the organisation"),
    Category.PREPARATORY_VISIT: gettext_lazy("Preparatory visit"),
    Category.ORGANISATIONAL_SUPPORT: gettext_lazy("Organisational support"),
}
PAYEES = {
    Payee.LEARNER_SHORT: gettext_lazy("learners"),
    Payee.LEARNER_LONG: gettext_lazy("learners on long-term mobility"),
    Payee.STAFF: gettext_lazy("staff"),
    Payee.ACCOMPANYING: gettext_lazy("accompanying persons"),
}
TABLES = {
    Table.ACTIVITIES: gettext_lazy("activities"),
    Table.COUNTRY_GROUPS: gettext_lazy("country groups"),
    Table.DAY_RATES: gettext_lazy("rates a day"),
    Table.TIERS: gettext_lazy("tiers of funded days"),
    Table.TRAVEL: gettext_lazy("travel rates"),
    Table.TRAVEL_DAYS: gettext_lazy("travel days"),
    Table.OTHER: gettext_lazy("other unit costs"),
    Table.ORGANISATIONAL: gettext_lazy("organisational support"),
}


@dataclass(frozen=True)
class Used:
    """A rate on which a line rests: whence it comes, how sure it is, the key of its row (None when it has none)."""

    source: str
    status: str
    row: int | None
    kind: str = "cost"  # in the address of its row

    @property
    def doubt(self):
        """How sure it is, in words; empty when it is verified."""
        return "" if self.status == VERIFIED else SourceStatus(self.status).label


@dataclass(frozen=True)
class Explained:
    """A grant line with its name and sentences. `rates` are those it rests on, each once, in order of use."""

    category: Category
    name: str
    amount_eur: Decimal
    sentences: list[str]
    is_verified: bool
    rates: list[Used]
    why_nothing: str = ""  # the reason for which it pays nothing

    @property
    def sources(self):
        return list(dict.fromkeys(rate.source for rate in self.rates if rate.source))


@dataclass(frozen=True)
class Grant:
    """The lines of one grant together, as `components/grant.html` shows them: the organisation's money stands apart."""

    lines: list[Explained]

    @property
    def amount_eur(self):
        return sum((line.amount_eur for line in self.lines), Decimal(0))

    @property
    def own_lines(self):
        return own_lines(self.lines)

    @property
    def own_eur(self):
        """Without what the organisation gets for a participant."""
        return sum((line.amount_eur for line in self.own_lines), Decimal(0))

    @property
    def organisation_eur(self):
        return self.amount_eur - self.own_eur

    @property
    def is_verified(self):
        return all(line.is_verified for line in self.lines)


def own_lines(lines):
    """What the participant is granted. Inclusion support for the organisation is the organisation's."""
    return [line for line in lines if line.category != Category.INCLUSION_ORGANISATION]


def explain_all(lines):
    return Grant([explain(line) for line in lines])


def explain(line):
    steps = [sentence for step in line.steps for sentence in _STEPS[line.category](step)]
    reasons = _reason(line)
    return Explained(
        category=line.category,
        name=str(NAMES[line.category]),
        amount_eur=line.amount_eur,
        sentences=[*_days_in_all(line), *steps, *reasons],
        is_verified=line.is_verified,
        rates=list(dict.fromkeys(used for step in line.steps for used in _used(step))),
        why_nothing="" if line.amount_eur else " ".join(reasons),
    )


def _days_in_all(line):
    """Where the steps count more days than the stay has: the others are of travel."""
    about = line.steps[0].about if line.steps else {}
    stay, travel = about.get("activity_days", 0), about.get("travel_days", 0)
    if not travel:
        return []
    words = {
        "stay": ngettext("%(n)s day of the stay", "%(n)s days of the stay", stay) % {"n": number(stay)},
        "travel": ngettext("%(n)s day of travel", "%(n)s days of travel", travel) % {"n": number(travel)},
        "days": number(stay + travel),
    }
    return [_("%(stay)s and %(travel)s: %(days)s days in all.") % words]


def _used(step):
    """The rate of a step, and its tier when that pays a share or is not verified. What the award takes away has none."""
    if step.rate.source or step.rate.row:
        yield Used(step.rate.source, step.rate.status, step.rate.row)
    about = step.about
    status, row = about.get("tier_status", VERIFIED), about.get("tier_row")
    if status != VERIFIED or row and about["percent"] != 100:
        yield Used(str(TABLES[Table.TIERS]), status, row, "tier")


def euro(amount):
    return money(amount, "EUR")


def _travel(step):
    about = step.about
    words = {"km": number(about["distance_km"]), "first": number(about["km_from"]), "amount": euro(step.amount_eur)}
    if about["km_to"] is None:
        band = _("The distance is %(km)s km one way. That is the last distance band, from %(first)s km on.") % words
    else:
        words["last"] = number(about["km_to"])
        band = _("The distance is %(km)s km one way. That is the distance band of %(first)s to %(last)s km.") % words
    if about["travel_mode"] == GREEN:
        paid = _("For green travel this band pays %(amount)s, once for the journey there and back.") % words
    else:
        paid = _("This band pays %(amount)s, once for the journey there and back.") % words
    return [band, paid]


def _individual_support(step):
    about = step.about
    words = {"first": about["day_from"], "last": about["day_to"], "days": step.quantity, "percent": about["percent"]}
    words |= {"rate": euro(step.unit_eur), "amount": euro(step.amount_eur), "whole": euro(about["day_rate_eur"])}
    words |= {"payee": PAYEES[about["payee"]], "group": about["group"]}
    days = ngettext(
        "Day %(first)s: %(days)s day × %(rate)s = %(amount)s.",
        "Days %(first)s to %(last)s: %(days)s days × %(rate)s = %(amount)s.",
        step.quantity,
    )
    if about["percent"] != 100:
        share = _("From day %(first)s on a day pays %(percent)s per cent of %(whole)s: %(rate)s in whole euro.")
    elif about["day_rate_eur"] != step.unit_eur:
        share = _rounded(words)
    elif is_country(about["group"]):
        words["country"] = country(about["group"])
        share = _("%(rate)s is the rate a day for %(payee)s who stay in this country: %(country)s.")
    else:
        share = _("%(rate)s is the rate a day for %(payee)s who stay in a country of group %(group)s.")
    return [days % words, share % words]


def _rounded(words):
    """The sentence of a day rate with cents, which counts in whole euro."""
    words["exact"] = words["whole"]
    if is_country(words["group"]):
        words["country"] = country(words["group"])
        return _(
            "%(exact)s is the rate a day for %(payee)s who stay in this country: %(country)s. "
            "It is rounded to whole euro: %(rate)s."
        )
    return _(
        "%(exact)s is the rate a day for %(payee)s who stay in a country of group %(group)s. "
        "It is rounded to whole euro: %(rate)s."
    )


def is_country(group):
    """Until call 2017 learners had a rate for each country, whose code then stands in the place of the group."""
    return len(group) == 2


def _linguistic_support(step):
    words = {"amount": euro(step.amount_eur)}
    if step.about["is_extra"]:
        return [_("A participant in ErasmusPro gets another %(amount)s for the language.") % words]
    return [_("A participant for whom there is no language course online gets %(amount)s for another one.") % words]


def _course_fees(step):
    words = {"days": number(step.quantity), "rate": euro(step.unit_eur), "amount": euro(step.amount_eur)}
    if step.about.get("is_rest"):
        return [_("And %(amount)s of the next day, up to the limit.") % words]
    sentence = ngettext(
        "%(days)s day with a course fee × %(rate)s = %(amount)s.",
        "%(days)s days with a course fee × %(rate)s = %(amount)s.",
        step.quantity,
    )
    return [sentence % words]


def _inclusion(step):
    return [
        _("For each participant with fewer opportunities the organisation gets %(amount)s.")
        % {"amount": euro(step.amount_eur)}
    ]


def _preparatory_visit(step):
    return [
        _("For a preparatory visit there is one amount a person, for all costs: %(amount)s.")
        % {"amount": euro(step.amount_eur)}
    ]


def _organisational(step):
    if "awarded_eur" in step.about:
        return []
    words = {"quantity": number(step.quantity), "unit": euro(step.unit_eur), "amount": euro(step.amount_eur)}
    words |= {"first": number(step.about["first"]), "last": number(step.about["last"])}
    sentence = ngettext(
        "Participant number %(first)s: %(quantity)s × %(unit)s = %(amount)s.",
        "Participants number %(first)s to %(last)s: %(quantity)s × %(unit)s = %(amount)s.",
        step.quantity,
    )
    return [sentence % words]


_STEPS = {
    Category.TRAVEL: _travel,
    Category.INDIVIDUAL_SUPPORT: _individual_support,
    Category.LINGUISTIC_SUPPORT: _linguistic_support,
    Category.COURSE_FEES: _course_fees,
    Category.INCLUSION_ORGANISATION: _inclusion,
    Category.PREPARATORY_VISIT: _preparatory_visit,
    Category.ORGANISATIONAL_SUPPORT: _organisational,
}


def _reason(line):
    sentences = {
        "too_near": _("Below %(limit)s km one way there is no travel support."),
        "no_green_rate": _(
            "The call has no amount for green travel in this distance band, so the ordinary amount is paid."
        ),
        "last_tier": _("Days after day %(limit)s pay nothing."),
        "learners_only": _("In this call only learners get linguistic support."),
        "staff_days": _("Staff get linguistic support when they stay at least %(limit)s days. This stay is shorter."),
        "cap": _("A participant gets at most %(limit)s in course fees, whatever the number of days."),
        "award": _("The award is %(limit)s. What goes beyond it is not paid."),
    }
    if not line.reason:
        return []
    limit = euro(line.limit) if isinstance(line.limit, Decimal) else number(line.limit)
    return [sentences[line.reason] % {"limit": limit}]


def refusal(refused):
    """Why the programme funds no such stay, and at which field of a form: `(field, sentence)`."""
    limit = number(refused.limit)
    if refused.reason == "travel_days":
        sentence = ngettext(
            "In this call at most %(n)s day of travel is funded for this way of travelling. Write fewer days.",
            "In this call at most %(n)s days of travel are funded for this way of travelling. Write fewer days.",
            refused.limit,
        )
        return "travel_days", sentence % {"n": limit}
    return {
        "no_days": ("activity_days", _("Write how many days the stay has, at least 1.")),
        "at_home": ("receiving_country", _("A stay abroad is funded, so choose another country than the own one.")),
        "distance": (
            "distance_km",
            _("Write the distance one way in kilometres, from 0 to %(most)s. No two places lie farther apart.")
            % {"most": limit},
        ),
    }[refused.reason]


def missing(rate):
    """What a table of annex IV lacks, for RateMissing `rate`."""
    words = {"call": rate.call_year, "country": country(rate.case["sending_country"])}
    if rate.table == Table.COUNTRY_GROUPS:
        words["receiving"] = country(rate.case["country"])
        return _("Call %(call)s: no country group has been entered for this country: %(receiving)s.") % words
    if rate.table == Table.DAY_RATES:
        words |= {"payee": PAYEES[rate.case["payee"]], "group": rate.case["group"]}
        if is_country(words["group"]):
            words["receiving"] = country(words["group"])
            return (
                _(
                    "Call %(call)s, sent from %(country)s: no rate a day has been entered for %(payee)s "
                    "who stay in this country: %(receiving)s."
                )
                % words
            )
        return (
            _(
                "Call %(call)s, sent from %(country)s: no rate a day has been entered for %(payee)s "
                "who stay in a country of group %(group)s."
            )
            % words
        )
    if rate.table == Table.OTHER:
        words["category"] = NAMES.get(rate.case["category"], NAMES[Category.LINGUISTIC_SUPPORT])
        return _("Call %(call)s: no amount has been entered for this: %(category)s.") % words
    if rate.table == Table.TRAVEL and "km_from" in rate.case:
        words["km_from"] = number(rate.case["km_from"])
        return _("Call %(call)s: no amount has been entered for the distance band from %(km_from)s km on.") % words
    return _("Call %(call)s: the table “%(table)s” has not been entered.") % (
        words | {"table": capfirst(TABLES[rate.table])}
    )
