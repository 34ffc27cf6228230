"""Days and moments."""

import calendar
from datetime import date, datetime, time

from django.utils import timezone


def at(day, hour, minute=0):
    """The moment of that day by the clock in Sweden."""
    return datetime.combine(day, time(hour, minute), tzinfo=timezone.get_default_timezone())


def months_from(day, months):
    """The same day so many months later, or the month's last when it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
