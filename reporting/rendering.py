"""From a waiting report to its file. Whoever takes it, and however often, makes one result."""

from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation

from reporting import kinds, naming
from reporting.models import Report
from reporting.models.reports import Stage
from westum.base import files, papers


class Overtaken(Exception):
    """Another worker has taken the report over: this one's result is thrown away."""


def render(pk):
    """Make the file of a waiting report and return the report. None when another worker has it or it needs none.

    A failure keeps its reason in the row, for the person who ordered it, and is raised again.
    """
    report = Report.objects.claim(pk)
    if report is None:
        return None
    try:
        pdf = set_in_type(report, on_stage=lambda stage: show(report, stage))
        keep(report, pdf)
    except Overtaken:
        return None
    except Exception as reason:
        with translation.override(reader_language(report)):
            report.fail(reason)
        raise
    return report


def set_in_type(report, *, on_stage=lambda stage: None):
    """The bytes of the paper, from the report's own data alone."""
    maker = kinds.maker(report.kind)
    with translation.override(report.language):
        on_stage(Stage.PAGE)
        html = render_to_string(maker.TEMPLATE, maker.context(report))
        on_stage(Stage.TYPE)
        return papers.to_pdf(html, language=report.language)


def show(report, stage):
    if not report.advance(list(Stage).index(stage), len(Stage), stage.value):
        raise Overtaken


def keep(report, pdf):
    """File and row in one transaction. Bytes that are left over when it fails have no row and are swept away."""
    show(report, Stage.FILE)
    with transaction.atomic():
        stored = files.keep(pdf, name=file_name(report), content_type="application/pdf")
        if not report.finish(file=stored, file_hash=stored.sha256, done=len(Stage), total=len(Stage)):
            raise Overtaken


def file_name(report):
    return f"{naming.file_name(report.subject)}-{report.kind}-{report.as_of.isoformat()}-{report.language}.pdf"


def reader_language(report):
    """The language in which the person who ordered it reads why it failed."""
    return report.requested_by.language if report.requested_by else report.language
