import hashlib

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from reporting import codes, kinds, rendering
from reporting.models import Report


class Command(BaseCommand):
    help = (
        "Make the paper with this code again from the data that it keeps, and compare it with the file that went out."
    )

    def add_arguments(self, parser):
        parser.add_argument("code", help="as it stands on the paper, WST-XXXX-XXXX")

    def handle(self, *, code, **options):
        report = (
            Report.objects.ready()
            .filter(code=codes.read(code))
            .select_related("project", "organisation", "file")
            .first()
        )
        if report is None:
            raise CommandError(f"No finished report has the code {code}.")
        if report.template_version != kinds.maker(report.kind).VERSION:
            raise CommandError(
                f"{report.code} was made with template version {report.template_version}, which is no longer here. "
                f"The fingerprint of its file is {report.file_hash}."
            )
        try:
            again = hashlib.sha256(rendering.set_in_type(report)).hexdigest()
            kept = hashlib.sha256(report.file.read()).hexdigest()
        except ValidationError as reason:
            raise CommandError(" ".join(reason.messages)) from None
        except FileNotFoundError:
            raise CommandError(f"The file of {report.code} is lost from the storage.") from None
        if kept != report.file_hash:
            raise CommandError(f"{report.code}: the stored file is not the one that went out ({report.file_hash}).")
        if again != report.file_hash:
            raise CommandError(f"{report.code}: made again the file differs: {again}, kept {report.file_hash}.")
        self.stdout.write(f"{report.code} is genuine: made again it is the same file, SHA-256 {again}.")
