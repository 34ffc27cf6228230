"""S1: each route × person × method has the answer that the table says, leaks nothing and changes nothing when it refuses."""

import pytest
from django.urls import URLPattern, get_resolver, reverse

from tests.access import check
from tests.access.table import ROWS
from tests.access.world import ACTORS, without_secrets

pytestmark = pytest.mark.django_db
BY_NAME = {row.name: row for row in ROWS}


def is_of_a_member(row):
    """A page about a row that contact persons of other members do not see."""
    return bool(row.args.__code__.co_names and row.get and "contact_of_b" not in row.get)


def routes(resolver=None, namespace=""):
    """The full name of each leaf of the URLconf; a route without a name counts as its pattern."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLPattern):
            yield f"{namespace}{entry.name}" if entry.name else str(entry.pattern)
        else:
            yield from routes(entry, f"{namespace}{entry.namespace}:" if entry.namespace else namespace)


def test_table_has_each_route_once():
    assert sorted(row.name for row in ROWS) == sorted(set(routes()))


def test_cells_are_many():
    cells = len(ROWS) * len(list(check.cells()))
    print(f"n = {cells} cells: {len(ROWS)} routes, {len(ACTORS)} people")
    assert cells > 2000


@pytest.mark.parametrize("name", sorted(BY_NAME))
def test_route_answers_as_the_table_says(name, world):
    with check.ready(BY_NAME[name], world) as route:
        assert [fault for actor, method in check.cells() for fault in route.try_cell(actor, method)] == []


@pytest.mark.parametrize("name", [row.name for row in ROWS if is_of_a_member(row)])
def test_foreign_row_looks_like_no_row(name, world):
    """What belongs to another member answers as an unknown id does, to the byte."""
    row = BY_NAME[name]
    args = row.args(world)
    client = check.client_of(world, "contact_of_b")
    paths = [reverse(name, args=args), reverse(name, args=[_unknown(arg) for arg in args])]
    foreign, unknown = [client.get(path) for path in paths]
    assert foreign.status_code == unknown.status_code == row.refused
    assert (
        len({without_secrets(page).replace(path, "") for page, path in zip([foreign, unknown], paths, strict=True)})
        == 1
    )


def _unknown(arg):
    return 987654321 if isinstance(arg, int) else f"{arg}-unknown"
