"""Run by `migrate` and by `check --database default`, which every production start does first."""

from django.conf import settings
from django.core.checks import Error, Tags, register
from django.db import DatabaseError

from westum.base import installation


@register(Tags.database)
def production_is_no_demonstration(app_configs, databases, **kwargs):
    if not (settings.PRODUCTION and databases):
        return []
    try:
        demo = installation.is_demo()
    except DatabaseError:  # no table yet: a new database
        return []
    text = "This database was made by `manage.py demo` and holds invented people: production refuses it."
    return [Error(text, id="westum.E001")] if demo else []
