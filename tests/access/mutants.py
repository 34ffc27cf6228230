"""Holes to plant: in each view, form, filter and export, each door taken out of its frame, one at a time.

A door is a queryset method that takes the user, such as `visible_to(user)`. The mutant calls `all()` instead. The
function in use gets the mutant's code, so that URLs, decorators and imports stay as they are.
"""

import ast
import contextlib
import importlib
import inspect
from dataclasses import dataclass
from pathlib import Path
from types import CodeType

ROOT = Path(__file__).resolve().parent.parent.parent
PLACES = ["consortium", "mobilities", "reporting"]
# Queryset methods that narrow rows to what a person may see or do.
DOORS = {
    "visible_to",
    "editable_by",
    "administered_by",
    "hosts_editable_by",
    "employers_editable_by",
    "finding_hosts_for",
    "acceptable_by",
    "funder_state_by",
    "reviewable_by",
    "exportable_by",
    "reporting_open_to",
    "travelled_by",
    "registering",
    "inviting",
    "reporting",
    "orderable_by",
    "statement_visible_to",
    "statement_orderable_by",
    "of_contact",
    "permitting",
}


@dataclass(frozen=True)
class Mutant:
    path: Path
    line: int
    column: int
    door: str
    function: str  # dotted name inside the module
    model: str  # whose rows it guards

    def __str__(self):
        return f"{self.path.relative_to(ROOT)}:{self.line} {self.door}"

    @property
    def name(self):
        return self.module, self.function, self.door, self.model

    @property
    def module(self):
        return ".".join(self.path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def sources():
    """The modules through which people come in; models and rules are behind the doors."""
    for place in PLACES:
        for folder in ("views", "forms"):
            yield from sorted((ROOT / place / folder).glob("*.py"))
        for name in ("filters.py", "exports.py", "tasks.py", "requests.py"):
            if (ROOT / place / name).exists():
                yield ROOT / place / name


def doors_in(tree):
    """(call, dotted name of the outermost function or method) of each door."""

    def walk(node, names, function):
        for child in ast.iter_child_nodes(node):
            inner, outer = names, function
            if isinstance(child, (ast.FunctionDef, ast.ClassDef)):
                inner = [*names, child.name]
                if isinstance(child, ast.FunctionDef) and function is None:
                    outer = ".".join(inner)
            if (
                isinstance(child, ast.Call)
                and isinstance(child.func, ast.Attribute)
                and child.func.attr in DOORS
                and (child.args or child.keywords)
            ):
                yield child, outer
            yield from walk(child, inner, outer)

    yield from walk(tree, [], None)


def all_mutants():
    found = []
    for path in sources():
        for call, function in doors_in(ast.parse(path.read_text())):
            found.append(
                Mutant(path, call.func.end_lineno, call.func.end_col_offset, call.func.attr, function, _model_of(call))
            )
    return found


def _model_of(call):
    """The name at the beginning of `Model.objects.filter(…).door(user)`."""
    node = call.func.value
    while not isinstance(node, ast.Name):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id


@contextlib.contextmanager
def planted(mutant):
    """The portal with that one hole."""
    tree = ast.parse(mutant.path.read_text())
    for call, _function in doors_in(tree):
        if (call.func.end_lineno, call.func.end_col_offset) == (mutant.line, mutant.column):
            call.func.attr, call.args, call.keywords = "all", [], []
    code = _code_of(compile(tree, str(mutant.path), "exec"), mutant.function.split("."))
    function = _function_of(importlib.import_module(mutant.module), mutant.function.split("."))
    whole = function.__code__
    function.__code__ = code
    try:
        yield
    finally:
        function.__code__ = whole


def _code_of(code, names):
    for name in names:
        code = next(const for const in code.co_consts if isinstance(const, CodeType) and const.co_name == name)
    return code


def _function_of(owner, names):
    for name in names:
        owner = inspect.getattr_static(owner, name)
    owner = getattr(owner, "__func__", owner)
    if isinstance(owner, property):
        owner = owner.fget
    if hasattr(owner, "func") and not hasattr(owner, "__code__"):  # cached_property
        owner = owner.func
    return inspect.unwrap(owner)
