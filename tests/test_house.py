"""The order of the house, read from its source: which way imports go, and that every row comes in by a door."""

import ast
from pathlib import Path

import pytest

from tests.access import mutants

ROOT = Path(__file__).resolve().parent.parent
# Each part may import what stands to its right, and itself.
ORDER = ["reporting", "mobilities", "consortium", "westum.base"]


def part_of(module):
    return next((part for part in ORDER if module == part or module.startswith(f"{part}.")), None)


def modules_of(part):
    folder = ROOT / part.replace(".", "/")
    return [path for path in sorted(folder.rglob("*.py")) if "migrations" not in path.parts]


def imports_of(source):
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def upward(part, source):
    """Imports of the source that go against the order."""
    allowed = ORDER[ORDER.index(part) :]
    for module in imports_of(source):
        if module.split(".")[0] == "tests":
            yield module
        elif part_of(module) is None and module.startswith("westum.") and not module.startswith("westum.base"):
            yield module  # the rest of westum/ wires the parts together, and nobody imports it
        elif part_of(module) not in [None, *allowed]:
            yield module


@pytest.mark.parametrize("part", ORDER)
def test_imports_go_one_way(part):
    found = [(str(path.relative_to(ROOT)), list(upward(part, path.read_text()))) for path in modules_of(part)]
    assert found
    assert [entry for entry in found if entry[1]] == []


@pytest.mark.parametrize(
    ("part", "source"),
    [
        ("westum.base", "from consortium.models import User"),
        ("consortium", "def f():\n    import mobilities.models"),
        ("mobilities", "from reporting import figures"),
        ("consortium", "from westum import demo"),
        ("consortium", "from westum.settings import DEMO"),
    ],
)
def test_import_against_the_order_is_found(part, source):
    assert list(upward(part, source))


# Rows that everybody may see, in views: public pages and reference data. Each with the queryset method that says so.
OPEN = {"own", "public", "in_call", "outgoing", "in_order", "open", "create_user"}


def doorless(source, scoped):
    """`Model.objects…` of a scoped model that is not followed by a door or by one of the open methods."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        for child in ast.iter_child_nodes(node):
            child.parent = node
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Attribute)
            and node.attr in {"objects", "_base_manager", "_default_manager"}
            and isinstance(node.value, ast.Name)
            and node.value.id in scoped
        ):
            chain = []
            parent = node.parent
            while isinstance(parent, (ast.Attribute, ast.Call)):
                if isinstance(parent, ast.Attribute):
                    chain.append(parent.attr)
                parent = parent.parent
            if not set(chain) & (mutants.DOORS | OPEN):
                yield f"line {node.lineno}: {node.value.id}.{node.attr}.{'.'.join(chain)}"


def scoped_models():
    from django.apps import apps

    from consortium.permissions import ScopedQuerySet

    return {
        model.__name__
        for model in apps.get_models()
        if isinstance(model._default_manager.all() if hasattr(model, "objects") else None, ScopedQuerySet)
    }


def test_rows_come_in_by_a_door():
    scoped = scoped_models()
    assert {"Mobility", "Participant", "Report", "Membership"} <= scoped
    found = {
        str(path.relative_to(ROOT)): faults
        for path in mutants.sources()
        if (faults := list(doorless(path.read_text(), scoped)))
    }
    assert found == {}


@pytest.mark.parametrize(
    "source",
    [
        "Mobility.objects.get(pk=1)",
        "Mobility.objects.filter(state='draft').count()",
        "x = Mobility._base_manager.all()",
    ],
)
def test_row_without_a_door_is_found(source):
    assert list(doorless(source, {"Mobility"}))
