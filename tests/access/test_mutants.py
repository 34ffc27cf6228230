"""The matrix of access is known to find holes: each door of the portal is opened once, and each opening is noticed."""

import pytest
from django.urls import get_resolver

from tests.access import check, mutants
from tests.access.table import ROWS
from tests.access.world import ACTORS

MUTANTS = mutants.all_mutants()


def rows_of(mutant):
    """Rows whose view stands in the mutant's app, those of its own module first; a form is used by its app's views."""
    app = mutant.module.split(".")[0]
    modules = {row.name: module_of(row.name) for row in ROWS}
    near = [row for row in ROWS if modules[row.name] == mutant.module]
    rest = [row for row in ROWS if modules[row.name] != mutant.module]
    rest.sort(key=lambda row: modules[row.name].split(".")[0] != app)
    return near + rest


def module_of(name):
    """The module of the view behind a route's full name."""
    resolver = get_resolver()
    *namespaces, last = name.split(":")
    for namespace in namespaces:
        resolver = next(entry for entry in resolver.url_patterns if getattr(entry, "namespace", None) == namespace)
    return next(entry.callback.__module__ for entry in walk(resolver.url_patterns) if entry.name == last)


def walk(patterns):
    for entry in patterns:
        if hasattr(entry, "url_patterns"):
            yield from walk(entry.url_patterns)
        else:
            yield entry


@pytest.mark.django_db
@pytest.mark.parametrize("mutant", MUTANTS, ids=str)
def test_open_door_is_noticed(mutant, world):
    with mutants.planted(mutant):
        for row in rows_of(mutant):
            for actor in ACTORS:
                for method in ("get", "post"):
                    if check.try_cell(row, world, actor, method):
                        return
    pytest.fail(f"nobody noticed that {mutant} was open")


def test_mutants_are_many():
    print(f"n = {len(MUTANTS)} doors opened, one at a time")
    assert len(MUTANTS) >= 20
