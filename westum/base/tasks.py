"""The tasks of the ground floor. They take ids and call one rule."""

from importlib import import_module

from celery import shared_task
from django.conf import settings

from westum.base import files, heartbeats, jobs, letters, tokens


@shared_task
def send_letter(pk):
    letters.send(pk)


@shared_task(expires=60)  # a worker that was busy need not answer every bell it missed
def sweep():
    jobs.sweep()


@shared_task(expires=60)
def beat():
    """A worker answered. That beat lives is noted where beat sends this, in `westum.celery`."""
    heartbeats.touch(heartbeats.HeartbeatKind.WORKER)


@shared_task(expires=600)
def tidy():
    """Once an hour: throw away what nothing refers to any more."""
    tokens.forget_old()
    letters.forget_old()
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
    files.sweep_orphans()


jobs.register(letters.Letter, send_letter)
