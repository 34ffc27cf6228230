"""Amounts of annex IV from its tables alone, for Spain's calls of 2020 and 2021: written anew, and with nothing of the portal.

`annex_iv/` holds the tables as they were read from the agencies' papers.
"""

import csv
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path

TABLES = Path(__file__).parent / "annex_iv"
# Code of the activity → whose day rate is paid.
LEARNERS = {
    "traineeship-2014": "learner_short",
    "erasmuspro-2018": "learner_long",
    "LM-SHORT-VET": "learner_short",
    "LM-LONG-VET": "learner_long",
    "LM-SKILL-VET": "learner_short",
}
VISITS = {"planning-visit-2018", "preparatory-visit"}


@cache
def table(name):
    with (TABLES / f"{name}.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def of_call(name, year):
    return [row for row in table(name) if int(row["valid_from_call"]) <= year <= int(row["valid_to_call"])]


def other(category, year):
    return next(row for row in of_call("other_unit_costs", year) if row["category"] == category)


def most_travel_days(year, mode):
    rows = {row["travel_mode"]: row for row in of_call("travel_days", year)}
    return int(rows.get(mode, rows["standard"])["max_funded_travel_days"])


def countries(year):
    return sorted({row["country_code"] for row in table("country_groups") if row["call_year"] == str(year)})


def travel(year, km, mode):
    for row in of_call("travel_unit_costs", year):
        if int(row["km_min"]) <= km and (not row["km_max"] or km <= int(row["km_max"])):
            return Decimal((mode == "green" and row["eur_green"]) or row["eur_standard"])
    return Decimal(0)


def day_rate(year, payee, country):
    (group,) = {
        row["group"]
        for row in table("country_groups")
        if row["call_year"] == str(year) and row["country_code"] == country
    }
    (amount,) = (
        row["eur_per_day"]
        for row in table("individual_support")
        if (row["call_year"], row["sending_country"]) == (str(year), "ES")
        and (row["activity"], row["country_group"]) == (payee, group)
    )
    return Fraction(amount)


def individual_support(year, payee, country, days):
    """Day by day: each by the percentage of its number, rounded to whole euro, halves up."""
    whole, audience, total = day_rate(year, payee, country), "learner" if "learner" in payee else "staff", 0
    tiers = [row for row in of_call("individual_support_tiers", year) if row["activity"] in ("all", audience)]
    for number in range(1, days + 1):
        for tier in tiers:
            if int(tier["day_from"]) <= number <= int(tier["day_to"]):
                total += (whole * int(tier["percent"]) / 100 + Fraction(1, 2)).__floor__()
    return Decimal(total)


def grant(stay):
    """Amount by category of a stay: a dict of what the funder asks about it."""
    year, code = stay["call_year"], stay["activity_code"]
    if code == "preparatory-visit":
        return {"preparatory_visit": Decimal(other("preparatory_visit", year)["eur"])}
    found = {"travel": travel(year, stay["distance_km"], stay["travel_mode"])}
    if code in VISITS:
        return found
    payee = "accompanying_person" if stay["accompanying"] else LEARNERS.get(code, "staff")
    days = stay["activity_days"] + stay["travel_days"]
    found["individual_support"] = individual_support(year, payee, stay["receiving_country"], days)
    if stay["accompanying"]:
        return found
    if stay["linguistic_support"]:
        found["linguistic_support"] = linguistic_support(year, code, stay["activity_days"])
    if stay["course_fee_days"]:
        row = other("course_fees", year)
        found["course_fees"] = min(stay["course_fee_days"] * Decimal(row["eur"]), Decimal(row["eur_cap"]))
    if stay["fewer_opportunities"] and year >= 2021:
        found["inclusion_organisation"] = Decimal(other("inclusion_organisation", year)["eur"])
    return found


def linguistic_support(year, code, days):
    row = other("linguistic_support", year)
    if code not in LEARNERS and ("per_learner" in row["unit"] or days < 31):
        return Decimal(0)
    extra = other("linguistic_support_erasmuspro_extra", year)["eur"] if code == "LM-LONG-VET" else 0
    return Decimal(row["eur"]) + Decimal(extra)
