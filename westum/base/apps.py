from django.apps import AppConfig
from django.db.backends.signals import connection_created

from westum.base.text import register_collation


class BaseConfig(AppConfig):
    name = "westum.base"
    label = "base"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from westum.base import checks  # noqa: F401  (registers the check that production refuses a demonstration)

        connection_created.connect(register_collation)
