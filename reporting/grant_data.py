"""The data of a project's grants: what they add up to now, and what a forecast rests on, ready for JSON.

They are the same in both languages. Amounts are texts with two decimals; None is what nobody has stated or what cannot be
worked out.
"""

from dataclasses import astuple
from decimal import Decimal

from consortium.models import ActivityType, AwardedLine, BudgetCategory, Currency, Organisation
from consortium.models.projects import FUNDED
from mobilities import cancellations, grant_lines, grant_sums, organisational
from mobilities.mobility_grants import Books, code_of
from mobilities.rate_books import Category
from mobilities.stages import Stage


def snapshot(project):
    """None for a project that funds no mobilities."""
    if project.programme not in FUNDED:
        return None
    books = Books()
    sums, pasts = grant_sums.of_project(project, books), cancellations.of_members()
    organisations = sorted({key.organisation for key in sums.amounts})
    return {
        "call_year": project.call_year,
        "rates_of": project.rates_of,
        "is_example": project.has_example_rates,
        "categories": [_named(row) for row in BudgetCategory.objects.all()],
        "activities": [_named(row) | {"code": code_of(row)} for row in ActivityType.objects.all()],
        "amounts": [
            [*key, _text(amount), key not in sums.unverified]
            for key, amount in sorted(sums.amounts.items(), key=lambda item: tuple(map(str, item[0])))
        ],
        "unknown": [[*cause, number] for cause, number in sorted(sums.unknown.items(), key=str)],
        "unsettled": sums.unsettled,
        "pasts": {str(key): astuple(past) for key, past in sorted(pasts.by_organisation.items())},
        "names": dict(_names(organisations)),
        "support": _support(project, books, pasts) if project.call_year else None,
    }


def _support(project, books, pasts):
    """Organisational support as it is due now, with all who are accepted, and with those whom the forecast expects."""
    book = books.of(project)
    found = organisational.participants(project, book)
    completed, accepted = found[Stage.ACTUAL], found[Stage.ACCEPTED]
    due = organisational.by_code(completed)
    certain = organisational.by_code(completed, accepted)
    planned = found[Stage.SUBMITTED] + found[Stage.DRAFTS]
    expected = certain + pasts.expected_participants(planned)
    awarded = _awarded_support(project)
    return {
        "awarded": _text(awarded),
        "percent": project.organisational_percent,
        "planned": _planned(found, pasts.exact_participants(planned), pasts.expected_participants(planned)),
        "completed": {str(key): number for key, number in sorted(organisational.by_organisation(completed).items())},
        **{
            name: _due(counts, organisational.due(counts, book, awarded))
            for name, counts in (("due", due), ("certain", certain), ("expected", expected))
        },
    }


def _planned(found, exact, expected):
    """By activity code: how many are submitted, how many are drafts, and how many of them are expected, in parts and whole."""
    submitted, drafts = (organisational.by_code(found[stage]) for stage in (Stage.SUBMITTED, Stage.DRAFTS))
    return [
        [code, submitted[code], drafts[code], _text(Decimal(part.numerator) / part.denominator), expected[code]]
        for code, part in sorted(exact.items())
    ]


def _due(counts, support):
    missing = support.missing
    return {
        "participants": dict(sorted(counts.items())),
        "amount": _text(support.amount_eur),
        "lines": [grant_lines.to_json(line) for line in support.lines],
        "missing": missing and [missing.table, missing.call_year, missing.case],
    }


def _awarded_support(project):
    """In euro; None where the decision states none."""
    lines = AwardedLine.objects.in_force().filter(
        decision__project=project, category__key=Category.ORGANISATIONAL_SUPPORT, currency=Currency.EUR
    )
    amounts = [line.amount for line in lines if line.amount is not None]
    return sum(amounts, Decimal(0)) if amounts else None


def _names(organisations):
    rows = Organisation.objects.filter(pk__in=organisations)
    return [(str(pk), name) for pk, name in rows.order_by("pk").values_list("pk", "name")]


def _named(row):
    return {"key": row.key, "sv": row.name_sv, "en": row.name_en}


def _text(amount):
    return None if amount is None else f"{amount:.2f}"
