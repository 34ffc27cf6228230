"""The commands: the same rules and files as the pages, and one sentence when something is not as it should be."""

import csv
import io

import pytest
from django.core.management import CommandError, call_command
from openpyxl import load_workbook

from reporting.models import Report
from westum.base import papers, sheets
from westum.base.jobs import JobState

pytestmark = pytest.mark.django_db


def run(*args, **options):
    out = io.StringIO()
    call_command(*args, stdout=out, **options)
    return out.getvalue()


def test_report_writes_the_file_that_the_page_gives(printed, project, tmp_path, journeys):
    report = printed()
    target = tmp_path / "count.pdf"
    said = run("report", "participants", project=project.slug, language="en", output=target)
    assert target.read_bytes() == report.file.read()
    assert report.code in said
    assert Report.objects.count() == 1


def test_report_makes_the_paper_itself(project, tmp_path):
    target = tmp_path / "count.pdf"
    run("report", "participants", "--project", project.slug, "--language", "sv", "--output", str(target))
    report = Report.objects.get()
    assert (report.state, report.language, report.requested_by) == (JobState.DONE, "sv", None)
    assert target.read_bytes() == report.file.read()
    assert [line.via for line in report.history.all()] == ["command", "command"]
    assert [path.name for path in tmp_path.iterdir()] == ["count.pdf"]


def test_report_tries_a_failed_one_again(order, project, tmp_path):
    report, _is_new = order()
    Report.objects.claim(report.pk).fail("There was no room on the disk.")
    run("report", "participants", project=project.slug, language="en", output=tmp_path / "count.pdf")
    report.refresh_from_db()
    assert report.state == JobState.DONE


def test_report_says_why_it_failed(project, tmp_path, monkeypatch):
    def fails(*args, **options):
        raise papers.PaperFailed("This paper is too large.")

    monkeypatch.setattr(papers, "to_pdf", fails)
    with pytest.raises(CommandError, match="This paper is too large."):
        run("report", "participants", project=project.slug, output=tmp_path / "count.pdf")
    assert list(tmp_path.iterdir()) == []


def test_report_waits_for_the_worker_that_has_it(order, project, tmp_path, settings):
    settings.HARD_LIMIT = 1
    report, _is_new = order()
    Report.objects.claim(report.pk, seconds=600)
    with pytest.raises(CommandError, match="A worker has taken the report"):
        run("report", "participants", project=project.slug, language="en", output=tmp_path / "count.pdf")


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("report", "participants", "--project", "nowhere", "--output", "x.pdf"), "The projects are: exempel."),
        (("export", "mobilities-csv", "--project", "nowhere", "--output", "x.csv"), "There is no project 'nowhere'."),
        (("report", "grants", "--project", "exempel", "--output", "x.pdf"), "invalid choice"),
        (("export", "mobilities-ods", "--project", "exempel", "--output", "x.csv"), "invalid choice"),
        (("report", "participants", "--output", "x.pdf"), "--project"),
        (("export", "mobilities-csv", "--project", "exempel", "--output", "/nowhere/x.csv"), "cannot be written"),
        (("verify", "WST-2222-2222"), "No finished report has the code WST-2222-2222."),
        (("verify", "nonsense"), "No finished report has the code nonsense."),
    ],
)
def test_a_wrong_argument_is_answered_with_a_sentence(args, words, project):
    with pytest.raises(CommandError, match=words.replace("(", r"\(")):
        run(*args)


def test_verify_finds_a_changed_file_and_a_changed_paper(printed):
    report = printed()
    assert "is genuine" in run("verify", report.code.lower())
    Report.objects.unkept("a test").update(file_hash="0" * 64)
    with pytest.raises(CommandError, match="is not the one that went out"):
        run("verify", report.code)
    Report.objects.unkept("a test").update(file_hash=report.file_hash)
    Report.objects.unkept("a test").update(snapshot=report.snapshot | {"approved": {"learners": 7, "staff": 7}})
    with pytest.raises(CommandError, match="made again the file differs"):
        run("verify", report.code)
    Report.objects.unkept("a test").update(template_version=0)
    with pytest.raises(CommandError, match="template version 0"):
        run("verify", report.code)


def test_verify_says_that_the_bytes_are_lost(printed):
    from django.core.files.storage import default_storage

    report = printed()
    default_storage.delete(report.file.path)
    with pytest.raises(CommandError, match="is lost from the storage"):
        run("verify", report.code)


@pytest.mark.parametrize("name", sheets.FORMATS)
def test_export_writes_every_mobility_of_the_project(name, journeys, project, tmp_path):
    target = tmp_path / f"sheet.{sheets.FORMATS[name][1]}"
    said = run("export", f"mobilities-{name}", project=project.slug, language="en", output=target)
    assert "9 mobilities" in said
    if name == "xlsx":
        rows = list(load_workbook(target).active.iter_rows(values_only=True))
        names = {row[0] for row in rows}
    else:
        separator = ";" if name == "csv-sv" else ","
        names = {row[0] for row in csv.reader(io.StringIO(target.read_text("utf-8-sig")), delimiter=separator)}
    assert {mobility.participant.last_name for mobility in journeys} <= names
