"""A3: each form answers what is missing and what is wrong in one pattern, which somebody who hears the page can follow."""

import re

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from tests import factors, markup
from tests.access import check
from tests.access.table import ROWS
from westum.base.models import Letter

pytestmark = pytest.mark.django_db
# Pages that ask for nothing that could be missing or wrong: a button and what it does.
NOTHING_TO_WRITE = {
    "account_logout",
    "consortium:accept_invitation",
    "consortium:end_membership",
    "consortium:reset_second_factor",
    "consortium:second_factor_take_away",
    "consortium:recovery_codes",
    "consortium:remind_wishes",
    "consortium:member_remove",
    "consortium:project_remove",
    "consortium:goal_delete",
    "consortium:text_delete",
    "consortium:milestone_delete",
    "consortium:calendar_address",
    "mobilities:submit",
    "mobilities:accept",
    "mobilities:give_place",
    "mobilities:close",
    "mobilities:participant_access",
    "mobilities:rate_copy",
}
# Forms whose every field may stay empty: that nobody knows is an answer.
MAY_BE_EMPTY = {"consortium:network_join", "consortium:network_membership", "mobilities:partnership_phase"}


def not_a_pdf():
    return SimpleUploadedFile("report.pdf", b"<!doctype html><script>alert(1)</script>", content_type="application/pdf")


# Route → the field that gets one wrong value, and what is sent beside it.
WRONG = {
    "account_login": {"email": "nobody"},
    "account_request_login_code": {"email": "nobody"},
    "account_confirm_login_code": {"code": "AAAA-AAAA"},
    "reporting:order_report": {"project": "nowhere"},
    "reporting:order_statement": {"language": "xx"},
    "reporting:grant_statement": {"language": "xx"},
    "consortium:project_new": {"call_year": "next"},
    "consortium:project_settings": {"call_year": "next"},
    "consortium:project_step": {"reason": "long " * 300},
    "consortium:members_add": {"organisations": "nobody"},
    "consortium:new_decision": {"places-short-learning": "many"},
    "consortium:edit_decision": {"ends_on": "tomorrow"},
    "consortium:remove_decision": {"reason": "long " * 300},
    "consortium:goal_new": {"code": "2.1.1.1.1"},
    "consortium:goal_edit": {"code": "2.1.1.1.1"},
    "consortium:goal_rule": {"min_focus_areas": "all"},
    "consortium:operation": {"union_rate": "140"},
    "consortium:text_new": {"as_of": "yesterday"},
    "consortium:text_edit": {"as_of": "yesterday"},
    "consortium:member_edit": {"municipalities": "Nowhere"},
    "consortium:member_paper_add": {"signed_on": "yesterday"},
    "consortium:member_paper_end": {"ended_on": "yesterday"},
    "consortium:network_join": {"joined_on": "yesterday"},
    "consortium:network_membership": {"left_on": "yesterday"},
    "consortium:budget_share": {"amount": "many"},
    "consortium:share": {"places": "many"},
    "consortium:move_places": {"places": "many"},
    "consortium:share_out": {"reason": "long " * 300},
    "consortium:wish": {"places-short-learning": "many"},
    "consortium:ask_wishes": {"answer_by": "tomorrow"},
    "consortium:milestone_new": {"due_on": "tomorrow"},
    "consortium:milestone_edit": {"due_on": "tomorrow"},
    "consortium:wish_request": {"sent_on": "yesterday"},
    "mobilities:hand_over": {"successor": "nobody"},
    "consortium:me": {"phone": "12"},
    "mfa_authenticate": {"code": "000000"},
    "consortium:second_factor_app": {"code": "000000"},
    "consortium:second_factor_passkey": {"name": "long " * 30},
    "consortium:second_factor_confirm": {"code": "000000"},
    "consortium:change_membership": {"to_date": "tomorrow"},
    "consortium:invite": {"email": "nobody"},
    "consortium:organisation_new": {"organisation_number": "12345"},
    "consortium:organisation_edit": {"latitude": "north"},
    "consortium:employer_new": {"organisation_number": "12345"},
    "consortium:employer_edit": {"organisation_number": "12345"},
    "mobilities:partnership_new": {"held_on": "tomorrow"},
    "mobilities:partnership_phase": {"note-school-1": "long " * 200},
    "mobilities:partnership_finish": {"next_on": "tomorrow"},
    "mobilities:partnership_reopen": {"reason": "long " * 300},
    "consortium:host_new": {"capacity": "many"},
    "consortium:judge_host": {"note": "long " * 200},
    "consortium:merge_hosts": {"name": "nobody"},
    "consortium:host_edit": {"languages": "Klingon"},
    "mobilities:mobility_new": {"start_date": "tomorrow"},
    "mobilities:mobility_edit": {"end_date": "1999-12-31"},
    "mobilities:send_back": {"comment": "long " * 300},
    "mobilities:recalculate": {"reason": "long " * 300},
    "mobilities:withdraw": {"reason": "long " * 300},
    "mobilities:cancel": {"reason": "long " * 300},
    "mobilities:funder": {"funder_id": "long " * 30},
    "mobilities:document_add": {"file": not_a_pdf},
    "mobilities:placement_report": {"file": not_a_pdf},
    "mobilities:review": {"comment": "long " * 300},
    "mobilities:participant_edit": {"email": "nobody"},
    "mobilities:rate_import": {"file": not_a_pdf},
    "mobilities:rate_grants": {"reason": "long " * 300},
    "mobilities:rate_change": {"source": "long " * 200},
    "mobilities:rate_remove": {"reason": "long " * 300},
    "mobilities:rate_add": {"source": "long " * 200},
    "mobilities:rate_days_of": {"country": "nowhere"},
    "mobilities:rate_days": {"rate-staff-1": "many"},
    "mobilities:rate_series": {"first-0": "many"},
}
# Steps of the log-in: whoever opens them has gone the steps before.
ON_THE_WAY_IN = {"account_confirm_login_code", "mfa_authenticate"}
# What a button adds to an otherwise empty form.
PRESSED = {"mobilities:review": {"act": "send_back"}}
FORMS = [row for row in ROWS if row.get and row.post and row.name not in NOTHING_TO_WRITE]
# Django's own words for whatever is missing.
SAYS_NOTHING = {"This field is required.", "Detta fält måste fyllas i."}
CHECKS = ["title", "summary", "links", "words", "fields", "kept", "novalidate", "status"]


# What a page shows


def controls(page):
    """Name → its controls in the main part, hidden ones aside."""
    found = {}
    for tag in ("input", "select", "textarea"):
        for control in page.first("main").all(tag):
            if control["name"] and control["type"] != "hidden":
                found.setdefault(control["name"], []).append(control)
    return found


def value_of(parts):
    """What the controls of one name hold, as they would send it."""
    if parts[0].tag == "select":
        return [option["value"] for option in parts[0].all("option") if option["selected"] is not None]
    if parts[0].tag == "textarea":
        return [parts[0].children[0].removeprefix("\n") if parts[0].children else ""]
    if parts[0]["type"] in {"radio", "checkbox"}:
        return [part["value"] or "on" for part in parts if part["checked"] is not None]
    return [parts[0]["value"] or ""]


def descriptions(control):
    """The ids that describe a control, those of the group around it included."""
    group = control.above("fieldset")
    return f"{control['aria-describedby'] or ''} {(group and group['aria-describedby']) or ''}".split()


def faults_of(response, sent):
    """The checks of CHECKS that the answer does not pass, each with what is amiss."""
    page = markup.parse(response.content.decode())
    ids = {node["id"]: node for node in page.walk() if node["id"]}
    main, fields = page.first("main"), controls(page)
    summary = main.first(css="errors")
    wrong = {name: parts for name, parts in fields.items() if any(part["aria-invalid"] == "true" for part in parts)}
    faults = []

    def fault(check, what):
        assert check in CHECKS
        faults.append(f"{check}: {what}")

    if not page.first("title").text.startswith(("Error: ", "Fel: ")):
        fault("title", page.first("title").text)
    heads = [node for node in main.walk() if re.fullmatch("h[1-6]", node.tag)]
    if summary is None or heads[0].parent is not summary or summary["tabindex"] != "-1":
        return [*faults, "summary: it is not the first thing, has no heading or takes no focus"]
    if summary["aria-labelledby"] != heads[0]["id"] or summary["autofocus"] is None:
        fault("summary", "it is not called by its heading, or does not take the focus")

    links = list(summary.all("a"))
    if not links or len(links) != len(list(summary.all("li"))):
        fault("links", "an error has no link")
    led_to = set()
    for link in links:
        target = ids.get(link["href"].removeprefix("#"))
        control = target if target is None or target["name"] else next(target.all("input"), None)
        if control is None or control["name"] not in fields:
            fault("links", f"{link['href']} leads to no field")
            continue
        led_to.add(control["name"])
        if link.text in SAYS_NOTHING:
            fault("words", f"{link.text!r} does not say what to do")
        if control["name"] in wrong:
            said = [ids[key].text for part in wrong[control["name"]] for key in descriptions(part) if key in ids]
            # Where a form has many alike fields, the name of the field stands before the sentence.
            if not any(link.text in text or text and link.text.endswith(f": {text}") for text in said):
                fault("words", f"{link.text!r} is not said at {control['name']}: {said}")
    if led_to != set(wrong):
        fault("fields", f"{sorted(led_to ^ set(wrong))} in the summary or at the field alone")
    for name, parts in wrong.items():
        for part in parts:
            if not descriptions(part) or set(descriptions(part)) - set(ids):
                fault("fields", f"what describes {name} is not there: {descriptions(part)}")
    for name, value in sent.items():
        if name in fields and fields[name][0]["type"] != "file" and fields[name][0]["type"] != "password":
            texts = [str(part) for part in (value if isinstance(value, list) else [value])]
            if [text for text in value_of(fields[name]) if text] != [text for text in texts if text] and texts != [""]:
                is_no_choice = fields[name][0].tag == "select" or fields[name][0]["type"] in {"radio", "checkbox"}
                if not (is_no_choice and name in wrong):  # a list cannot hold what is not in it
                    fault("kept", f"{name} holds {value_of(fields[name])} instead of {texts}")
    form = next(iter(wrong.values()))[0].above("form") if wrong else None
    if form is None or form["novalidate"] is None:
        fault("novalidate", "the browser speaks up before us")
    if response.status_code != 200:
        fault("status", response.status_code)
    return faults


# How a form is sent


def who_may(row):
    return next(actor for actor in ("coordinator", "contact", "traveller", "anonymous") if actor in row.get & row.post)


def opened(row, world, language):
    """(client, path, its page)"""
    cache.clear()  # how often an address may ask for a code is no matter of the pattern
    client = check.client_of(world, "anonymous" if row.name in ON_THE_WAY_IN else who_may(row))
    query = row.query(world)
    path = reverse(row.name, args=row.args(world)) + (f"?{query}" if query else "")
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = language
    if row.name in ON_THE_WAY_IN:  # a code has been asked for
        data = {"email": world.users["contact"].email, "csrfmiddlewaretoken": check.token_of(client)}
        client.post(reverse("account_login"), data)
    if row.name == "mfa_authenticate":  # and given
        factors.give_app(world.users["contact"])
        code = re.search(r"^\S{4}-\S{4}$", Letter.objects.latest("pk").body, re.MULTILINE)[0]
        client.post(
            reverse("account_confirm_login_code"), {"code": code, "csrfmiddlewaretoken": check.token_of(client)}
        )
    page = client.get(path)
    assert page.status_code == 200
    return client, path, markup.parse(page.content.decode())


def hidden_of(page):
    form = page.first("main").first("form", css="form")
    return {node["name"]: node["value"] for node in form.all("input", type="hidden") if node["name"] and node["value"]}


def faults_of_sending(row, world, language, data):
    client, path, page = opened(row, world, language)
    token = {"csrfmiddlewaretoken": check.token_of(client)}
    data = data(page) if callable(data) else data
    response = client.post(path, hidden_of(page) | data | token)
    if response.status_code == 302:
        return [f"status: it was taken, and led to {response['Location']}"]
    return faults_of(response, data)


def one_wrong(row, world):
    """The form as somebody fills it in rightly, but for one value."""

    def data(page):
        shown = {name: value_of(parts) for name, parts in controls(page).items() if parts[0]["type"] != "file"}
        right = {name: [str(value)] if not hasattr(value, "read") else value for name, value in row.data(world).items()}
        wrong = {name: value() if callable(value) else [value] for name, value in WRONG[row.name].items()}
        return shown | right | PRESSED.get(row.name, {}) | wrong

    return data


@pytest.mark.parametrize("row", [row for row in FORMS if row.name not in MAY_BE_EMPTY], ids=lambda row: row.name)
@pytest.mark.parametrize("language", ["sv", "en"])
def test_empty_form_answers_in_the_pattern(row, language, world):
    assert faults_of_sending(row, world, language, PRESSED.get(row.name, {})) == []


@pytest.mark.parametrize("row", FORMS, ids=lambda row: row.name)
@pytest.mark.parametrize("language", ["sv", "en"])
def test_one_wrong_value_answers_in_the_pattern(row, language, world):
    assert faults_of_sending(row, world, language, one_wrong(row, world)) == []


def test_each_form_is_tried():
    print(f"n = {len(FORMS)} forms × 2 languages × (empty, one wrong value) × {len(CHECKS)} checks")
    assert sorted(WRONG) == sorted(row.name for row in FORMS)


# Check → how the answer is spoilt so that it must speak up.
SPOILT = {
    "title": ("<title>Error: ", "<title>"),
    "summary": ('<main id="main" tabindex="-1">', '<main id="main" tabindex="-1"><h2>Before</h2>'),
    "links": ('<a href="#id_email">', '<a href="#id_gone">'),
    "words": (r"(<a href=\"#id_email\">)[^<]*", r"\1Something else."),
    "fields": ('aria-invalid="true"', ""),
    "kept": ('value="nobody"', 'value=""'),
    "novalidate": (" novalidate", ""),
}


@pytest.mark.parametrize("spoilt", [*SPOILT, "status"])
def test_spoilt_answer_is_found(spoilt, world):
    row = next(row for row in FORMS if row.name == "consortium:invite")
    client, path, page = opened(row, world, "en")
    data = one_wrong(row, world)(page)
    response = client.post(path, hidden_of(page) | data | {"csrfmiddlewaretoken": check.token_of(client)})
    assert faults_of(response, data) == []
    before = response.content.decode()
    if spoilt == "status":
        response.status_code = 422
    else:
        old, new = SPOILT[spoilt]
        response.content = re.sub(old, new, before) if spoilt == "words" else before.replace(old, new)
        assert response.content.decode() != before
    assert spoilt in {fault.partition(":")[0] for fault in faults_of(response, data)}
