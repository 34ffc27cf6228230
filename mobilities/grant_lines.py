"""Grant lines as they are kept: from the calculation to the database's JSON and back, to the cent.

Amounts are texts there, for JSON knows no Decimal.
"""

from decimal import Decimal

from mobilities.grants import GrantLine, Step
from mobilities.rate_books import Category, Rate


def to_json(line):
    """What the model's `steps` keeps of a line: its steps, and why it pays less than its units would."""
    return {
        "reason": line.reason,
        "limit": _written(line.limit),
        "steps": [
            {
                "quantity": step.quantity,
                "unit_eur": str(step.unit_eur),
                "rate": {
                    "amount_eur": str(step.rate.amount_eur),
                    "status": str(step.rate.status),
                    "source": step.rate.source,
                    "row": step.rate.row,
                    "cap_eur": _written(step.rate.cap_eur),
                },
                "about": {name: _written(value) for name, value in step.about.items()},
            }
            for step in line.steps
        ],
    }


def columns(line):
    """What a row of the model keeps of a line, beside whose it is, in which phase and category."""
    return {"amount_eur": line.amount_eur, "is_verified": line.is_verified, "steps": to_json(line)}


def from_row(row):
    """The GrantLine that a row of the model keeps."""
    return from_json(row.category_id, row.steps)


def from_json(category, kept):
    """The GrantLine of a category that `to_json` has written."""
    return GrantLine(
        category=Category(category),
        steps=tuple(_step(step) for step in kept["steps"]),
        reason=kept["reason"],
        limit=_read(kept["limit"]),
    )


def _written(value):
    return {"eur": str(value)} if isinstance(value, Decimal) else value


def _read(value):
    return Decimal(value["eur"]) if isinstance(value, dict) else value


def _step(kept):
    rate = kept["rate"]
    return Step(
        quantity=kept["quantity"],
        unit_eur=Decimal(kept["unit_eur"]),
        rate=Rate(Decimal(rate["amount_eur"]), rate["status"], rate["source"], rate["row"], _read(rate["cap_eur"])),
        about={name: _read(value) for name, value in kept["about"].items()},
    )
