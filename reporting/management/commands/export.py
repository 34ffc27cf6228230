from django.core.management.base import BaseCommand
from django.utils import translation

from mobilities import exports
from reporting.management import shell
from westum.base import sheets

PREFIX = "mobilities-"


class Command(BaseCommand):
    help = "Write the mobilities of a project as a sheet: XLSX, CSV, or CSV as a Swedish Excel reads it."

    def add_arguments(self, parser):
        parser.add_argument("kind", choices=[PREFIX + name for name in sheets.FORMATS])
        shell.add_project(parser)
        shell.add_language(parser)
        shell.add_output(parser)

    def handle(self, *, kind, project, language, output, **options):
        mobilities = shell.project(project).mobilities.in_order()
        with translation.override(language):
            shell.write(
                output,
                lambda stream: sheets.write(
                    exports.table_of(mobilities), format=kind.removeprefix(PREFIX), stream=stream
                ),
            )
        if options["verbosity"]:
            self.stdout.write(f"{mobilities.count()} mobilities: {output}")
