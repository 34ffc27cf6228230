from celery import shared_task
from django.utils import timezone

from mobilities import lifecycle
from westum.base import history


@shared_task
def follow_the_calendar():
    with history.acting(via="worker"):
        lifecycle.follow_the_calendar(timezone.localdate())
