"""Try one cell of the table: a person, a route, a method."""

from django.apps import apps
from django.core.cache import cache
from django.db import connection, transaction
from django.middleware.csrf import _get_new_csrf_string, _mask_cipher_secret
from django.test import Client
from django.urls import reverse

from tests.access import world as worlds

METHODS = ["get", "head", "post"]
OTHER_METHODS = ["put", "patch", "delete"]
OTHER_ACTORS = ["anonymous", "coordinator", "outsider"]  # a method that no page has depends on nobody's rights


def cells():
    """(person, method) of one route."""
    yield from ((actor, method) for actor in worlds.ACTORS for method in METHODS)
    yield from ((actor, method) for actor in OTHER_ACTORS for method in OTHER_METHODS)


class Undo(Exception):
    """Rolls back what a cell has done."""


def client_of(user):
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    if user is not None:
        client.force_login(user)
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


def try_cell(row, world, actor, method):
    """The faults of the cell, as sentences. Whatever it did is undone."""
    faults = []
    cache.clear()  # the limits of tries are no matter of access
    try:
        with transaction.atomic():
            path = reverse(row.name, args=row.args(world)) + (f"?{query}" if (query := row.query(world)) else "")
            client = client_of(world.users[actor])
            status = expected(row, actor, method)
            before = contents()
            response = ask(client, row, world, path, method)
            if response.status_code != status:
                faults.append(f"{actor} {method.upper()} {path}: {response.status_code} instead of {status}")
            elif sent_to_log_in(row, actor, status) and not response["Location"].startswith(reverse("account_login")):
                faults.append(f"{actor} {method.upper()} {path}: sent to {response['Location']}, not to the log-in")
            for word in sorted(worlds.leaks(response, actor, row.hides(world).get(actor, set()))):
                faults.append(f"{actor} {method.upper()} {path}: shows {word}")
            for (
                close
            ) in response._resource_closers:  # the file of which only the head was asked for; not the connection
                close()
            if method == "get" and actor in row.blind:
                row.more(world)
                if worlds.without_secrets(client.get(path)) != worlds.without_secrets(response):
                    faults.append(f"{actor} GET {path}: changes with what is none of theirs")
                raise Undo
            if method != "post" or status not in {row.done, 200}:
                after = contents()
                if before != after:
                    faults.append(
                        f"{actor} {method.upper()} {path}: changed {sorted(set(after.items()) ^ set(before.items()))}"
                    )
            raise Undo
    except Undo:
        pass
    return faults


def close_file_of(response):
    """Of a file of which only the head was asked for. `response.close()` would close the database's connection too."""
    for close in response._resource_closers:
        close()


def sent_to_log_in(row, actor, status):
    return status == 302 and actor in {"anonymous", "deactivated"} and not is_public(row)


def is_public(row):
    return "anonymous" in ((row.get or frozenset()) | (row.post or frozenset()))


def ask(client, row, world, path, method):
    if method in {"get", "head"}:
        return getattr(client, method)(path)
    if method != "post":
        return getattr(client, method)(path, headers={"X-CSRFToken": token_of(client)})
    data = row.data(world)
    page = client.get(path) if row.get and row.post else None
    form = page.context and page.context.get("form") if page is not None and page.status_code == 200 else None
    if form is not None:
        shown = {field.html_name: value for field in form if (value := field.value()) not in (None, "")}
        data = {name: value for name, value in shown.items() if is_plain(value)} | data
    return client.post(path, {**data, "csrfmiddlewaretoken": token_of(client)})


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
