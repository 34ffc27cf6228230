"""People, each from the log-in page to a row, a file or a mail that the test opens; by keyboard, one without script."""

import io
import re
import subprocess
from html import unescape

import openpyxl
import pikepdf
import pytest

from tests import factories
from tests.browser.installation import wait_until
from tests.browser.keyboard import Keyboard

pytestmark = [pytest.mark.browser, pytest.mark.databases("sqlite")]
PHONE = (360, 740)
SEND = "main form.form .row .btn:not(.quiet)"
SHARE = """
SELECT a.id, a.places, a.places_taken, a.member_id, t.key FROM consortium_allocation a
JOIN consortium_projectmember m ON m.id = a.member_id JOIN consortium_organisation o ON o.id = m.organisation_id
JOIN consortium_project p ON p.id = m.project_id JOIN consortium_activitytype t ON t.id = a.activity_type_id
WHERE p.slug = 'exempel' AND o.name = ? AND t.key = 'short-term-mobility'
"""
MOBILITIES = """
SELECT m.id, m.state, m.has_place, m.accepted_by_id, p.email FROM mobilities_mobility m
JOIN mobilities_participant p ON p.id = m.participant_id JOIN consortium_organisation o ON o.id = m.sending_organisation_id
JOIN consortium_project j ON j.id = m.project_id WHERE j.slug = 'exempel'
"""


def share_path(share):
    return f"/desk/exempel/shares/{share['member_id']}/{share['key']}/"


def test_coordinator_gives_places_and_accepts_a_mobility(visit, installation):
    page = visit.window()
    hands = Keyboard(page)
    hands.log_in("coordinator")

    share = installation.row(SHARE, "Borås")
    for path in ["/desk/", "/desk/exempel/", "/desk/exempel/shares/", share_path(share)]:
        hands.press(f"a[href='{path}']")
    hands.write("places", str(share["places"] + 1))
    hands.write("reason", "Three learners wait.")
    hands.press(SEND)
    assert installation.row(SHARE, "Borås")["places"] == share["places"] + 1
    hands.press(f"main a[href='{share_path(share)}']")
    line = hands("main ol.history li, main .history li").inner_text()
    assert "Three learners wait." in line
    assert "Sara Exempelsson" in line

    waiting = installation.rows(f"{MOBILITIES} AND m.state = 'submitted' AND m.has_place AND o.name = 'Alingsås'")[0]
    hands.press("nav a[href='/mobilities/']")
    hands.choose("project", "Example project")
    hands.choose("state", "Submitted")
    with page.expect_response(re.compile("state=submitted")):
        hands.open("main form.filters > button")
    hands.press(f"main a[href='/mobilities/{waiting['id']}/']")
    hands.press(".next form button")
    coordinator = installation.row("SELECT id FROM consortium_user WHERE email = 'coordinator@example.org'")["id"]
    accepted = installation.row(f"{MOBILITIES} AND m.id = ?", waiting["id"])
    assert (accepted["state"], accepted["accepted_by_id"]) == ("accepted", coordinator)
    assert "accepted" in hands("main [aria-labelledby=history] li").inner_text().lower()
    assert wait_until(lambda: installation.mails(waiting["email"]), "the traveller gets a mail")


def test_contact_person_registers_until_the_share_is_full(visit, installation):
    """On a phone: a new person to a new host takes the last place, the next one stands in the queue."""
    share = installation.row(SHARE, "Lidköping")
    changed = installation.reader("coordinator").post(
        share_path(share), {"places": share["places_taken"] + 1, "reason": "One is left."}
    )
    assert changed.status == 302, changed.text

    page = visit.window(size=PHONE)
    hands = Keyboard(page)
    hands.log_in("contact")
    register(hands, first_name="Åsa", email="asa.nyman@example.org", host=("Casa do Teste", "Faro", "Portugal"))
    assert "/mobilities/" in page.url
    made = installation.row(f"{MOBILITIES} AND p.email = 'asa.nyman@example.org'")
    assert (made["state"], made["has_place"]) == ("submitted", 1)
    assert installation.row("SELECT city, country FROM consortium_organisation WHERE name = 'Casa do Teste'") == {
        "city": "Faro",
        "country": "PT",
    }

    register(hands, first_name="Ölle", email="olle.nyman@example.org", host="Casa do Teste")
    made = installation.row(f"{MOBILITIES} AND p.email = 'olle.nyman@example.org'")
    assert (made["state"], made["has_place"]) == ("submitted", 0)
    assert "Number 1 in the queue" in page.locator("main").inner_text()
    assert installation.row(SHARE, "Lidköping")["places_taken"] == share["places_taken"] + 1


def register(hands, *, project="Example project", first_name, email, host):
    hands.press("nav a[href='/mobilities/']")
    hands.press("a[href='/mobilities/new/']")
    if hands.page.locator("main select[name=project]").count():
        hands.choose("project", project)
        hands.press("main form button")
    hands.open("main form summary")
    hands.pick("group", "learner")
    hands.write("first_name", first_name)
    hands.write("last_name", "Nyman")
    hands.write("email", email)
    hands.choose("activity_type", "Short-term")
    if isinstance(host, str):
        hands.choose("receiving_organisation", host)
    else:
        hands.open("main form details:nth-of-type(2) summary")
        hands.write("host_name", host[0])
        hands.write("host_city", host[1])
        hands.choose("host_country", host[2])
    hands.write_day("start_date", factories.day(60))
    hands.write_day("end_date", factories.day(80))
    hands.go_to("main [name=goals]")
    hands.keys.press("Space")
    hands.press(SEND)
    assert hands.page.locator(".errors").all_inner_texts() == []


def log_in_by_mail(hands, installation, email):
    """With the code from the mail, into English pages."""
    hands.page.goto("/accounts/login/")
    hands.write("email", email)
    hands.press(SEND)
    hands.write("code", wait_until(lambda: code_in(installation.mails(email)), "the code comes by mail"))
    hands.press(SEND)
    if hands("html").get_attribute("lang") != "en":
        hands.press("button[name=language][value=en]")


def code_in(mails):
    """The code of the newest mail that has one; other mails may have come after it, or before."""
    texts = (unescape(re.sub(r"<[^>]+>", " ", mail.split("</dl>")[1])) for mail in mails)
    found = (re.search(r"\b[A-Z0-9]{4}-[A-Z0-9]{4}\b", text) for text in texts)
    return next((code[0] for code in found if code), None)


def test_participant_sends_the_report_by_phone_and_without_script(visit, installation, tmp_path):
    page = visit.window(size=PHONE, script=False)
    hands = Keyboard(page)
    log_in_by_mail(hands, installation, "participant@example.org")
    hands.press(".next a.btn")

    hands.write("learned", "I can help at breakfast.")
    hands.press(SEND)  # the file is forgotten
    assert page.locator(".errors a").count() == 1
    assert page.locator("main [name=learned]").input_value() == "I can help at breakfast."
    report = tmp_path / "my report.pdf"
    report.write_bytes(factories.PDF)
    page.locator("main [name=file]").set_input_files(report)  # the dialog for files is not part of the page
    hands.press(SEND)
    sent = installation.row(
        "SELECT r.state, r.learned FROM mobilities_placementreport r JOIN mobilities_mobility m ON m.id = r.mobility_id "
        "JOIN mobilities_participant p ON p.id = m.participant_id WHERE p.email = 'participant@example.org'"
    )
    assert sent == {"state": "submitted", "learned": "I can help at breakfast."}

    content = hands.download("main a[href^='/documents/']")
    assert content == factories.PDF
    with pikepdf.open(io.BytesIO(content)) as paper:
        assert len(paper.pages) == 1
    hands.press("header form[action='/accounts/logout/'] button")
    refused = page.goto("/reports/")
    assert refused.url.endswith("/accounts/login/?next=/reports/")


def test_project_staff_orders_the_report_and_exports_the_rows(visit, installation, tmp_path):
    page = visit.window()
    hands = Keyboard(page)
    hands.log_in("staff")
    hands.press("nav a[href='/reports/']")
    hands.press("main a[href^='/reports/new/']")
    hands.choose("project", "Example project")
    hands.pick("language", "en")
    hands.press(SEND)
    assert page.locator("progress").count() + page.locator("a[href$='/pdf/']").count() == 1
    page.wait_for_selector("a[href$='/pdf/']", timeout=60_000)
    assert hands("#state").inner_text() == "The report is ready"
    file = tmp_path / "count.pdf"
    file.write_bytes(hands.download("main a[href$='/pdf/']"))
    text = subprocess.run(["pdftotext", "-layout", file, "-"], capture_output=True, text=True, check=True).stdout
    assert "Participant count" in text

    hands.press("nav a[href='/desk/']")
    hands.press("main a[href='/desk/exempel/']")
    figures = page.locator("main .figures > *").all_inner_texts()
    numbers = [re.search(r"\d+", figure)[0] for figure in figures[:4]]
    assert re.search(r"^" + r"\s+".join(numbers) + r"$", text, re.MULTILINE), (numbers, text[:1500])

    hands.press("nav a[href='/mobilities/']")
    hands.choose("project", "Example project")
    with page.expect_response(re.compile("project=exempel")):
        hands.open("main form.filters > button")
    page.wait_for_selector("main a[href*='/export/xlsx/'][href*='project=exempel']")
    shown = int(re.search(r"\d+", hands("#results p").inner_text())[0])
    book = openpyxl.load_workbook(io.BytesIO(hands.download("main a[href*='/export/xlsx/']")))
    assert book.worksheets[0].max_row - 1 == shown
    assert shown == len(installation.rows(MOBILITIES))


def test_auditor_reads_everything_and_changes_nothing(visit, installation, crawled):
    page = visit.window()
    hands = Keyboard(page)
    hands.log_in("auditor")
    mobility = installation.rows(f"{MOBILITIES} AND m.state = 'submitted' AND o.name = 'Skövde' OR m.state = 'closed'")
    (done,) = installation.rows("SELECT id FROM reporting_report WHERE state = 'done' ORDER BY id LIMIT 1")
    hands.press("nav a[href='/desk/']")
    hands.press("main a[href='/desk/exempel/']")
    hands.press("main a[href='/desk/exempel/shares/']")
    hands.press("nav a[href='/reports/']")
    hands.press(f"main a[href='/reports/{done['id']}/']")
    assert hands.download("main a[href$='/pdf/']").startswith(b"%PDF-")
    hands.press("nav a[href='/mobilities/']")
    hands.press("main table a[href^='/mobilities/']")
    assert "Facts" in page.locator("main").inner_text()

    found = crawled("auditor")
    public = {"account_logout", "account_login", "styleguide", "consortium:accept_invitation", "demo/mail"}
    own = {"consortium:me", "consortium:calendar_address"}
    own |= {f"consortium:{page}" for page in ("second_factor", "second_factor_app", "second_factor_passkey")}
    for route, path in found.chosen():
        if route not in public | own:
            page.goto(path)
            assert page.locator("main form[method=post]").count() == 0, path

    before = installation.rows("SELECT id, state, version FROM mobilities_mobility")
    reader, n = installation.reader("auditor"), 0
    for verb in ["submit", "accept", "send-back", "give-place", "withdraw", "cancel", "funder", "close", "edit"]:
        answer = reader.post(f"/mobilities/{mobility[0]['id']}/{verb}/", {"reason": "x", "comment": "x"}, page="/")
        assert answer.status == 404, verb
        n += 1
    print(f"n = {n} posts by hand refused")
    assert installation.rows("SELECT id, state, version FROM mobilities_mobility") == before


def test_coordinator_hands_a_member_over(visit, installation):
    """The successor sees the member's mobilities; the former contact person's session is worth nothing any more."""
    former, successor = "contact.skovde@example.org", "deputy.skovde@example.org"
    mobility = installation.rows(f"{MOBILITIES} AND o.name = 'Skövde'")[0]["id"]
    leaving, coming = Keyboard(visit.window()), Keyboard(visit.window())
    log_in_by_mail(leaving, installation, former)
    leaving.press("nav a[href='/mobilities/']")
    assert leaving.page.goto(f"/mobilities/{mobility}/").status == 200

    office = Keyboard(visit.window())
    office.log_in("coordinator")
    membership = installation.row(
        "SELECT m.id FROM consortium_membership m JOIN consortium_user u ON u.id = m.user_id WHERE u.email = ?", former
    )["id"]
    office.press("nav a[href='/people/']")
    office.press(f"main a[href='/people/{membership}/hand-over/']")
    assert "Responsible contact person of the member" in office.page.locator("main").inner_text()
    office.go_to("main [name=successor]")
    office.keys.press("Space")
    office.go_to("main [name=ends_access]")
    office.keys.press("Space")
    office.press(SEND)
    assert "Petra Utkastsdotter has taken over" in office.page.locator("main").inner_text()

    assert leaving.page.goto(f"/mobilities/{mobility}/").status == 404
    log_in_by_mail(coming, installation, successor)
    coming.press("nav a[href='/mobilities/']")
    assert coming.page.goto(f"/mobilities/{mobility}/").status == 200
    place = installation.row(
        "SELECT u.email, m.deputy_id FROM consortium_projectmember m JOIN consortium_user u ON u.id = m.contact_id "
        "JOIN consortium_organisation o ON o.id = m.organisation_id JOIN consortium_project p ON p.id = m.project_id "
        "WHERE p.slug = 'exempel' AND o.name = 'Skövde'"
    )
    assert place == {"email": successor, "deputy_id": None}
    assert wait_until(
        lambda: [mail for mail in installation.mails(former) if "Petra Utkastsdotter" in mail], "the former one is told"
    )
