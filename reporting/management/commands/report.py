import time

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from consortium.permissions import NotAllowed
from reporting import rendering, requests
from reporting.management import shell
from reporting.models.reports import OF_A_MEMBER, OF_A_MOBILITY, ReportKind
from westum.base import history
from westum.base.jobs import JobState

PATIENCE = 0.5  # seconds between two looks at a report that a worker has taken


class Command(BaseCommand):
    help = (
        "Make a report of a project, of a member or of a mobility in this process, and write its PDF. "
        "Equal data of a day gives the same file."
    )

    def add_arguments(self, parser):
        parser.add_argument("kind", choices=ReportKind.values)
        shell.add_project(parser, required=False)
        shell.add_member(parser)
        shell.add_mobility(parser)
        shell.add_language(parser)
        shell.add_output(parser)

    def handle(self, *, kind, project, member, mobility, language, output, **options):
        subject = self.subject(kind, {"project": project, "member": member, "mobility": mobility})
        with history.acting(via=history.Via.COMMAND):
            try:
                report, _is_new = requests.order(kind=kind, language=language, by=None, ring=False, **subject)
            except NotAllowed as refusal:
                raise CommandError(refusal.sentence) from None
            self.finish(report)
        try:
            content = report.file.read()
        except FileNotFoundError:
            raise CommandError(
                f"The file of {report.code} is lost from the storage. Restore it from a backup."
            ) from None
        shell.write(output, lambda stream: stream.write(content))
        if options["verbosity"]:
            self.stdout.write(f"{report.code}, as of {report.as_of}: {output}")

    def subject(self, kind, given):
        """What the report is about, as `requests.order` takes it."""
        wanted = "member" if kind in OF_A_MEMBER else "mobility" if kind in OF_A_MOBILITY else "project"
        if [name for name, value in given.items() if value is not None] != [wanted]:
            raise CommandError(f"A {kind} report is of one {wanted}: give --{wanted} alone.")
        if wanted == "member":
            return {"organisation": shell.member(given["member"])}
        if wanted == "mobility":
            return {"mobility": shell.mobility(given["mobility"])}
        return {"project": shell.project(given["project"])}

    def finish(self, report):
        """Make the report, or wait for the worker that is at it."""
        until = time.monotonic() + settings.HARD_LIMIT
        while report.state != JobState.DONE:
            try:
                taken = rendering.render(report.pk)
            except Exception as fault:
                report.refresh_from_db()
                raise CommandError(report.reason or f"The report could not be made ({type(fault).__name__}).") from None
            report.refresh_from_db()
            if report.state == JobState.FAILED:
                raise CommandError(report.reason)
            if taken is None and report.is_waiting:
                if time.monotonic() > until:
                    raise CommandError("A worker has taken the report and is not ready yet. Try again in a while.")
                time.sleep(PATIENCE)
