import json
import logging
import logging.config
import sys

import pytest
import structlog

from westum import logs


@pytest.fixture
def line():
    """`line(message, as_json=…)` is what the log would hold of it."""

    def written(message, *args, as_json=True, error=None):
        chosen = logs.settings(as_json=as_json)["formatters"]["events"]
        made = chosen.pop("()")(**chosen)
        record = logging.LogRecord("mobilities", logging.ERROR, __file__, 1, message, args, error)
        return made.format(record)

    return written


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("mail to asa.oberg+work@lar.example.se refused", "mail to ‹e-mail› refused"),
        ("identity 19121212-1212 known", "identity ‹identity number› known"),
        ("identity 1212121212 and 121212-1212", "identity ‹identity number› and ‹identity number›"),
        ("duplicate key\nDETAIL:  Key (name)=(Åsa Öberg) already exists.", "duplicate key\nDETAIL: ‹row›"),
        ("row 4711 of report 12 on 2026-11-24", "row 4711 of report 12 on 2026-11-24"),
        ("Error: /invitations/a-B_9z/?x=1", "Error: /invitations/‹secret›/?x=1"),
        ("Not Found: /milestones/calendar/a-B_9z/westum.ics", "Not Found: /milestones/calendar/‹secret›/westum.ics"),
        ("Error: /people/invitations/4/withdraw/", "Error: /people/invitations/4/withdraw/"),
        ("\x1b[2J cleared", "\\x1b[2J cleared"),
    ],
)
def test_personal_data_does_not_reach_the_log(line, said, kept):
    event = json.loads(line(said))
    assert (event["event"], event["level"], event["logger"]) == (kept, "error", "mobilities")


def test_personal_data_in_an_exception_does_not_reach_the_log(line):
    try:
        raise ValueError("no such person: asa@lar.example.se")
    except ValueError:
        error = sys.exc_info()
    for as_json in (True, False):
        text = line("failed", as_json=as_json, error=error)
        assert "ValueError: no such person: ‹e-mail›" in text
        assert "asa@" not in text


def test_a_logged_text_cannot_pretend_to_be_a_second_event(line):
    for as_json in (True, False):
        assert "\n" not in line("search for\n2026-11-24 [info] all is well", as_json=as_json)


def test_what_a_request_logs_carries_its_id(line):
    seen = []
    logs.RequestId(lambda request: seen.append(json.loads(line("within"))))(None)
    assert len(seen[0]["request"]) == 12
    assert structlog.contextvars.get_contextvars() == {}
