from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from consortium.models import Project
from westum.base.installation import Installation
from westum.demo_data import demonstration


class Command(BaseCommand):
    help = "Fill a demonstration with invented people and journeys, once. `manage.py demo` calls it."

    def handle(self, **options):
        installation = Installation.objects.filter(is_demo=True).first()
        if not settings.DEMO or installation is None:
            raise CommandError("Invented people have no place here: this installation was not made by manage.py demo.")
        call_command("load_fixtures", verbosity=max(0, options["verbosity"] - 1))
        if Project.objects.filter(slug="exempel").exists():
            return
        with transaction.atomic():
            demonstration.create(started_on=installation.started_on)
