from django.core.management.base import BaseCommand

from westum import backups


class Command(BaseCommand):
    help = "Replace the database and the files by those of a backup. Stop web, worker and beat first."

    def add_arguments(self, parser):
        parser.add_argument("file", help="a file that `backup` has written")
        parser.add_argument("--force", action="store_true", help="also where there are people or files: they are lost")

    def handle(self, *, file, force, **options):
        manifest = backups.restore(file, force=force)
        self.stdout.write(f"Restored as it was at {manifest['made_at']}. Start web, worker and beat again.")
