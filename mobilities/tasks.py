from celery import shared_task
from django.utils import timezone

from mobilities import calendar
from westum.base import history


@shared_task
def follow_the_calendar():
    with history.acting(via="worker"):
        calendar.follow_the_calendar(timezone.localdate())
