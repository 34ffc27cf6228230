"""P1: every field of every model is in the register of personal data, with class, purpose, retention and readers."""

import csv
from pathlib import Path

import pytest
from django.apps import apps

REGISTER = Path(__file__).resolve().parent.parent / "docs" / "personal_data.csv"
CLASSES = {"none", "ordinary", "personnummer", "sensitive", "protected"}


def read_register(lines=None):
    with REGISTER.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(lines or file.readlines()))


def fields_of_all_models():
    """(model, field) of every column and many-to-many relation; a history table has the fields of its noun."""
    found = set()
    for model in apps.get_models():
        if hasattr(model, "instance_type"):  # the history of a noun repeats it
            continue
        for field in [*model._meta.concrete_fields, *model._meta.many_to_many]:
            found.add((model._meta.label, field.name))
    return found


def faults_of(rows):
    registered = [(row["model"], row["field"]) for row in rows]
    faults = [f"{entry} is not in the register" for entry in sorted(fields_of_all_models() - set(registered))]
    faults += [f"{entry} is no field any more" for entry in sorted(set(registered) - fields_of_all_models())]
    faults += [f"{entry} stands there twice" for entry in sorted(set(registered)) if registered.count(entry) > 1]
    for row in rows:
        name = f"{row['model']}.{row['field']}"
        if row["class"] not in CLASSES:
            faults.append(f"{name}: unknown class {row['class']!r}")
        elif row["class"] != "none" and not all(
            row[column] for column in ("purpose", "retention", "readers", "erasure")
        ):
            faults.append(f"{name}: a personal field needs purpose, retention, readers and erasure")
    return faults


def test_every_field_is_in_the_register():
    rows = read_register()
    assert faults_of(rows) == []
    print(f"n = {len(rows)} fields, {sum(row['class'] != 'none' for row in rows)} of them personal")


@pytest.mark.parametrize(
    ("fault", "damage"),
    [
        ("is not in the register", lambda rows: rows[1:]),
        ("is no field any more", lambda rows: [*rows, {**rows[0], "field": "shoe_size"}]),
        ("stands there twice", lambda rows: [*rows, rows[0]]),
        ("unknown class", lambda rows: [{**rows[0], "class": "?"}, *rows[1:]]),
        (
            "needs purpose",
            lambda rows: [{**row, "purpose": ""} if row["field"] == "first_name" else row for row in rows],
        ),
    ],
)
def test_register_with_a_planted_fault_fails(fault, damage):
    found = faults_of(damage(read_register()))
    assert len(found) == 1
    assert fault in found[0]
