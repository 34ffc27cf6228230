"""Log-in by a code from the mail, from end to end; and what a stranger can learn from it, which is nothing."""

import re
import time

import pytest
import time_machine
from django.contrib.auth import get_user
from django.contrib.messages import get_messages
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, get_resolver, reverse
from redis.exceptions import ConnectionError as RedisIsAway

from tests import factories
from westum import accounts
from westum.base import letters
from westum.base.letters import Letter

LOGIN = reverse("account_login")
CONFIRM = reverse("account_confirm_login_code")
LOGOUT = reverse("account_logout")
NOBODY = "noone@example.org"  # as long as the others, so that bodies are equal to the byte


@pytest.fixture(autouse=True)
def no_limits_from_other_tests():
    cache.clear()


@pytest.fixture
def user(db):
    return factories.UserFactory(email="known@example.org", name="Åsa Öberg", language="sv")


@pytest.fixture
def client():
    return Client(headers={"accept-language": "en"})


def ask_for_code(client, email="known@example.org", **more):
    return client.post(LOGIN, {"email": email, **more})


def code_in_the_mail():
    return re.search(r"^([A-Z0-9]{4}-[A-Z0-9]{4})$", Letter.objects.latest("pk").body, re.MULTILINE).group(1)


# The way in


def test_code_from_the_mail_lets_in(client, user, django_capture_on_commit_callbacks, mailoutbox):
    with django_capture_on_commit_callbacks(execute=False) as bells:
        answer = ask_for_code(client)
    assert (answer.status_code, answer["Location"]) == (302, CONFIRM)
    assert len(bells) == 1
    assert letters.send(Letter.objects.get().pk)
    code = re.search(r"^(\S{4}-\S{4})$", mailoutbox[0].body, re.MULTILINE).group(1)
    assert mailoutbox[0].to == ["known@example.org"]
    assert Letter.objects.get().body == ""
    before = client.session.session_key
    client.cookies["django_language"] = "en"
    answer = client.post(CONFIRM, {"code": f" {code.lower().replace('-', ' ')} "})
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert get_user(client) == user
    assert client.session.session_key != before
    assert answer.cookies["django_language"].value == "sv"
    assert [str(message) for message in get_messages(answer.wsgi_request)] == ["Du är inloggad."]
    assert client.session["account_authentication_methods"][0]["method"] == "code"


def test_code_works_once(client, user):
    ask_for_code(client)
    code = code_in_the_mail()
    client.post(CONFIRM, {"code": code})
    client.post(LOGOUT)
    assert client.post(CONFIRM, {"code": code})["Location"] == LOGIN
    assert not get_user(client).is_authenticated


def test_code_works_in_the_session_that_asked_alone(client, user):
    ask_for_code(client)
    answer = Client().post(CONFIRM, {"code": code_in_the_mail()})
    assert answer["Location"] == LOGIN


@pytest.mark.parametrize(("language", "subject"), [("sv", None), ("en", "Your code for Westum")])
def test_code_comes_in_the_language_of_the_person(language, subject, client, user):
    user.language = language
    user.save()
    ask_for_code(client)
    letter = Letter.objects.get()
    assert letter.language == language
    assert subject in {None, letter.subject}


def test_address_is_read_without_its_capitals(client, user):
    ask_for_code(client, " Known@Example.ORG ")
    assert Letter.objects.get().to == user.email


def test_new_code_on_request(client, user):
    ask_for_code(client)
    old = code_in_the_mail()
    assert "Send a new code" in client.get(CONFIRM).text
    assert client.post(CONFIRM, {"action": "resend"})["Location"] == CONFIRM
    new = code_in_the_mail()
    assert new != old
    assert client.post(CONFIRM, {"code": old}).status_code == 200
    assert client.post(CONFIRM, {"code": new})["Location"] == "/"


def test_another_address_can_be_written(client, user):
    ask_for_code(client, "knowm@example.org")
    assert client.get(LOGIN).status_code == 200
    ask_for_code(client)
    assert client.post(CONFIRM, {"code": code_in_the_mail()})["Location"] == "/"


@pytest.mark.parametrize(
    ("wanted", "lands"),
    [
        ("/people/", "/people/"),
        ("/mobilities/?q=a&page=2", "/mobilities/?q=a&page=2"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("abc", "/"),
        (r"/\evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("http://testserver.evil.example/", "/"),
    ],
)
def test_next_page_is_inside_the_site(wanted, lands, client, user):
    answer = ask_for_code(client, next=wanted)
    client.post(CONFIRM, {"code": code_in_the_mail(), "next": wanted})
    assert answer["Location"].startswith(CONFIRM)
    client.post(LOGOUT)
    ask_for_code(client)
    answer = client.post(CONFIRM, {"code": code_in_the_mail(), "next": wanted})
    assert answer["Location"] == lands


def test_next_page_survives_the_way_over_the_pages(client, user):
    answer = client.get("/people/")
    assert answer["Location"] == f"{LOGIN}?next=/people/"
    page = client.get(answer["Location"])
    assert 'name="next" value="/people/"' in page.text
    answer = ask_for_code(client, next="/people/")
    page = client.get(answer["Location"])
    assert 'name="next" value="/people/"' in page.text


# What goes wrong


def test_wrong_code_is_said_at_its_field_and_the_third_is_the_last(client, user):
    ask_for_code(client)
    for _try in range(2):
        page = client.post(CONFIRM, {"code": "WRON-GONE"})
        assert page.context["form"].errors["code"] == [
            "This is not the code. Look in the newest mail from Westum and type it again."
        ]
        assert "<title>Error:" in page.text
    answer = client.post(CONFIRM, {"code": "WRON-GONE"}, follow=True)
    assert answer.redirect_chain == [(LOGIN, 302)]
    assert "That was too often." in answer.text
    assert client.post(CONFIRM, {"code": code_in_the_mail()})["Location"] == LOGIN
    assert not get_user(client).is_authenticated


@pytest.mark.parametrize("code", ["", " ", "-", "€", "x" * 5000])
def test_no_code_is_no_code(code, client, user):
    for email in (user.email, NOBODY):
        ask_for_code(client, email)
        assert client.post(CONFIRM, {"code": code}).status_code == 200
    assert not get_user(client).is_authenticated


def test_forgotten_code_is_asked_for(client, user):
    ask_for_code(client)
    page = client.post(CONFIRM, {"code": ""})
    assert page.context["form"].errors == {"code": ["Write the code from the mail."]}


def test_code_is_too_old_after_ten_minutes(client, user):
    ask_for_code(client)
    code = code_in_the_mail()
    with time_machine.travel(time.time() + 601):
        assert client.get(CONFIRM)["Location"] == LOGIN
        assert client.post(CONFIRM, {"code": code})["Location"] == LOGIN


def test_deactivated_user_gets_no_code(client, user):
    user.is_active = False
    user.save()
    answer = ask_for_code(client)
    assert (answer.status_code, answer["Location"]) == (302, CONFIRM)
    assert [letter.to for letter in Letter.objects.all()] == [""]


def test_user_who_is_deactivated_before_the_code_is_typed_stays_outside(client, user):
    ask_for_code(client)
    user.is_active = False
    user.save()
    page = client.post(CONFIRM, {"code": code_in_the_mail()}, follow=True)
    assert page.redirect_chain == [(LOGIN, 302)]
    assert "This account is closed. Ask the coordinator to open it." in page.text
    assert not get_user(client).is_authenticated
    assert client.get(CONFIRM)["Location"] == LOGIN


def test_address_that_is_none_is_said_at_its_field(client, db):
    none = "This is no e-mail address. Write it as in anna@example.org."
    for wrong, sentence in (("", "Write your e-mail address."), ("known", none), ("a@b", none)):
        page = ask_for_code(client, wrong)
        assert page.status_code == 200
        assert page.context["form"].errors == {"email": [sentence]}
        assert 'aria-invalid="true"' in page.text
    assert not Letter.objects.exists()


def test_page_of_the_code_leads_to_the_log_in_without_a_request(client, db):
    assert client.get(CONFIRM)["Location"] == LOGIN


def test_who_is_logged_in_needs_no_log_in(client, user):
    client.force_login(user)
    assert client.get(LOGIN)["Location"] == "/"
    assert client.get(f"{LOGIN}?next=/people/")["Location"] == "/people/"
    assert client.get(CONFIRM)["Location"] == "/"


def test_logging_out_asks_and_ends_the_session(client, user):
    client.force_login(user)
    key = client.session.session_key
    assert client.get(LOGOUT).status_code == 200
    assert get_user(client).is_authenticated
    assert client.post(LOGOUT)["Location"] == "/"
    assert client.get(LOGOUT)["Location"] == "/"
    again = Client()
    again.cookies["sessionid"] = key
    assert not get_user(again).is_authenticated


# Limits


def test_fourth_request_for_one_address_in_a_minute_is_refused(client, user):
    for email in (user.email, NOBODY):
        assert [ask_for_code(client, email).status_code for _ in range(4)] == [302, 302, 302, 200]
        page = ask_for_code(client, email)
        assert page.context["form"].errors["email"] == ["That was too often. Wait a few minutes and try again."]


def test_twenty_addresses_a_minute_from_one_place(client, user):
    answers = [ask_for_code(client, f"n{n}@example.org").status_code for n in range(21)]
    assert answers == [302] * 20 + [200]
    # Another place is not held up, whatever the first one pretends to be.
    assert Client(REMOTE_ADDR="192.0.2.7").post(LOGIN, {"email": user.email}).status_code == 302
    forged = Client(headers={"x-forwarded-for": "192.0.2.9"}).post(LOGIN, {"email": "n22@example.org"})
    assert forged.status_code == 200


def test_schools_behind_our_proxy_have_limits_of_their_own(user, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    for school in ("192.0.2.1", "192.0.2.2"):
        client = Client(headers={"x-forwarded-for": f"10.0.0.1, {school}"})
        answers = [client.post(LOGIN, {"email": f"n{n}@{school}.example.org"}).status_code for n in range(21)]
        assert answers == [302] * 20 + [200]


def test_without_the_cache_nobody_gets_in_and_a_sentence_says_so(client, user, monkeypatch):
    def away(*args, **kwargs):
        raise RedisIsAway("away")

    monkeypatch.setattr(cache, "add", away)
    page = ask_for_code(client)
    assert page.context["form"].errors["email"] == ["Nobody can log in at the moment. Try again in a few minutes."]
    assert not Letter.objects.exists()


# What a stranger learns


def without_secrets(response, email):
    text = re.sub(r'(name="csrfmiddlewaretoken" value=")[^"]+', r"\1", response.text)
    return text.replace(email, "…")


def answers_for(email):
    """All that can be seen from outside on the way: status, address, body, headers, names of cookies, queries."""
    client = Client(headers={"accept-language": "en"})
    client.get(LOGIN)
    seen = []
    for ask in (
        lambda: ask_for_code(client, email),
        lambda: client.get(CONFIRM),
        lambda: client.post(CONFIRM, {"action": "resend"}),
        lambda: client.post(CONFIRM, {"code": "WRON-GONE"}),
        lambda: client.post(CONFIRM, {"code": ""}),
        lambda: client.get(LOGIN),
        lambda: client.post(CONFIRM, {"code": "WRON-GONE"}),
        lambda: client.get(CONFIRM),
    ):
        with CaptureQueriesContext(connection) as queries:
            response = ask()
        headers = {name: value for name, value in response.headers.items() if name != "Expires"}  # now, to the second
        cookies = {
            name: {key: bool(value) for key, value in morsel.items()} for name, morsel in response.cookies.items()
        }
        statements = [re.sub(r"'[^']*'|\d+|x\d+", "?", query["sql"]).split(" ")[0] for query in queries]
        seen.append((response.status_code, headers, cookies, without_secrets(response, email), statements))
    return seen


def test_stranger_learns_nothing_about_who_exists(user):
    closed = factories.UserFactory(email="ended@example.org", is_active=False)
    known, unknown, deactivated = (answers_for(email) for email in (user.email, NOBODY, closed.email))
    for at, (one, two, three) in enumerate(zip(known, unknown, deactivated, strict=True)):
        for part in range(5):
            assert one[part] == two[part] == three[part], (at, part)


# What is not there


def test_no_other_page_of_accounts_exists():
    names = {name for name in get_resolver().reverse_dict if isinstance(name, str) and name.startswith("account")}
    assert names == {"account_login", "account_request_login_code", "account_confirm_login_code", "account_logout"}
    for name in ("account_signup", "account_inactive", "account_reset_password", "account_email"):
        with pytest.raises(NoReverseMatch):
            reverse(name)


@pytest.mark.parametrize("path", ["signup", "inactive", "password/reset", "email", "3rdparty", "2fa"])
def test_open_doors_of_allauth_are_walled_up(path, client, user):
    client.force_login(user)
    assert client.get(f"/accounts/{path}/").status_code == 404
    assert client.post(f"/accounts/{path}/").status_code == 404


def test_no_mail_but_the_code_is_sent_by_allauth(rf, user):
    adapter = accounts.AccountAdapter(rf.get("/"))
    assert not adapter.is_open_for_signup(rf.get("/"))
    with pytest.raises(NotImplementedError):
        adapter.send_mail("account/email/unknown_account", NOBODY, {})


@pytest.mark.parametrize("chosen", ["de", "", "en-gb", "../sv"])
def test_language_that_the_portal_does_not_speak_changes_nothing(client, user, chosen):
    client.force_login(user)
    answer = client.post("/language/", {"language": chosen, "next": "/"})
    user.refresh_from_db()
    assert (answer.status_code, user.language) == (302, "sv")
