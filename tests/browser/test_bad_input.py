"""Wrong input in the browser: a sentence at its field in the reader's language, and what was typed stays."""

import pytest

from tests import factories
from tests.browser.conftest import PHONE
from tests.browser.keyboard import Keyboard

pytestmark = [pytest.mark.browser, pytest.mark.databases("sqlite")]
SEND = "main form.form .row .btn:not(.quiet)"
# Name → content, and words of the sentence in each language.
UPLOADS = {
    "large.pdf": (None, {"en": "larger than 20 MB", "sv": "större än 20 MB"}),
    "program.pdf": (b"MZ\x90\0" + b"\0" * 4000, {"en": "of another kind", "sv": "något annat"}),
    "page.pdf": (b"<!doctype html><script>alert(1)</script>" * 20, {"en": "of another kind", "sv": "något annat"}),
    "empty.pdf": (b"", {"en": "empty", "sv": "tom"}),
}
OF_LIDKOPING = (
    "SELECT m.id, m.participant_id, p.phone FROM mobilities_mobility m JOIN mobilities_participant p "
    "ON p.id = m.participant_id JOIN consortium_organisation o ON o.id = m.sending_organisation_id "
    "JOIN consortium_project j ON j.id = m.project_id "
    "WHERE j.slug = 'exempel' AND o.name = 'Lidköping' AND m.state = ? ORDER BY m.id"
)


def at_field(page, name):
    """What stands at the field; the same words must stand in the summary, with a link to the field."""
    field = page.locator(f"main form.form .field:has([name={name}])").last
    sentence = field.locator(".wrong").inner_text().strip()
    link = page.locator(".errors a", has_text=sentence)
    assert link.get_attribute("href") == f"#{page.locator(f'main form.form [name={name}]').first.get_attribute('id')}"
    assert 0 < len(sentence.split()) <= 20, sentence
    return sentence


@pytest.mark.parametrize("language", ["sv", "en"])
def test_wrong_files_are_refused_at_the_field(visit, installation, tmp_path, language):
    (mobility, *_) = installation.rows(OF_LIDKOPING, "ongoing")
    number = "SELECT COUNT(*) AS n FROM base_storedfile"
    before = installation.row(number)
    page = visit.window("contact", language=language, size=PHONE)
    page.goto(f"/mobilities/{mobility['id']}/documents/add/")
    said = []
    for name, (content, words) in UPLOADS.items():
        path = tmp_path / name
        if content is None:
            with path.open("wb") as large:
                large.write(factories.PDF)
                large.truncate(60 * 1024**2)
        else:
            path.write_bytes(content)
        page.locator("main [name=kind]").select_option("attendance")
        page.locator("main [name=file]").set_input_files(path)
        Keyboard(page).press(SEND)
        said.append(at_field(page, "file"))
        assert words[language] in said[-1], said
        assert page.locator("main [name=kind]").input_value() == "attendance"
        assert page.title().startswith({"sv": "Fel: ", "en": "Error: "}[language])
    print(f"n = {len(said)} files: {said}")
    assert installation.row(number) == before


def test_second_editor_sees_both_values_and_loses_nothing(visit, installation):
    (mobility, *_) = installation.rows(OF_LIDKOPING, "draft")
    person = mobility["participant_id"]
    path = f"/participants/{person}/edit/"
    phone = "SELECT phone, version FROM mobilities_participant WHERE id = ?"
    first, second = visit.window("contact"), visit.window("coordinator")
    first.goto(path)
    second.goto(path)
    Keyboard(first).write("phone", "+46 70 111 11 11")
    Keyboard(first).press(SEND)
    Keyboard(second).write("phone", "+46 70 222 22 22")
    Keyboard(second).press(SEND)
    assert installation.row(phone, person)["phone"] == "+46 70 111 11 11"
    words = second.locator("main").inner_text()
    assert "+46 70 111 11 11" in words
    assert second.locator("main [name=phone]").input_value() == "+46 70 222 22 22"
    Keyboard(second).press(SEND)
    assert installation.row(phone, person)["phone"] == "+46 70 222 22 22"


@pytest.mark.parametrize("script", [True, False])
def test_double_click_makes_one(visit, installation, script):
    page = visit.window("coordinator", script=script)
    email = f"twice-{script}@example.org".lower()
    page.goto("/people/invite/?role=contact")
    page.locator("main [name=name]").fill("Tove Tvåklick")
    page.locator("main [name=email]").fill(email)
    page.locator("main [name=role][value=contact]").check()
    page.locator("main [name=organisation]").select_option(label="Orust")
    with page.expect_navigation():
        page.locator(SEND).dblclick()
    page.wait_for_load_state()
    page.wait_for_url("**/people/")
    assert installation.row("SELECT COUNT(*) AS n FROM consortium_invitation WHERE email = ?", email) == {"n": 1}


def test_report_ordered_twice_is_one(installation):
    reader = installation.reader("staff")
    order = {"kind": "participants", "project": "exempel", "language": "sv"}
    answers = [reader.post("/reports/new/", order) for _ in range(2)]
    assert [answer.status for answer in answers] == [302, 302]
    assert answers[0].path == answers[1].path
    assert len(installation.rows("SELECT id FROM reporting_report WHERE language = 'sv'")) == 1


@pytest.mark.parametrize("script", [True, False])
def test_text_outlives_the_session(visit, installation, script):
    (mobility, *_) = installation.rows(OF_LIDKOPING, "submitted")
    page = visit.window("contact", script=script)
    path = f"/mobilities/{mobility['id']}/withdraw/"
    page.goto(path)
    hands = Keyboard(page)
    hands.write("reason", "She has moved to another school.")
    page.context.clear_cookies(name="sessionid")
    hands.press(SEND)
    assert page.locator("main").inner_text().count("She has moved to another school.") == 1
    assert installation.rows(OF_LIDKOPING, "submitted")[0]["id"] == mobility["id"]
    hands.press("main a[href^='/accounts/login/']")
    hands.press("button[value=contact]")
    assert page.url.endswith(path)


def test_typed_text_survives_a_change_of_language(visit, installation):
    (mobility, *_) = installation.rows(OF_LIDKOPING, "submitted")
    page = visit.window("contact", language="en")
    page.goto(f"/mobilities/{mobility['id']}/withdraw/")
    hands = Keyboard(page)
    hands.write("reason", "She has moved.")
    page.keyboard.press("Shift+Tab")
    page.locator("button[name=language]").focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.locator("html").get_attribute("lang") == "sv"
    assert page.locator("main [name=reason]").input_value() == "She has moved."


def test_half_written_form_asks_before_it_is_left(visit):
    page = visit.window("contact")
    page.goto("/mobilities/new/?project=exempel")  # another test may have opened a second project
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    Keyboard(page).open("main form summary")
    Keyboard(page).write("first_name", "Åsa")
    page.goto("/mobilities/")
    assert asked == ["beforeunload"]
