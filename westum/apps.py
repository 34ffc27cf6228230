from django.apps import AppConfig


class WestumConfig(AppConfig):
    """The project itself: the commands of `westum/management` and the background workers' application."""

    name = "westum"

    def ready(self):
        # Whoever calls `task.delay()` must do it on our broker; shared tasks bind to the application imported here.
        from westum import celery  # noqa: F401
