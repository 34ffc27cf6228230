from celery import shared_task

from reporting import rendering
from reporting.models import Report
from westum.base import jobs


@shared_task
def render_report(pk):
    rendering.render(pk)


jobs.register(Report, render_report)
