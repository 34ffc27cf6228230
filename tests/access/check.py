"""Try one cell of the table: a person, a route, a method."""

from contextlib import contextmanager
from dataclasses import dataclass, field

from django.apps import apps
from django.conf import settings
from django.core.cache import cache
from django.db import connection, transaction
from django.middleware.csrf import _get_new_csrf_string, _mask_cipher_secret
from django.test import Client
from django.urls import reverse

from tests.access.table import Row
from tests.access.world import ACTORS, World, leaks, without_secrets

METHODS = ["get", "head", "post"]
OTHER_METHODS = ["put", "patch", "delete"]
OTHER_ACTORS = ["anonymous", "coordinator", "outsider"]  # a method that no page has depends on nobody's rights


def cells():
    """(person, method) of one route."""
    yield from ((actor, method) for actor in ACTORS for method in METHODS)
    yield from ((actor, method) for actor in OTHER_ACTORS for method in OTHER_METHODS)


@contextmanager
def undone():
    """What is written inside is rolled back."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def client_of(world, actor):
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    if actor in world.sessions:
        client.cookies[settings.SESSION_COOKIE_NAME] = world.sessions[actor]
    return client


def expected(row, actor, method):
    allowed = row.post if method == "post" else row.get if method in {"get", "head"} else None
    lets_anonymous_in = "anonymous" in ((row.get or frozenset()) | (row.post or frozenset()))
    if actor in {"anonymous", "deactivated"} and not lets_anonymous_in:
        # Only a page that somebody may use without log-in tells an anonymous person about its methods.
        return 302 if method in {"get", "head"} else 403
    if allowed is None:
        return 405
    if actor in allowed or (actor == "deactivated" and "anonymous" in allowed):
        return row.done if method == "post" else row.got
    return row.refused


@dataclass(frozen=True)
class Route:
    """A row of the table, ready to be tried: what its address names is there."""

    row: Row
    world: World
    path: str
    before: dict  # what each table holds
    shown: dict = field(default_factory=dict)  # person → the values of the form on the page that they have got

    def try_cell(self, actor, method):
        """The faults of the cell, as sentences. Whatever it did is undone."""
        cache.clear()  # the limits of tries are no matter of access
        with undone():
            return list(self._faults(actor, method))

    def _faults(self, actor, method):
        row, world, asked = self.row, self.world, f"{actor} {method.upper()} {self.path}"
        client = client_of(world, actor)
        status = expected(row, actor, method)
        response = self.ask(client, actor, method)
        if response.status_code != status:
            yield f"{asked}: {response.status_code} instead of {status}"
        elif sent_to_log_in(row, actor, status) and not response["Location"].startswith(reverse("account_login")):
            yield f"{asked}: sent to {response['Location']}, not to the log-in"
        for word in sorted(leaks(response, actor, row.hides(world).get(actor, set()))):
            yield f"{asked}: shows {word}"
        close_file_of(response)
        if method != "post" or status not in {row.done, 200}:
            after = contents()
            if self.before != after:
                yield f"{asked}: changed {sorted(set(after.items()) ^ set(self.before.items()))}"
        if method == "get" and actor in row.blind:
            row.more(world)
            if without_secrets(client.get(self.path)) != without_secrets(response):
                yield f"{asked}: changes with what is none of theirs"

    def ask(self, client, actor, method):
        if method in {"get", "head"}:
            response = getattr(client, method)(self.path)
            if method == "get":
                self.shown[actor] = shown_in(response)
            return response
        if method != "post":
            return getattr(client, method)(self.path, headers={"X-CSRFToken": token_of(client)})
        row, data = self.row, self.row.data(self.world)
        if row.get and row.post:
            if actor not in self.shown:
                self.shown[actor] = shown_in(client.get(self.path))
            data = self.shown[actor] | data
        return client.post(self.path, {**data, "csrfmiddlewaretoken": token_of(client)})


@contextmanager
def ready(row, world):
    """The `Route`: its rows are made once for all its cells, and undone at the end."""
    with undone():
        path, query = reverse(row.name, args=row.args(world)), row.query(world)
        yield Route(row, world, f"{path}?{query}" if query else path, contents())


def close_file_of(response):
    """Of a file of which only the head was asked for. `response.close()` would close the database's connection too."""
    for close in response._resource_closers:
        close()


def sent_to_log_in(row, actor, status):
    return status == 302 and actor in {"anonymous", "deactivated"} and not is_public(row)


def is_public(row):
    return "anonymous" in ((row.get or frozenset()) | (row.post or frozenset()))


def shown_in(response):
    """What the form of a page would send untouched; nothing where there is none."""
    form = response.context and response.context.get("form") if response.status_code == 200 else None
    values = {field.html_name: field.value() for field in form or ()}
    return {name: value for name, value in values.items() if value not in (None, "") and is_plain(value)}


def is_plain(value):
    return isinstance(value, (str, int, list, tuple)) or hasattr(value, "isoformat")


def token_of(client):
    if "csrftoken" not in client.cookies:
        client.cookies["csrftoken"] = _get_new_csrf_string()
    return _mask_cipher_secret(client.cookies["csrftoken"].value)


def contents():
    """Rows in each table, but for sessions, which a log-in writes."""
    tables = [model._meta.db_table for model in apps.get_models() if model._meta.label != "sessions.Session"]
    counts = " UNION ALL ".join(f"SELECT '{table}', COUNT(*) FROM {table}" for table in tables)
    with connection.cursor() as cursor:
        cursor.execute(counts)
        return dict(cursor.fetchall())
