import os

from celery import Celery
from celery.signals import (
    after_task_publish,
    beat_embedded_init,
    beat_init,
    setup_logging,
    worker_init,
    worker_ready,
)
from django.core.exceptions import ImproperlyConfigured

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "westum.settings")

app = Celery("westum")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def keep_our_logging(**kwargs):
    """Celery sets up no logging of its own where somebody listens here: settings.LOGGING is the one."""


@worker_init.connect
@beat_init.connect
def refuse_demo(**kwargs):
    """Production works on no database with invented people."""
    from django.conf import settings

    from westum.base import installation

    if settings.PRODUCTION:
        try:
            installation.refuse_demo()
        except ImproperlyConfigured as reason:
            raise SystemExit(str(reason)) from None  # Celery would log any other exception and go on


@beat_init.connect
@beat_embedded_init.connect
@after_task_publish.connect(sender="westum.base.tasks.beat")
def note_that_beat_lives(**kwargs):
    """Beat alone sends this task; the worker that runs it notes that workers live. So /health/ tells the two apart."""
    from westum.base import heartbeats

    heartbeats.touch(heartbeats.HeartbeatKind.BEAT)


@worker_ready.connect
def note_that_the_worker_lives(**kwargs):
    """At once, and not only when beat first rings."""
    from westum.base import heartbeats

    heartbeats.touch(heartbeats.HeartbeatKind.WORKER)
