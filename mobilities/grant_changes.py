"""What changed between two grants of one mobility, by category and in words: "2 days fewer: −€66"."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mobilities.explanations import NAMES, euro
from mobilities.rate_books import GREEN, Category
from westum.base.formats import number

MINUS = "\N{MINUS SIGN}"


@dataclass(frozen=True)
class Change:
    """One category in both grants; an amount is None where the grant has no such line."""

    category: str
    name: str
    before_eur: Decimal | None
    after_eur: Decimal | None
    reasons: list[str]

    @property
    def difference(self):
        return signed((self.after_eur or Decimal(0)) - (self.before_eur or Decimal(0)))


def signed(amount):
    """+€66, −€66 or €0."""
    sign = "+" if amount > 0 else MINUS if amount < 0 else ""
    return f"{sign}{euro(abs(amount))}"


def between(before, after):
    """A Change for each category of the lines, those of `before` first."""
    old, new = ({line.category: line for line in lines} for lines in (before, after))
    return [_change(category, old.get(category), new.get(category)) for category in {**old, **new}]


def _change(category, old, new):
    if old and new:
        reasons = _REASONS.get(category, _by_rate)(old, new)
    else:
        reasons = [_came_or_went(category, has_come=old is None)]
    return Change(
        category, str(NAMES[category]), old and old.amount_eur, new and new.amount_eur, list(filter(None, reasons))
    )


def _came_or_went(category, *, has_come):
    came, went = {
        Category.INCLUSION_ORGANISATION: (
            _("now a participant with fewer opportunities"),
            _("no longer a participant with fewer opportunities"),
        ),
        Category.LINGUISTIC_SUPPORT: (_("with linguistic support"), _("without linguistic support")),
        Category.COURSE_FEES: (_("with a course fee"), _("without a course fee")),
    }.get(category, (_("another activity or rates that were missing before"), _("another activity")))
    return came if has_come else went


def _travel(old, new):
    if not (old.steps and new.steps):
        if bool(old.steps) == bool(new.steps):
            return []
        return [_("now far enough for travel support") if new.steps else _("now too near for travel support")]
    was, is_now = (line.steps[0].about for line in (old, new))
    found = []
    if was["distance_km"] != is_now["distance_km"]:
        words = {"now": number(is_now["distance_km"]), "before": number(was["distance_km"])}
        if was["km_from"] == is_now["km_from"]:
            found.append(_("%(now)s km instead of %(before)s km, in the same distance band") % words)
        else:
            found.append(_("%(now)s km instead of %(before)s km, in another distance band") % words)
    if _is_green(old) != _is_green(new):
        found.append(_("now green travel") if _is_green(new) else _("no longer green travel"))
    is_same_case = [was[name] == is_now[name] for name in ("km_from", "travel_mode")]
    return [*found, *(_by_rate(old, new) if all(is_same_case) else [])]


def _is_green(line):
    return line.steps[0].about["travel_mode"] == GREEN or line.reason == "no_green_rate"


def _individual_support(old, new):
    was, is_now = (line.steps[0].about for line in (old, new))
    found = [_more_days(was, is_now), _more_travel_days(was, is_now)]
    if was["country"] != is_now["country"] and was["group"] == is_now["group"]:
        found.append(_("another country of the same group"))
    elif was["group"] != is_now["group"]:
        found.append(_("another country group"))
    if was["payee"] != is_now["payee"]:
        found.append(_("another activity"))
    is_same_case = was["group"] == is_now["group"] and was["payee"] == is_now["payee"]
    if is_same_case and was["day_rate_eur"] != is_now["day_rate_eur"]:
        found.append(_rate(was["day_rate_eur"], is_now["day_rate_eur"]))
    if is_same_case and not any(found) and old.amount_eur != new.amount_eur:
        found.append(_("other shares of the rate a day"))
    return found


def _more_days(was, is_now):
    more = is_now["activity_days"] - was["activity_days"]
    if more > 0:
        return ngettext("%(n)s day more", "%(n)s days more", more) % {"n": more}
    return ngettext("%(n)s day fewer", "%(n)s days fewer", -more) % {"n": -more} if more else ""


def _more_travel_days(was, is_now):
    more = is_now["travel_days"] - was["travel_days"]
    if more > 0:
        return ngettext("%(n)s day of travel more", "%(n)s days of travel more", more) % {"n": more}
    return ngettext("%(n)s day of travel fewer", "%(n)s days of travel fewer", -more) % {"n": -more} if more else ""


def _course_fees(old, new):
    more = new.quantity - old.quantity
    if more == 0:
        return _by_rate(old, new)
    if more > 0:
        return [ngettext("%(n)s day of the course more", "%(n)s days of the course more", more) % {"n": more}]
    return [ngettext("%(n)s day of the course fewer", "%(n)s days of the course fewer", -more) % {"n": -more}]


def _by_rate(old, new):
    was, is_now = (line.steps[0].rate.amount_eur if line.steps else None for line in (old, new))
    if was is None or is_now is None or was == is_now:
        return [] if old.amount_eur == new.amount_eur else [_("other facts or rates")]
    return [_rate(was, is_now)]


def _rate(was, is_now):
    return _("the rate is %(now)s instead of %(before)s") % {"now": euro(is_now), "before": euro(was)}


_REASONS = {
    Category.TRAVEL: _travel,
    Category.INDIVIDUAL_SUPPORT: _individual_support,
    Category.COURSE_FEES: _course_fees,
}
