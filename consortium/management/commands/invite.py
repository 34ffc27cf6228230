from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from consortium import people
from consortium.models import Invitation, Organisation
from consortium.permissions import Role
from westum.base import history


class Command(BaseCommand):
    help = "Invite somebody of the association by mail: the way in for the first coordinator of a new installation."

    def add_arguments(self, parser):
        parser.add_argument("email")
        parser.add_argument("--name", required=True)
        parser.add_argument("--role", choices=[Role.COORDINATOR, Role.STAFF], default=Role.COORDINATOR)
        parser.add_argument("--organisation", default="Nätverk Westum", help="the organisation's name")
        parser.add_argument("--language", choices=["sv", "en"], default="sv")

    def handle(self, *, email, name, role, organisation, language, **options):
        found = Organisation.objects.filter(name=organisation).first()
        if found is None:
            raise CommandError(f"There is no organisation called {organisation}. Load the fixtures first.")
        invitation = Invitation(email=email.lower(), name=name, role=role, organisation=found, language=language)
        run_out = people.same_as(invitation).run_out().exists()  # that one gives way to the new one
        try:
            invitation.full_clean(exclude=["digest", "expires_at"], validate_constraints=not run_out)
            with history.acting(via="command"):
                people.invite(invitation=invitation, by=None)
        except ValidationError as refused:
            raise CommandError(" ".join(refused.messages)) from refused
        self.stdout.write(f"The invitation is on its way to {email}.")
