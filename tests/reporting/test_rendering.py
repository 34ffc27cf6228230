"""From the waiting report to its file: one result, whoever makes it; the paper says what its data says, and nothing else."""

import hashlib
import io
import re
import subprocess
import sys

import pikepdf
import pytest
from django.core.files.storage import default_storage
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.html import escape

from reporting import participant_count, rendering, tasks
from reporting.models import Report
from tests import factories, pdf_ua, services
from westum.base import papers
from westum.base.files import StoredFile
from westum.base.jobs import JobState

pytestmark = pytest.mark.django_db


def html_of(report):
    with translation.override(report.language):
        return render_to_string(participant_count.TEMPLATE, participant_count.context(report))


def text_of(html):
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_a_report_is_made_once(order, journeys):
    report, _is_new = order()
    assert rendering.render(report.pk).pk == report.pk
    report.refresh_from_db()
    content = report.file.read()
    assert (report.state, report.file_hash) == (JobState.DONE, hashlib.sha256(content).hexdigest())
    assert (report.done, report.total, report.claim) == (3, 3, None)
    assert report.file.name == f"exempel-participants-{report.as_of}-en.pdf"
    assert rendering.render(report.pk) is None
    tasks.render_report(report.pk)
    assert StoredFile.objects.filter(sha256=report.file_hash).count() == 1
    assert [line.history_change_reason for line in report.history.all()] == ["made", "ordered"]


def test_progress_is_shown_step_by_step(order, monkeypatch):
    report, _is_new = order()
    seen = []
    advance = Report.advance

    def watched(self, done, total, stage):
        seen.append((done, total, stage))
        return advance(self, done, total, stage)

    monkeypatch.setattr(Report, "advance", watched)
    rendering.render(report.pk)
    assert seen == [(0, 3, "page"), (1, 3, "type"), (2, 3, "file")]


def test_a_failure_keeps_its_reason_for_the_reader(order, monkeypatch, coordinator):
    report, _is_new = order(language="sv")

    def fails(*args, **options):
        raise papers.PaperFailed("This paper is too large. Take it as a spreadsheet instead.")

    monkeypatch.setattr(papers, "to_pdf", fails)
    with pytest.raises(papers.PaperFailed):
        rendering.render(report.pk)
    report.refresh_from_db()
    assert (report.state, report.reason) == (
        JobState.FAILED,
        "This paper is too large. Take it as a spreadsheet instead.",
    )
    assert report.file is None


def test_an_unforeseen_fault_is_told_without_its_words(order, monkeypatch):
    report, _is_new = order(language="sv")  # its reader reads English
    monkeypatch.setattr(papers, "to_pdf", lambda *args, **options: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        rendering.render(report.pk)
    report.refresh_from_db()
    assert (
        report.reason == "This could not be finished because of a fault in the portal (ZeroDivisionError). Try again."
    )


def test_a_full_disk_fails_the_report_and_leaves_no_file(order, monkeypatch):
    report, _is_new = order()

    def full(*args, **options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(default_storage, "save", full)
    with pytest.raises(Exception, match="could not be stored"):
        rendering.render(report.pk)
    report.refresh_from_db()
    assert report.state == JobState.FAILED
    assert "could not be stored" in report.reason
    assert not StoredFile.objects.exists()


@pytest.mark.parametrize("stage", ["page", "type", "file"])
def test_a_worker_that_was_overtaken_writes_nothing(stage, order, monkeypatch):
    """Another worker takes the report over while this one is at any of its stages."""
    report, _is_new = order()
    show = rendering.show

    def overtaken(row, now):
        if now == stage:
            Report.objects.filter(pk=row.pk).unkept("a test").update(claim="00000000-0000-0000-0000-000000000001")
        show(row, now)

    monkeypatch.setattr(rendering, "show", overtaken)
    assert rendering.render(report.pk) is None
    report.refresh_from_db()
    assert (report.state, report.file) == (JobState.RUNNING, None)
    assert not StoredFile.objects.exists()


def test_overtaken_between_file_and_row_the_file_has_no_row(order, monkeypatch):
    report, _is_new = order()
    monkeypatch.setattr(Report, "finish", lambda self, **fields: False)
    assert rendering.render(report.pk) is None
    assert not StoredFile.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_same_data_gives_the_same_bytes_in_another_process(printed, journeys, tmp_path):
    report = printed()
    journeys[3].delete()  # the paper is made from its own data, not from the register
    house = services.environment(TZ="Pacific/Auckland", PYTHONHASHSEED="4711")
    again = subprocess.run(
        [sys.executable, "manage.py", "verify", report.code], capture_output=True, text=True, env=house, check=False
    )
    assert again.returncode == 0, again.stderr
    assert report.file_hash in again.stdout
    assert report.file_hash == hashlib.sha256(rendering.set_in_type(report)).hexdigest()


# What the paper says


@pytest.mark.parametrize("language", ["sv", "en"])
def test_the_paper_passes_every_rule_of_pdf_ua(language, printed, journeys, settings):
    settings.DEMO = language == "sv"
    report = printed(language=language)
    with pikepdf.open(io.BytesIO(report.file.read())) as pdf:
        assert pdf_ua.faults(pdf, language=language) == []
        box = [float(side) for side in pdf.pages[0].MediaBox]
    assert [round(side / 72 * 25.4) for side in box[2:]] == [210, 297]


def test_the_paper_says_the_figures_of_its_data(order, journeys):
    report, _is_new = order()
    html = html_of(report)
    text = text_of(html)
    assert "approved 2,000 Learners 1,000, staff 1,000." in text
    for words in (
        "registered 3 Learners 2, staff 1.",
        "accepted 4 Learners 2, staff 2.",
        "completed 2 Learners 1, staff 1.",
        "Almby lärcentrum 20 3 2 1 3 2",
        "Björkby lärcentrum 20 0 0 0 1 0",
        "1 Care 3 2 1 4 2",
        "Portugal 2 1 1 3 1",
        "Spain 1 1 0 1 1",
        "All 3 2 1 4 2",
        "A mobility may serve several, so the rows do not add up to the project.",
        "Mobilities that are entered in the funder's own system, as a draft or complete.",
        report.code,
    ):
        assert words in text.replace("&#x27;", "'"), words
    assert report.address.removeprefix("http://").rstrip("/") in html


def test_each_chart_has_its_table(order, journeys):
    report, _is_new = order()
    context = participant_count.context(report)
    shown = [(label, values) for chart in context["charts"] for label, values, _goal in chart.table]
    assert shown == [(row["name"], (row["registered"].learners, row["registered"].staff)) for row in context["members"]]


def test_many_members_get_several_charts(order, project):
    factories.ProjectMemberFactory.create_batch(41, project=project)
    report, _is_new = order()
    charts = participant_count.context(report)["charts"]
    assert [len(chart.table) for chart in charts] == [20, 20, 3]
    assert len({chart.key for chart in charts}) == 3
    with pikepdf.open(io.BytesIO(rendering.set_in_type(report))) as pdf:
        assert pdf_ua.faults(pdf, language="en") == []


@pytest.mark.parametrize(
    ("programme", "words"),
    [
        ("KA102", "Med finansiering från Europeiska unionens program Erasmus+"),
        ("KA121-VET", "Medfinansieras av Europeiska unionen"),
    ],
)
def test_emblem_and_statement_follow_the_programme(programme, words, order, project):
    project.programme = programme
    project.save()
    report, _is_new = order(language="sv")
    html = html_of(report)
    assert words in html
    assert "westum:img/eu-emblem.svg" in html


def test_what_is_not_stated_is_said_and_never_a_zero(order):
    bare = factories.ProjectFactory(reference=None)
    report, _is_new = order(project=bare)
    text = text_of(html_of(report))
    assert "Reference not stated" in text
    assert "Period not stated" in text
    assert "approved not stated" in text
    assert "The project states no focus areas." in text


@pytest.mark.parametrize("demo", [True, False])
def test_a_demonstration_says_so_on_the_paper(demo, order, settings):
    settings.DEMO = demo
    report, _is_new = order()
    assert ("All people are invented." in html_of(report)) is demo


# S7: hostile words in each field of users that reaches the paper

PAYLOADS = [
    '<img src="http://127.0.0.1:9/x">',
    '<link rel="attachment" href="file:///etc/passwd">',
    "<style>@import url(http://127.0.0.1:9/y);</style>",
    '"><svg/onload=alert(1)>',
    "</td></tr></table><h1>Owned</h1>",
    "{{ settings.SECRET_KEY }}{% debug %}",
    '<a href="javascript:alert(1)">x</a>',
    "&#60;script&#62;",
    '<object data="file:///etc/hostname"></object>',
    "url(file:///etc/passwd) ]]> <!-- \N{RIGHT-TO-LEFT OVERRIDE}",
]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_hostile_words_are_only_words(payload, order, journeys, project, member_a):
    """n = 10 payloads in 6 fields: project, owner, reference, member, overarching goal and focus area."""
    project.name_en = project.name_sv = payload
    project.reference = payload[:40]
    project.owner.name = member_a.name = payload
    project.save()
    project.owner.save()
    member_a.save()
    for goal in project.goals.all():
        goal.title_en = goal.title_sv = payload
        goal.save()
    report, _is_new = order()
    html = html_of(report)
    if escape(payload) != payload:
        assert payload not in html
    assert escape(payload) in html
    pdf = rendering.set_in_type(report)
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        assert pdf_ua.faults(opened, language="en") == []
        assert not opened.attachments
        links = [str(note.A.URI) for page in opened.pages for note in page.get("/Annots", []) if "/A" in note]
    assert links == []
