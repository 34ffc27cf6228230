"""`manage.py makemessages -l sv`: Django's command, but the catalogue changes only where a sentence has changed."""

from pathlib import Path

from django.core.management.commands import makemessages

PLAIN = ["--no-location", "--sort-output"]
NOISE = ("POT-Creation-Date", "Report-Msgid-Bugs-To")


class Command(makemessages.Command):
    msgmerge_options = [*makemessages.Command.msgmerge_options, *PLAIN, "--no-fuzzy-matching"]
    msgattrib_options = [*makemessages.Command.msgattrib_options, *PLAIN]

    def add_arguments(self, parser):
        super().add_arguments(parser)
        parser.set_defaults(no_obsolete=True, ignore_patterns=["tests/*"])

    def write_po_file(self, potfile, locale):
        super().write_po_file(potfile, locale)
        catalogue = Path(potfile).parent / locale / "LC_MESSAGES" / f"{self.domain}.po"
        lines = catalogue.read_text(encoding="utf-8").splitlines(keepends=True)
        kept = [line for line in lines if not line.startswith(tuple(f'"{name}:' for name in NOISE))]
        catalogue.write_text("".join(kept), encoding="utf-8")
