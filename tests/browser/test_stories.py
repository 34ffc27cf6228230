"""Five people, each from the log-in page to a row, a file or a mail that the test opens; by keyboard, one without script."""

import io
import re
import subprocess

import openpyxl
import pytest
from playwright.sync_api import sync_playwright

from tests import factories
from tests.browser.installation import Installation, wait_until
from westum.start import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.databases("sqlite")]
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(scope="module")
def portal(tmp_path_factory):
    """`manage.py demo` with its web server, worker and beat."""
    running = Installation(tmp_path_factory.mktemp("demo") / "data")
    yield running
    running.stop()


@pytest.fixture(scope="module")
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def visit(portal, chromium):
    """`visit(width=…, script=…)` is a page in English; what its console complains of fails the test."""
    contexts, complaints = [], []

    def open_page(*, width=1280, script=True, language="en"):
        context = chromium.new_context(
            viewport={"width": width, "height": 900}, java_script_enabled=script, locale=language, accept_downloads=True
        )
        context.set_default_timeout(20_000)
        context.add_cookies([{"name": "django_language", "value": language, "url": portal.url}])
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("request", lambda sent: complaints.append(sent.url) if not sent.url.startswith(portal.url) else None)
        return page

    yield open_page
    for context in contexts:
        context.close()
    # Chromium also reports each answer of 4xx, which the tests of wrong input ask for.
    assert [text for text in complaints if "status of 4" not in text] == []


def press(page, control):
    """Reach the control by Tab alone, as somebody without a mouse does, and press Enter."""
    for _ in range(150):
        page.keyboard.press("Tab")
        if control.evaluate("element => element === document.activeElement"):
            with page.expect_navigation():
                page.keyboard.press("Enter")
            return
    pytest.fail(f"{control} is not reached by Tab")


def enter(page, name, text):
    """Type into the field of that name."""
    page.locator(f"[name={name}]").first.focus()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type(text)


def log_in(page, portal, role):
    page.goto(f"{portal.url}/accounts/login/")
    press(page, page.locator(f'button[value="{role}"]'))
    if page.locator("html").get_attribute("lang") != "en":
        press(page, page.locator('button[name="language"][value="en"]'))


def test_coordinator_gives_places_and_accepts(portal, visit):
    page = visit()
    log_in(page, portal, "coordinator")
    share = portal.row(
        "SELECT a.id, a.places, a.member_id, t.key FROM consortium_allocation a "
        "JOIN consortium_projectmember m ON m.id = a.member_id JOIN consortium_organisation o ON o.id = m.organisation_id "
        "JOIN consortium_project p ON p.id = m.project_id JOIN consortium_activitytype t ON t.id = a.activity_type_id "
        "WHERE p.slug = 'exempel' AND o.name = 'Borås' AND t.key = 'short-term-mobility'"
    )
    page.goto(f"{portal.url}/desk/exempel/shares/{share['member_id']}/{share['key']}/")
    enter(page, "places", str(share["places"] + 1))
    enter(page, "reason", "Three learners wait.")
    press(page, page.locator("main form.form button.btn"))
    now = portal.row("SELECT places FROM consortium_allocation WHERE id = ?", share["id"])
    assert now["places"] == share["places"] + 1
    history = portal.rows(
        "SELECT history_change_reason AS reason FROM consortium_historicalallocation WHERE id = ? ORDER BY history_id DESC",
        share["id"],
    )
    assert "Three learners wait." in history[0]["reason"]

    waiting = portal.rows("SELECT id FROM mobilities_mobility WHERE state = 'submitted' AND has_place = 1 ORDER BY id")[
        0
    ]["id"]
    page.goto(f"{portal.url}/mobilities/{waiting}/")
    press(page, page.locator(".next form button"))
    assert portal.row("SELECT state FROM mobilities_mobility WHERE id = ?", waiting)["state"] == "accepted"


def test_contact_person_registers_a_mobility(portal, visit):
    page = visit(width=360)
    log_in(page, portal, "contact")
    page.goto(f"{portal.url}/mobilities/new/?project=exempel")
    page.locator("summary").first.focus()
    page.keyboard.press("Enter")
    page.locator('[name=group][value="learner"]').focus()
    page.keyboard.press("Space")
    enter(page, "first_name", "Åsa")
    enter(page, "last_name", "Nyman")
    enter(page, "email", "asa.nyman@example.org")
    short_stay = page.locator("[name=activity_type] option", has_text="10–89").get_attribute("value")
    page.locator("[name=activity_type]").select_option(short_stay)
    page.locator("[name=receiving_organisation]").select_option(index=1)
    start, end = factories.day(60), factories.day(80)
    page.locator("[name=start_date]").fill(f"{start}")
    page.locator("[name=end_date]").fill(f"{end}")
    page.locator("[name=goals]").first.focus()
    page.keyboard.press("Space")
    press(page, page.locator("main form.form button.btn").first)
    assert page.locator(".errors").all_inner_texts() == []
    made = portal.row(
        "SELECT m.state, m.has_place FROM mobilities_mobility m JOIN mobilities_participant p ON p.id = m.participant_id "
        "WHERE p.email = 'asa.nyman@example.org'"
    )
    assert made == {"state": "submitted", "has_place": 1}


def test_participant_uploads_the_report_by_phone_and_without_script(portal, visit, tmp_path):
    page = visit(width=360, script=False)
    page.goto(f"{portal.url}/accounts/login/")
    page.locator("[name=email]").fill("participant@example.org")
    press(page, page.locator("main form.form button.btn, main form button.btn").first)
    mail = wait_until(lambda: portal.mails("participant@example.org"), "the code has come by mail")[0]
    code = re.search(r"\b([A-Z0-9]{3,}(?:-[A-Z0-9]{3,})?)\b(?=\s*\n)", re.sub(r"<[^>]+>", "", mail))[1]
    page.locator("[name=code]").fill(code)
    press(page, page.locator("main form button.btn").first)
    page.goto(f"{portal.url}/")
    press(page, page.locator(".next a.btn").first)

    wrong = tmp_path / "holiday.pdf"
    wrong.write_bytes(b"MZ" + b"\0" * 200)
    page.locator("[name=learned]").fill("I can help at breakfast.")
    page.locator("[name=file]").set_input_files(wrong)
    press(page, page.locator("main form.form button.btn"))
    assert page.locator("[name=learned]").input_value() == "I can help at breakfast."
    assert page.locator(".errors a").count() >= 1

    right = tmp_path / "report.pdf"
    right.write_bytes(factories.PDF)
    page.locator("[name=file]").set_input_files(right)
    press(page, page.locator("main form.form button.btn"))
    document = portal.row(
        "SELECT d.id, r.state, r.learned FROM mobilities_document d JOIN mobilities_placementreport r "
        "ON r.mobility_id = d.mobility_id JOIN mobilities_mobility m ON m.id = d.mobility_id "
        "JOIN mobilities_participant p ON p.id = m.participant_id "
        "WHERE p.email = 'participant@example.org' AND d.kind = 'placement_report' AND d.state = 'uploaded'"
    )
    assert (document["state"], document["learned"]) == ("submitted", "I can help at breakfast.")
    answer = page.context.request.get(f"{portal.url}/documents/{document['id']}/")
    assert answer.body() == factories.PDF
    assert answer.headers["content-disposition"].startswith("attachment")


def test_project_staff_orders_the_report_and_exports_the_rows(portal, visit, tmp_path):
    page = visit()
    log_in(page, portal, "staff")
    page.goto(f"{portal.url}/reports/new/?project=exempel")
    page.locator('[name=language][value="en"]').focus()
    page.keyboard.press("Space")
    press(page, page.locator("main form.form button.btn"))
    page.wait_for_selector("a[href$='/pdf/']", timeout=60_000)
    pdf = page.context.request.get(portal.url + page.locator("a[href$='/pdf/']").first.get_attribute("href")).body()
    file = tmp_path / "count.pdf"
    file.write_bytes(pdf)
    text = subprocess.run(["pdftotext", file, "-"], capture_output=True, text=True, check=True).stdout
    registered = portal.row(
        "SELECT COUNT(*) AS n FROM mobilities_mobility m JOIN consortium_project p ON p.id = m.project_id "
        "WHERE p.slug = 'exempel' AND m.funder_state IN ('draft', 'complete')"
    )["n"]
    assert "Participant count" in text
    assert re.search(rf"(?m)^{registered}$", text)

    page.goto(f"{portal.url}/mobilities/?project=exempel")
    link = page.locator("a[href*='/mobilities/export/xlsx/']").get_attribute("href")
    book = openpyxl.load_workbook(io.BytesIO(page.context.request.get(portal.url + link).body()))
    shown = int(re.search(r"\d+", page.locator("#results").inner_text())[0])
    assert book.worksheets[0].max_row - 1 == shown


def test_auditor_reads_everything_and_changes_nothing(portal, visit):
    page = visit()
    log_in(page, portal, "auditor")
    page.goto(f"{portal.url}/desk/exempel/")
    assert page.locator("main table").count() >= 1
    row = portal.rows("SELECT id FROM mobilities_mobility WHERE state = 'submitted' ORDER BY id")[0]["id"]
    assert page.goto(f"{portal.url}/mobilities/{row}/").status == 200
    assert page.locator("main form[method=post]").count() == 0
    answer = portal.reader("auditor").post(f"/mobilities/{row}/accept/", {}, page="/")
    assert answer.status == 404
    assert portal.row("SELECT state FROM mobilities_mobility WHERE id = ?", row)["state"] == "submitted"


PAGES = {
    "anonymous": ["/", "/projects/", "/projects/ka1-2015/", "/projects/exempel/", "/verify/", "/accounts/login/", "/styleguide/", "/counted/", "/privacy/", "/accessibility/", "/health/", "/demo/mail/"],
    "coordinator": ["/", "/mobilities/", "/mobilities/new/?project=exempel", "/mobilities/193/", "/mobilities/183/send-back/", "/desk/", "/desk/exempel/", "/desk/exempel/shares/", "/people/", "/people/invite/", "/organisations/", "/organisations/new/", "/reports/", "/reports/new/", "/participants/"],
    "contact": ["/", "/mobilities/184/edit/", "/mobilities/188/", "/mobilities/185/review/", "/people/"],
    "participant": ["/", "/mobilities/181/report/"],
}  # fmt: skip
# Widths, languages and colours in pairs, so that each value meets each other one.
COMBINATIONS = [(320, "sv", "light"), (1280, "sv", "dark"), (320, "en", "dark"), (1280, "en", "light")]


@pytest.mark.parametrize("role", PAGES)
def test_pages_pass_axe_and_do_not_scroll_sideways(role, portal, chromium):
    source = (ROOT / "tests/browser/axe.min.js").read_text()
    reader, faults, n = portal.reader(role), [], 0
    for number, path in enumerate(PAGES[role]):
        for width, language, scheme in [COMBINATIONS[number % 4], COMBINATIONS[(number + 3) % 4]]:
            context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
            context.add_cookies(reader.for_browser())
            context.add_cookies([{"name": "django_language", "value": language, "url": portal.url}])
            page = context.new_page()
            page.goto(portal.url + path)
            faults += check_with_axe(page, source, f"{path} {width} {language} {scheme}")
            wide = page.evaluate("document.documentElement.scrollWidth")
            faults += [f"{path} {width}: {wide} px wide"] if wide > width else []
            n += 1
            context.close()
    print(f"n = {n} pages as {role}")
    assert faults == []


def check_with_axe(page, source, where):
    page.evaluate(source)
    found = page.evaluate("tags => axe.run(document, {runOnly: tags, resultTypes: ['violations']})", AXE_TAGS)
    return [f"{where}: {rule['id']} {rule['nodes'][0]['html'][:120]}" for rule in found["violations"]]


@pytest.mark.parametrize(
    ("rule", "fault"),
    [
        ("image-alt", "main.innerHTML += '<img src=\"/static/img/mark.svg\">'"),
        ("button-name", "main.innerHTML += '<button></button>'"),
        ("label", "main.innerHTML += '<input>'"),
        ("link-name", "main.innerHTML += '<a href=\"/\"></a>'"),
        ("html-has-lang", "document.documentElement.removeAttribute('lang')"),
        ("document-title", "document.title = ''"),
        ("empty-heading", "main.innerHTML += '<h2></h2>'"),
        ("region", "document.body.insertAdjacentHTML('afterbegin', '<p>lost</p>')"),
        ("aria-valid-attr", "main.innerHTML += '<p aria-foo=\"1\">x</p>'"),
        ("list", "main.innerHTML += '<ul><p>x</p></ul>'"),
    ],
)
def test_planted_fault_is_found(rule, fault, portal, chromium):
    page = chromium.new_page()
    page.goto(f"{portal.url}/privacy/")
    page.evaluate(f"() => {{ const main = document.querySelector('main'); {fault} }}")
    found = check_with_axe(page, (ROOT / "tests/browser/axe.min.js").read_text(), "planted")
    page.context.close()
    assert any(f": {rule} " in line for line in found)
