"""The two pages of a demonstration: log-in by role, and the mails."""

import pytest
from django.contrib.auth import get_user
from django.core.mail import EmailMessage
from django.core.mail.backends.filebased import EmailBackend
from django.test import Client
from django.urls import NoReverseMatch, reverse

import westum.urls  # noqa: F401  (read while settings.DEMO is not set)
from tests import factories
from westum import demo

SIGN_IN = "/demo/sign-in/"
MAIL = "/demo/mail/"


@pytest.fixture(autouse=True)
def demonstration(settings, tmp_path):
    settings.DEMO = True
    settings.ROOT_URLCONF = "tests.westum.demo_urls"
    settings.DATA = tmp_path


@pytest.fixture
def people(db):
    return {role: factories.UserFactory(email=address, language="sv") for role, address in demo.ROLES.items()}


@pytest.fixture
def client():
    return Client(headers={"accept-language": "en"})


@pytest.mark.parametrize("role", ["coordinator", "contact", "participant", "staff", "auditor"])
def test_a_button_lets_in_as_that_role(role, client, people):
    answer = client.post(SIGN_IN, {"role": role})
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert get_user(client) == people[role]
    assert client.session["account_authentication_methods"][0]["method"] == "demo"
    assert "django_language" not in answer.cookies  # the reader's language stays


def test_another_role_takes_over_the_session(client, people):
    client.post(SIGN_IN, {"role": "coordinator"})
    key = client.session.session_key
    client.post(SIGN_IN, {"role": "contact"})
    assert get_user(client) == people["contact"]
    assert client.session.session_key != key
    assert len(client.session["account_authentication_methods"]) == 1


@pytest.mark.parametrize(
    ("wanted", "lands"),
    [("/people/", "/people/"), ("https://evil.example/", "/"), ("//evil.example", "/"), ("abc", "/"), ("", "/")],
)
def test_next_page_is_inside_the_site(wanted, lands, client, people):
    assert client.post(SIGN_IN, {"role": "staff", "next": wanted})["Location"] == lands


@pytest.mark.parametrize("role", ["king", "", "coordinator@example.org"])
def test_unknown_role_gets_a_sentence(role, client, people):
    page = client.post(SIGN_IN, {"role": role})
    assert page.status_code == 400
    assert "The demonstration has nobody with that role." in page.text
    assert not get_user(client).is_authenticated


def test_role_without_its_person_gets_a_sentence(client, db):
    assert client.post(SIGN_IN, {"role": "staff"}).status_code == 400


def test_deactivated_person_of_a_role_is_not_let_in(client, people):
    people["staff"].is_active = False
    people["staff"].save()
    assert client.post(SIGN_IN, {"role": "staff"}).status_code == 400


def test_nobody_comes_in_by_an_address_alone(client, people):
    assert client.get(f"{SIGN_IN}?role=coordinator").status_code == 405
    assert not get_user(client).is_authenticated


def test_form_of_another_site_lets_nobody_in(people):
    client = Client(enforce_csrf_checks=True)
    assert client.post(SIGN_IN, {"role": "coordinator"}).status_code == 403
    assert not get_user(client).is_authenticated


def test_buttons_stand_on_the_log_in_page(client, db):
    page = client.get(reverse("account_login"))
    for role in demo.ROLES:
        assert f'name="role" value="{role}"' in page.text


def test_outside_a_demonstration_nothing_of_it_is_there(client, people, settings):
    settings.DEMO = False
    assert client.post(SIGN_IN, {"role": "coordinator"}).status_code == 404
    assert client.get(MAIL).status_code == 404
    assert not get_user(client).is_authenticated
    settings.ROOT_URLCONF = "westum.urls"
    for name in ("demo_sign_in", "demo_mail"):
        with pytest.raises(NoReverseMatch):
            reverse(name)


# Mails


def send(*mails, folder):
    """As the embedded installation's mailer writes them: one file a connection."""
    mailer = EmailBackend(alias="default", file_path=folder / "mail")
    mailer.open()
    mailer.send_messages(
        [
            EmailMessage(subject, body, "westum@example.org", [to], headers={"Date": date})
            for to, subject, body, date in mails
        ]
    )
    mailer.close()


EARLY, LATE = "Mon, 23 Nov 2026 09:00:00 +0100", "Tue, 24 Nov 2026 09:00:00 +0100"


def test_page_of_mails_works_before_the_first(client, db):
    page = client.get(MAIL)
    assert page.status_code == 200
    assert "No mails yet" in page.text
    assert "No mail to this address" in client.get(f"{MAIL}?to=a").text


def test_mails_stand_there_with_their_text_newest_first(client, db, settings):
    long_line = "Se här: http://localhost:8000/invitations/" + "x" * 90 + "/"
    send(("åsa@example.org", "Välkommen, Åsa", f"Hej Åsa!\n\n{long_line}\n", EARLY), folder=settings.DATA)
    send(
        ("b@example.org", "Second", "One.", LATE),
        ("c@example.org", "<b>Third</b>", f"{'-' * 79} <script>alert(1)</script>", EARLY),
        folder=settings.DATA,
    )
    page = client.get(MAIL)
    assert [mail["subject"] for mail in page.context["mails"]] == ["Second", "<b>Third</b>", "Välkommen, Åsa"]
    assert page.context["mails"][2]["text"].splitlines()[2] == long_line
    assert f'href="{long_line.removeprefix("Se här: ")}"' in page.text
    assert "<script>alert" not in page.text
    assert "<b>Third" not in page.text


def test_mails_of_one_address(client, db, settings):
    send(("a@example.org", "First", "1", EARLY), ("b@example.org", "Second", "2", LATE), folder=settings.DATA)
    page = client.get(f"{MAIL}?to=%20A@example")
    assert [mail["subject"] for mail in page.context["mails"]] == ["First"]
    assert 'value="a@example"' in page.text


def test_mail_that_is_being_written_is_read_next_time(client, db, settings):
    send(("a@example.org", "First", "1", EARLY), folder=settings.DATA)
    half = next((settings.DATA / "mail").glob("*.log"))
    (half.parent / "zz.log").write_bytes(half.read_bytes()[:40])
    assert [mail["subject"] for mail in client.get(MAIL).context["mails"]] == ["First"]


def test_reading_mails_changes_nothing(client, db):
    assert client.post(MAIL).status_code == 405
    assert client.head(MAIL).status_code == 200
