"""The tables of annex IV, one row a figure and call year, each with its source and how sure it is.

Everybody who may see mobilities reads them; they hold nothing of persons. An amount that nobody has entered is empty.
"""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from consortium.models import SourceStatus
from mobilities import rate_books
from westum.base.forms import Versioned
from westum.base.history import History, KeptQuerySet

FIRST_CALL, LAST_CALL = 2014, 2027  # of the two generations of the programme that Westum knows
MOST_EUR = 10_000  # no unit cost of the programme comes near


# Fields whose old and new values the history shows.
FIGURES = (
    *("amount_eur", "cap_eur", "lowest_eur", "highest_eur", "status", "source"),
    *("first_participant", "last_participant", "km_from", "km_to"),
    *("country_group", "day_from", "day_to", "percent", "most_days"),
)


class UnitCostKind(models.TextChoices):
    TRAVEL = "travel", _("travel")
    DAY_RATE = "individual_support", _("individual support, a day")
    ORGANISATIONAL = "organisational_support", _("organisational support")
    LINGUISTIC = "linguistic_support", _("linguistic support")
    LINGUISTIC_EXTRA = "linguistic_support_erasmuspro_extra", _("linguistic support, in addition for ErasmusPro")
    COURSE_FEES = "course_fees", _("course fees, a day")
    INCLUSION = "inclusion_organisation", _("inclusion support for organisations")
    PREPARATORY_VISIT = "preparatory_visit", _("preparatory visit")


class Payee(models.TextChoices):
    """The payees of the rate book, with their names."""

    LEARNER_SHORT = rate_books.Payee.LEARNER_SHORT.value, _("learner, short-term")
    LEARNER_LONG = rate_books.Payee.LEARNER_LONG.value, _("learner, long-term (ErasmusPro)")
    STAFF = rate_books.Payee.STAFF.value, _("staff")
    ACCOMPANYING = rate_books.Payee.ACCOMPANYING.value, _("accompanying person")


class TierAudience(models.TextChoices):
    LEARNER = "learner", _("learners")
    STAFF = "staff", _("staff")


class RateRow(Versioned):
    """A row of a table of annex IV."""

    call_year = models.PositiveSmallIntegerField(_("call year"))
    status = models.CharField(_("how sure it is"), max_length=20, choices=SourceStatus, default=SourceStatus.UNVERIFIED)
    source = models.CharField(_("source"), max_length=500, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)

    objects = KeptQuerySet.as_manager()
    told_values = FIGURES

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(name="%(class)s_status_is_known", condition=Q(status__in=SourceStatus.values)),
            models.CheckConstraint(
                name="%(class)s_call_year_is_of_the_programme",
                condition=Q(call_year__gte=FIRST_CALL, call_year__lte=LAST_CALL),
                violation_error_message=_("Choose a call year from 2014 to 2027."),
                violation_error_code="call_year",
            ),
        ]


class UnitCost(RateRow):
    """An amount in euro for one unit. What a kind is not divided by is empty, or zero.

    `sending_country` is empty where the amount is the same in the whole programme. `lowest_eur` and `highest_eur` are the
    bounds within which the Programme Guide lets an agency set a day rate, where they are known.
    """

    kind = models.CharField(_("kind"), max_length=40, choices=UnitCostKind)
    sending_country = models.CharField(_("sending country"), max_length=2, blank=True)
    payee = models.CharField(_("for whom"), max_length=20, choices=Payee, blank=True)
    country_group = models.CharField(_("country group"), max_length=2, blank=True)
    km_from = models.PositiveIntegerField(_("from km"), default=0)
    km_to = models.PositiveIntegerField(_("to km"), null=True, blank=True)
    travel_mode = models.CharField(_("way of travelling"), max_length=10, blank=True)
    activity_code = models.CharField(_("activity"), max_length=20, blank=True)
    first_participant = models.PositiveIntegerField(_("from participant"), default=0)
    last_participant = models.PositiveIntegerField(_("to participant"), null=True, blank=True)
    amount_eur = models.DecimalField(_("amount, EUR"), max_digits=8, decimal_places=2, null=True, blank=True)
    cap_eur = models.DecimalField(_("at most, EUR"), max_digits=8, decimal_places=2, null=True, blank=True)
    lowest_eur = models.DecimalField(_("lowest, EUR"), max_digits=8, decimal_places=2, null=True, blank=True)
    highest_eur = models.DecimalField(_("highest, EUR"), max_digits=8, decimal_places=2, null=True, blank=True)

    history = History()

    class Meta(RateRow.Meta):
        verbose_name = _("unit cost")
        verbose_name_plural = _("unit costs")
        constraints = [
            *RateRow.Meta.constraints,
            models.UniqueConstraint(
                name="unit_cost_is_stated_once",
                fields=[
                    *("kind", "call_year", "sending_country", "payee", "country_group", "km_from", "travel_mode"),
                    *("activity_code", "first_participant"),
                ],
                violation_error_message=_("There is a row for this case already. Change that one."),
                violation_error_code="amount_eur",
            ),
            models.CheckConstraint(name="unit_cost_kind_is_known", condition=Q(kind__in=UnitCostKind.values)),
            models.CheckConstraint(
                name="unit_cost_is_within_reason",
                condition=Q(amount_eur__isnull=True) | Q(amount_eur__gte=0, amount_eur__lte=MOST_EUR),
                violation_error_message=_("Write an amount from 0 to 10,000 euro."),
                violation_error_code="amount_eur",
            ),
            models.CheckConstraint(
                name="unit_cost_cap_is_within_reason",
                condition=Q(cap_eur__isnull=True) | Q(cap_eur__gte=F("amount_eur"), cap_eur__lte=MOST_EUR),
                violation_error_message=_("Write a limit from the amount itself to 10,000 euro."),
                violation_error_code="cap_eur",
            ),
            models.CheckConstraint(
                name="unit_cost_band_ends_after_its_start", condition=Q(km_to__isnull=True) | Q(km_to__gte=F("km_from"))
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()} {self.call_year}"


class CountryGroup(RateRow):
    """The group of a receiving country, by which the day rate is chosen."""

    country_code = models.CharField(_("country"), max_length=2)
    group = models.CharField(_("country group"), max_length=2)
    is_third_country = models.BooleanField(_("not associated with the programme"), default=False)

    history = History()

    class Meta(RateRow.Meta):
        verbose_name = _("country group")
        verbose_name_plural = _("country groups")
        constraints = [
            *RateRow.Meta.constraints,
            models.UniqueConstraint(
                name="country_is_in_one_group",
                fields=["call_year", "country_code"],
                violation_error_message=_("This country has a group in this call year already. Change that one."),
                violation_error_code="country_code",
            ),
            models.CheckConstraint(name="country_group_is_known", condition=Q(group__in=["1", "2", "3", *"ABCD"])),
        ]

    def __str__(self):
        return f"{self.country_code}: {self.group} ({self.call_year})"


class FundedDayTier(RateRow):
    """From which to which funded day what share of the day rate is paid."""

    audience = models.CharField(_("for whom"), max_length=10, choices=TierAudience)
    day_from = models.PositiveSmallIntegerField(_("from day"))
    day_to = models.PositiveSmallIntegerField(_("to day"))
    percent = models.PositiveSmallIntegerField(_("per cent of the day rate"))

    history = History()

    class Meta(RateRow.Meta):
        verbose_name = _("tier of funded days")
        verbose_name_plural = _("tiers of funded days")
        constraints = [
            *RateRow.Meta.constraints,
            models.UniqueConstraint(
                name="tier_begins_once",
                fields=["call_year", "audience", "day_from"],
                violation_error_message=_("A tier begins on this day already."),
                violation_error_code="day_from",
            ),
            models.CheckConstraint(
                name="tier_ends_after_its_start",
                condition=Q(day_to__gte=F("day_from")),
                violation_error_message=_("The last day cannot be before the first."),
                violation_error_code="day_to",
            ),
            models.CheckConstraint(
                name="tier_pays_a_share",
                condition=Q(percent__gte=1, percent__lte=100),
                violation_error_message=_("Write a share from 1 to 100 per cent."),
                violation_error_code="percent",
            ),
            models.CheckConstraint(name="tier_audience_is_known", condition=Q(audience__in=TierAudience.values)),
        ]

    def __str__(self):
        return f"{self.get_audience_display()} {self.day_from}–{self.day_to}, {self.call_year}"


class TravelDayLimit(RateRow):
    """How many days of travel are funded at most, by the way of travelling."""

    travel_mode = models.CharField(_("way of travelling"), max_length=10)
    most_days = models.PositiveSmallIntegerField(_("days at most"), null=True, blank=True)

    history = History()

    class Meta(RateRow.Meta):
        verbose_name = _("limit of travel days")
        verbose_name_plural = _("limits of travel days")
        constraints = [
            *RateRow.Meta.constraints,
            models.UniqueConstraint(
                name="travel_days_are_limited_once",
                fields=["call_year", "travel_mode"],
                violation_error_message=_("There is a limit for this way of travelling already."),
                violation_error_code="travel_mode",
            ),
            models.CheckConstraint(
                name="travel_days_are_within_reason",
                condition=Q(most_days__isnull=True) | Q(most_days__lte=10),
                violation_error_message=_("Write a number of days from 0 to 10."),
                violation_error_code="most_days",
            ),
        ]

    def __str__(self):
        return f"{self.travel_mode}, {self.call_year}"
