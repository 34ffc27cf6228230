"""A project from an idea to its first mobility, by the coordinator and a contact person, both by keyboard."""

from datetime import timedelta

import pytest

from tests import factories
from tests.browser.installation import wait_until
from tests.browser.keyboard import Keyboard
from tests.browser.test_stories import PHONE, SEND, register

pytestmark = [pytest.mark.browser, pytest.mark.databases("sqlite")]
DESK = "/desk/vara-resor/"
KIND = "short-term-mobility"
MEMBER = """
SELECT m.id FROM consortium_projectmember m JOIN consortium_organisation o ON o.id = m.organisation_id
JOIN consortium_project p ON p.id = m.project_id WHERE p.slug = 'vara-resor' AND o.name = 'Lidköping'
"""
LINE = """
SELECT l.places, l.places_shared FROM consortium_awardedline l JOIN consortium_decision d ON d.id = l.decision_id
JOIN consortium_project p ON p.id = d.project_id JOIN consortium_activitytype t ON t.id = l.activity_type_id
WHERE p.slug = 'vara-resor' AND t.key = ?
"""
MOBILITY = """
SELECT m.state, m.has_place FROM mobilities_mobility m JOIN consortium_project p ON p.id = m.project_id
JOIN mobilities_participant t ON t.id = m.participant_id WHERE p.slug = 'vara-resor' AND t.email = ?
"""


def test_a_project_runs_from_wishes_through_decision_and_shares_to_a_mobility(visit, installation):
    hands = Keyboard(visit.window())
    hands.log_in("coordinator")
    plan(hands)
    member = installation.row(MEMBER)["id"]
    ask(hands)
    mail = wait_until(lambda: installation.mails("contact@example.org"), "the contact person is asked")[0]
    assert f"{DESK}wishes/{member}/" in mail

    phone = Keyboard(visit.window(size=PHONE))
    phone.log_in("contact")
    wish(phone, member)

    freeze(hands)
    enter_agreement(hands)
    take(hands, "start")
    share(hands, member)
    assert installation.row(LINE, KIND) == {"places": 6, "places_shared": 1}

    register(phone, project="Our journeys", first_name="Ester", email="ester.nyman@example.org", host="Exempel Lar")
    assert installation.row(MOBILITY, "ester.nyman@example.org") == {"state": "submitted", "has_place": 1}


def plan(hands):
    """A planned project, as a copy of the running one, so that it has members and goals."""
    hands.press("nav a[href='/desk/']")
    hands.press("main a[href='/desk/new/']")
    hands.choose("copied_from", "Example project")
    hands.write("name_sv", "Våra resor")
    hands.write("name_en", "Our journeys")
    hands.choose("programme", "Erasmus+ accredited project")
    hands.write("call_year", "2021")
    hands.press(SEND)
    assert hands.page.url.endswith(f"{DESK}settings/")
    assert "planned" in hands("main").inner_text()


def ask(hands):
    hands.press(f"main nav a[href='{DESK}wishes/']")
    hands.press(f"main a[href='{DESK}wishes/ask/']")
    hands.press(SEND)


def wish(hands, member):
    hands.press(f"main a[href='{DESK}wishes/{member}/']")
    hands.write(f"places-{KIND}", "4")
    hands.write(f"days-{KIND}", "21")
    hands.write(f"purpose-{KIND}", "Kitchen and care")
    hands.press("main form:has([name='places-short-term-mobility']) .row .btn:not(.quiet)")
    assert "answered" in hands("main").inner_text()


def freeze(hands):
    hands.press(f"main nav a[href='{DESK}wishes/']")  # once more, now that there is an answer
    hands.press(f"main a[href='{DESK}wishes/request/']")
    assert "Kitchen and care" in hands("main").inner_text()
    hands.press(SEND)


def enter_agreement(hands):
    """More places than were wished for, and a period that begins with the current month."""
    hands.press(f"main nav a[href='{DESK}decisions/']")
    hands.press(f"main a[href='{DESK}decisions/new/']")
    first = factories.day(0).replace(day=1)
    hands.write_day("starts_on", first)
    hands.write_day("ends_on", first + timedelta(730))
    hands.write(f"places-{KIND}", "6")
    hands.press(SEND)
    assert "6" in hands("main table").inner_text()


def take(hands, verb):
    hands.press(f"main nav a[href='{DESK}settings/']")
    hands.press(f"main a[href='{DESK}settings/{verb}/']")
    hands.press(SEND)


def share(hands, member):
    hands.press(f"main nav a[href='{DESK}shares/']")
    hands.press(f"main a[href='{DESK}shares/{member}/{KIND}/']")
    hands.write("places", "1")
    hands.write("reason", "The first place of the year.")
    hands.press(SEND)
