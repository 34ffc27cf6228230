"""The tasks of the ground floor. They take ids and call one rule."""

from celery import shared_task

from westum.base import heartbeats, jobs, letters, tokens


@shared_task
def send_letter(pk):
    letters.send(pk)


@shared_task(expires=60)  # a worker that was busy need not answer every bell it missed
def sweep():
    jobs.sweep()
    tokens.forget_old()


@shared_task(expires=60)
def beat():
    """Beat rang and a worker answered: both live."""
    heartbeats.touch(heartbeats.HeartbeatKind.BEAT)
    heartbeats.touch(heartbeats.HeartbeatKind.WORKER)


jobs.register(letters.Letter, send_letter)
