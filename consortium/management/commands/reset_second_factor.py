from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from consortium import second_factors
from consortium.models import User
from westum.base import history


class Command(BaseCommand):
    help = "Reset the second factor of somebody whom no other coordinator can help: the phone of the only one is lost."

    def add_arguments(self, parser):
        parser.add_argument("email")

    def handle(self, *, email, **options):
        user = User.objects.filter(email__iexact=email.strip()).first()
        if user is None:
            raise CommandError(f"Nobody logs in with {email}.")
        try:
            with history.acting(via="command"):
                second_factors.reset(user=user, by=None)
        except ValidationError as refused:
            raise CommandError(" ".join(refused.messages)) from refused
        self.stdout.write(f"The second factor of {email} is reset. A mail says so.")
