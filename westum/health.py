"""/health/: whether each part of the installation does its work. For machines and people, without secrets or versions."""

import ctypes
import shutil
from functools import cache

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import AnonymousUser
from django.db import DatabaseError, connection
from django.http import JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from westum.base import heartbeats
from westum.base.heartbeats import HeartbeatKind

FREE_BYTES = 500 * 1024 * 1024  # a backup, or a few hundred papers
PATIENCE = 2  # seconds that the broker may take to answer
# What WeasyPrint loads; each on Linux and on macOS.
PDF_LIBRARIES = [
    ("libgobject-2.0.so.0", "libgobject-2.0.dylib"),
    ("libpango-1.0.so.0", "libpango-1.0.dylib"),
    ("libharfbuzz.so.0", "libharfbuzz.0.dylib"),
    ("libfontconfig.so.1", "libfontconfig.1.dylib"),
    ("libpangoft2-1.0.so.0", "libpangoft2-1.0.dylib"),
]


def database():
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return cursor.fetchone() == (1,)


def broker():
    if settings.REDIS_URL:
        from redis import Redis

        with Redis.from_url(settings.REDIS_URL, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE) as redis:
            return redis.ping()
    return settings.QUEUE.is_dir()


def worker():
    return heartbeats.is_alive(HeartbeatKind.WORKER)


def beat():
    return heartbeats.is_alive(HeartbeatKind.BEAT)


def disk():
    return shutil.disk_usage(settings.DATA).free >= FREE_BYTES


def pdf_libraries():
    """Whether papers can be made. WeasyPrint itself takes seconds to import, so only what it would load is looked for."""
    return all(any(map(_loads, names)) for names in PDF_LIBRARIES)


@cache
def _loads(name):
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


# Check, its name, what to do when it fails, and whether the installation is down without it.
CHECKS = [
    (database, _("Database"), _("The database does not answer. Nothing works without it."), True),
    (broker, _("Broker"), _("The broker does not answer. Reports and mails wait until it does."), True),
    (worker, _("Worker"), _("No worker has answered for two minutes. Reports and mails wait."), True),
    (beat, _("Beat"), _("Beat has not rung for two minutes. Start the beat process."), True),
    (disk, _("Disk"), _("Less than 500 MB are free. Make room before files are refused."), True),
    (pdf_libraries, _("PDF libraries"), _("The library Pango is missing. No PDF can be made here."), False),
]


def lines():
    """The outcome of every check: its key, name, whether it is well, what is wrong, whether we are down without it."""
    return [
        {"key": check.__name__, "name": name, "ok": _holds(check), "wrong": wrong, "vital": vital}
        for check, name, wrong, vital in CHECKS
    ]


def _holds(check):
    try:
        return bool(check())
    except (DatabaseError, OSError):
        return False
    except Exception as fault:
        if type(fault).__module__.startswith("redis."):  # imported only where there is a Redis
            return False
        raise


@login_not_required
@never_cache
@vary_on_headers("Accept")
@require_safe
def health(request):
    """200 when all that is vital is well, otherwise 503. JSON unless a browser asks."""
    checks = lines()
    is_well = all(line["ok"] for line in checks if line["vital"])
    status = 200 if is_well else 503
    as_html = request.get_preferred_type(["application/json", "text/html"]) == "text/html"
    if request.GET.get("format") == "json" or not as_html:
        found = {line["key"]: "ok" if line["ok"] else "failing" for line in checks}
        return JsonResponse({"status": "ok" if is_well else "failing", "checks": found}, status=status)
    if not checks[0]["ok"]:
        request.user = AnonymousUser()  # who is logged in stands in the database, which does not answer
    return render(request, "health.html", {"checks": checks, "is_well": is_well}, status=status)
