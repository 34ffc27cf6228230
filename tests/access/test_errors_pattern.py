"""A3: each form that can be filled in wrongly answers in one pattern, which somebody who hears the page can follow."""

from html.parser import HTMLParser

import pytest
from django.urls import reverse

from tests.access import check
from tests.access.table import ROWS

pytestmark = pytest.mark.django_db
# Pages that ask for nothing that could be missing: a button, or choices that are all filled in.
NOTHING_TO_MISS = {
    "account_logout",
    "account_confirm_login_code",
    "consortium:accept_invitation",
    "consortium:end_membership",
    "mobilities:submit",
    "mobilities:accept",
    "mobilities:give_place",
    "mobilities:close",
    "mobilities:review",
    "mobilities:participant_access",
}
FORMS = [row for row in ROWS if row.get and row.post and row.name not in NOTHING_TO_MISS]


class Reading(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.ids, self.fields, self.links, self.forms, self.title, self.order = set(), {}, [], [], "", []
        self.group = None
        self._in_title = self._in_summary = False
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self._in_title = tag == "title"
        if "id" in attributes:
            self.ids.add(attributes["id"])
        if tag == "main" or (tag in {"h1", "h2"} and self.order):
            self.order.append(tag)
        if "errors" in (attributes.get("class") or "").split():
            self._in_summary = True
            self.order.append("summary")
            self.summary = attributes
        if self._in_summary and tag == "a" and attributes["href"].startswith("#"):
            self.links.append(attributes["href"])
        if tag == "fieldset":
            self.group = attributes.get("aria-describedby")
        if attributes.get("type") in {"radio", "checkbox"} and self.group:
            attributes.setdefault("aria-describedby", self.group)  # the group is read out with its choices
        if tag == "form":
            self._in_summary = False
            self.forms.append(attributes)
        if tag in {"input", "select", "textarea"} and attributes.get("type") != "hidden" and "name" in attributes:
            self.fields.setdefault(attributes["name"], attributes)

    def handle_data(self, data):
        if self._in_title:
            self.title += data
            self._in_title = False


def faults_of(text):
    page = Reading(text)
    wrong = [field for field in page.fields.values() if field.get("aria-invalid") == "true"]
    checks = {
        "the title begins with the error": page.title.startswith(("Error: ", "Fel: ")),
        "the summary is the first thing in main": page.order[:2] == ["main", "summary"],
        "the summary can take the focus": getattr(page, "summary", {}).get("tabindex") == "-1",
        "each error has a link": bool(page.links),
        "each link leads to something": all(link.removeprefix("#") in page.ids for link in page.links),
        "a field says that it is wrong": bool(wrong),
        "a wrong field is described": all(
            part in page.ids for field in wrong for part in (field.get("aria-describedby") or "missing").split()
        ),
        "the browser does not speak up before us": all(
            "novalidate" in form for form in page.forms if "form" in (form.get("class") or "").split()
        ),
    }
    return [name for name, holds in checks.items() if not holds]


def who_may(row):
    return next(actor for actor in ("coordinator", "contact", "traveller", "anonymous") if actor in row.get & row.post)


@pytest.mark.parametrize("row", FORMS, ids=lambda row: row.name)
@pytest.mark.parametrize("language", ["sv", "en"])
def test_empty_form_answers_in_the_pattern(row, language, world):
    client = check.client_of(world.users[who_may(row)])
    query = row.query(world)
    path = reverse(row.name, args=row.args(world)) + (f"?{query}" if query else "")
    headers = {"Accept-Language": language}
    form = client.get(path, headers=headers).context["form"]
    # Everything that is chosen beforehand is emptied, too; hidden fields stay.
    hidden = {field.html_name: field.value() for field in form.hidden_fields() if field.value() is not None}
    response = client.post(path, {**hidden, "csrfmiddlewaretoken": check.token_of(client)}, headers=headers)
    assert response.status_code == 200
    assert faults_of(response.content.decode()) == []


def test_forms_are_many():
    print(f"n = {len(FORMS)} forms × 2 languages × 8 checks")
    assert len(FORMS) >= 12


def test_page_without_the_pattern_is_found():
    assert (
        len(faults_of("<title>Form</title><main><h1>Form</h1><form class='form'><input name='a'></form></main>")) >= 5
    )
