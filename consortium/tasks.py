from celery import shared_task
from django.utils import timezone

from consortium import milestone_reminders
from westum.base import history


@shared_task(expires=1800)
def remind_of_milestones():
    with history.acting(via="worker"):
        milestone_reminders.send_due(timezone.localdate())
