"""A grant in sentences, in the active language: what was multiplied, by which rate, and whence the rate comes.

The words are for a participant, a finance officer and an auditor alike; `Explained.rows` lead to the rates' own rows.
"""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from mobilities.rate_books import Category, Payee, Table
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
    Table.ACTIVITIES: gettext_lazy("the activities"),
    Table.COUNTRY_GROUPS: gettext_lazy("the country groups"),
    Table.DAY_RATES: gettext_lazy("the day rates"),
    Table.TIERS: gettext_lazy("the tiers of funded days"),
    Table.TRAVEL: gettext_lazy("the travel rates"),
    Table.TRAVEL_DAYS: gettext_lazy("the travel days"),
    Table.OTHER: gettext_lazy("the other unit costs"),
    Table.ORGANISATIONAL: gettext_lazy("the organisational support"),
}


@dataclass(frozen=True)
class Explained:
    """A grant line with its name and sentences. `sources` are the rates' sources, each once, in order of use."""

    category: Category
    name: str
    amount_eur: Decimal
    sentences: list[str]
    is_verified: bool
    sources: list[str]


def explain(line):
    steps = [sentence for step in line.steps for sentence in _STEPS[line.category](step)]
    return Explained(
        category=line.category,
        name=str(NAMES[line.category]),
        amount_eur=line.amount_eur,
        sentences=[*steps, *_reason(line)],
        is_verified=line.is_verified,
        sources=list(dict.fromkeys(step.rate.source for step in line.steps if step.rate.source)),
    )


def euro(amount):
    return money(amount, "EUR")


def _multiplied(step):
    words = {"quantity": number(step.quantity), "unit": euro(step.unit_eur), "amount": euro(step.amount_eur)}
    return _("%(quantity)s × %(unit)s = %(amount)s.") % words


def _travel(step):
    about = step.about
    words = {"km": number(about["distance_km"]), "first": number(about["km_from"]), "amount": euro(step.amount_eur)}
    if about["km_to"] is None:
        band = _("%(km)s km one way lies in the last distance band, from %(first)s km on.") % words
    else:
        words["last"] = number(about["km_to"])
        band = _("%(km)s km one way lies in the distance band %(first)s–%(last)s km.") % words
    if about["travel_mode"] == "green":
        paid = _("For green travel it pays %(amount)s once, for the journey there and back.") % words
    else:
        paid = _("It pays %(amount)s once, for the journey there and back.") % words
    return [band, paid]


def _individual_support(step):
    about = step.about
    words = {"first": about["day_from"], "last": about["day_to"], "days": step.quantity}
    words |= {"rate": euro(step.unit_eur), "amount": euro(step.amount_eur), "percent": about["percent"]}
    words |= {"whole": euro(about["day_rate_eur"]), "group": about["group"], "payee": PAYEES[about["payee"]]}
    if step.quantity == 1:
        days = _("Day %(first)s: %(rate)s.") % words
    else:
        days = _("Days %(first)s–%(last)s: %(days)s days × %(rate)s = %(amount)s.") % words
    if about["percent"] == 100:
        return [days, _("%(rate)s is the day rate of %(payee)s in country group %(group)s.") % words]
    return [days, _("%(rate)s is %(percent)s per cent of %(whole)s, rounded to whole euro.") % words]


def _linguistic_support(step):
    words = {"amount": euro(step.amount_eur)}
    if step.about["is_extra"]:
        return [_("A participant in ErasmusPro gets another %(amount)s.") % words]
    return [_("A participant who gets no course online gets %(amount)s.") % words]


def _course_fees(step):
    if step.about.get("is_rest"):
        return [_("And %(amount)s up to the limit.") % {"amount": euro(step.amount_eur)}]
    words = {"days": number(step.quantity), "rate": euro(step.unit_eur), "amount": euro(step.amount_eur)}
    one, several = "%(days)s day × %(rate)s = %(amount)s.", "%(days)s days × %(rate)s = %(amount)s."
    return [ngettext(one, several, step.quantity) % words]


def _inclusion(step):
    return [_("For a participant with fewer opportunities the organisation gets %s.") % euro(step.amount_eur)]


def _preparatory_visit(step):
    return [_("A person on a preparatory visit gets %s for all costs.") % euro(step.amount_eur)]


def _organisational(step):
    if "awarded_eur" in step.about:
        return []
    words = {"first": number(step.about["first"]), "last": number(step.about["last"])}
    return [_("Participants %(first)s to %(last)s:") % words + " " + _multiplied(step)]


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
        "too_near": _("Below %(limit)s km there is no travel support."),
        "no_green_rate": _("This call has no rate for green travel in this band, so the ordinary one is paid."),
        "last_tier": _("Days after day %(limit)s are not paid."),
        "staff_days": _("Staff get linguistic support from %(limit)s days on."),
        "cap": _("The limit for a participant in the project is %(limit)s."),
        "award": _("The award is %(limit)s: what goes beyond it is not paid."),
    }
    if not line.reason:
        return []
    limit = euro(line.limit) if isinstance(line.limit, Decimal) else number(line.limit)
    return [sentences[line.reason] % {"limit": limit}]


def refusal(refused):
    """Why the programme funds no such stay, and at which field of a form: `(field, sentence)`."""
    limit = number(refused.limit)
    return {
        "no_days": ("activity_days", _("Write how many days the stay has, at least 1.")),
        "at_home": ("receiving_country", _("The stay must be in another country than the one that sends.")),
        "distance": (
            "distance_km",
            _("Write the distance one way in kilometres, from 0 to %s: no two places lie farther apart.") % limit,
        ),
        "travel_days": (
            "travel_days",
            _("At most %s days of travel are funded for this way of travelling in this call.") % limit,
        ),
    }[refused.reason]


def missing(rate):
    """What a table of annex IV lacks, for RateMissing `rate`."""
    words = {"call": rate.call_year, "country": country(rate.case["sending_country"])}
    words |= {name: rate.case.get(name, "") for name in ("activity_code", "group", "km_from")}
    if rate.table == Table.COUNTRY_GROUPS:
        words["receiving"] = country(rate.case["country"])
        return _("Call %(call)s has no country group for %(receiving)s.") % words
    if rate.table == Table.DAY_RATES:
        payee, group = PAYEES[rate.case["payee"]], rate.case["group"]
        words |= {"payee": payee, "group": group if len(group) == 1 else country(group)}
        return _("Call %(call)s has no day rate from %(country)s for %(payee)s in country group %(group)s.") % words
    if rate.table == Table.OTHER:
        words["category"] = NAMES.get(rate.case["category"], NAMES[Category.LINGUISTIC_SUPPORT])
        return _("Call %(call)s has no amount for this: %(category)s.") % words
    if rate.table == Table.TRAVEL and "km_from" in rate.case:
        return _("Call %(call)s has no amount for the distance band from %(km_from)s km.") % words
    return _("Call %(call)s: %(table)s have not been entered.") % (words | {"table": TABLES[rate.table]})
