from django.core.management.base import BaseCommand

from westum import backups


class Command(BaseCommand):
    help = "Write the whole installation, database and files, into one file. Others may go on working meanwhile."

    def add_arguments(self, parser):
        parser.add_argument("file", help="the file to write, for example westum-2026-11-24.tar.gz")

    def handle(self, *, file, **options):
        count = backups.back_up(file)
        self.stdout.write(
            f"{file}: the database and {count} files. It holds personal data: keep it as safe as the server."
        )
