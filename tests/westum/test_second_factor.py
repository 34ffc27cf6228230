"""Logging in with a second factor: the way over the pages, trusted browsers, and how the secrets are kept."""

import re

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.contrib.auth import get_user
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from consortium import second_factors
from tests import factors
from westum.base.models import Letter
from westum.second_factor import Adapter

LOGIN, CONFIRM = reverse("account_login"), reverse("account_confirm_login_code")
FACTOR, START = reverse("mfa_authenticate"), "/"


@pytest.fixture(autouse=True)
def required(settings):
    cache.clear()
    settings.SECOND_FACTOR_REQUIRED = True


@pytest.fixture
def client():
    return Client(headers={"accept-language": "en"})


def give_code(client, user, **more):
    client.post(LOGIN, {"email": user.email})
    code = re.search(r"^\S{4}-\S{4}$", Letter.objects.latest("pk").body, re.MULTILINE)[0]
    return client.post(CONFIRM, {"code": code, **more})


def is_in(client):
    return get_user(client).is_authenticated


def test_without_a_factor_the_code_by_mail_lets_in(client, contact):
    assert give_code(client, contact)["Location"] == START
    assert is_in(client)


def test_the_code_by_mail_alone_does_not_let_in_who_has_a_factor(client, coordinator):
    factors.give_app(coordinator)
    assert give_code(client, coordinator)["Location"] == FACTOR
    assert not is_in(client)
    assert client.get("/people/").status_code == 302
    assert client.get(FACTOR).status_code == 200


def test_the_code_of_the_app_lets_in_and_leads_on(client, coordinator):
    factors.give_app(coordinator)
    give_code(client, coordinator, next="/people/")
    answer = client.post(FACTOR, {"code": f" {factors.code()} "})
    assert (answer.status_code, answer["Location"]) == (302, "/people/")
    assert get_user(client) == coordinator
    assert "trusted" not in answer.cookies
    assert Authenticator.objects.get(user=coordinator, type="totp").last_used_at is not None


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_a_clock_may_go_half_a_minute_wrong(steps, client, coordinator):
    factors.give_app(coordinator)
    give_code(client, coordinator)
    assert client.post(FACTOR, {"code": factors.code(steps=steps)}).status_code == 302


def test_a_code_works_once(client, coordinator):
    factors.give_app(coordinator)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        code = factors.code(steps=1)
        give_code(client, coordinator)
        client.post(FACTOR, {"code": code})
        clock.shift(40)  # still right, and allauth's own memory of it is over
        other = Client(headers={"accept-language": "en"})
        give_code(other, coordinator)
        refused = other.post(FACTOR, {"code": code})
    assert refused.context["form"].errors["code"] == ["This code has been used. Wait until the app shows the next one."]
    assert not is_in(other)


@pytest.mark.parametrize("code", ["000000", "", "abc", "1" * 50])
def test_a_wrong_code_says_what_to_do(code, client, coordinator):
    factors.give_app(coordinator)
    give_code(client, coordinator)
    page = client.post(FACTOR, {"code": code})
    assert (page.status_code, list(page.context["form"].errors)) == (200, ["code"])
    assert not is_in(client)


def test_a_recovery_code_lets_in_once(client, coordinator):
    factors.give_app(coordinator)
    code = second_factors.codes_of(coordinator).get_unused_codes()[0]
    give_code(client, coordinator)
    assert client.post(FACTOR, {"code": code})["Location"] == START
    assert len(second_factors.codes_of(coordinator).get_unused_codes()) == 9
    other = Client()
    give_code(other, coordinator)
    assert other.post(FACTOR, {"code": code}).status_code == 200
    assert not is_in(other)


def test_after_five_wrong_codes_the_right_one_waits(client, coordinator):
    factors.give_app(coordinator)
    give_code(client, coordinator)
    for _ in range(5):
        client.post(FACTOR, {"code": "000000"})
    page = client.post(FACTOR, {"code": factors.code()}, headers={"accept-language": "en"})
    assert page.context["form"].errors["code"] == ["That was too often. Wait a few minutes and try again."]
    assert not is_in(client)


def test_without_the_cache_nobody_is_let_through(client, coordinator, monkeypatch):
    factors.give_app(coordinator)
    give_code(client, coordinator)

    def no_cache(user):
        raise OSError

    monkeypatch.setattr("consortium.forms.second_factor.check_rate_limit", no_cache)
    page = client.post(FACTOR, {"code": factors.code()})
    assert page.context["form"].errors["code"] == ["This does not work at the moment. Try again in a few minutes."]
    assert not is_in(client)


@pytest.mark.parametrize("credential", ["{}", "[]", "x", '{"id": "AA"}', "null"])
def test_what_is_no_answer_of_a_passkey_is_refused(credential, client, coordinator):
    factors.give_app(coordinator)
    give_code(client, coordinator)
    page = client.post(FACTOR, {"code": "", "credential": credential})
    assert page.context["form"].errors["code"] == ["The passkey was not accepted. Try it once more, or write a code."]


def test_the_page_is_for_who_is_on_the_way_in(client, coordinator):
    assert client.get(FACTOR)["Location"] == LOGIN
    factors.give_app(coordinator)
    give_code(client, coordinator)
    second_factors.reset(user=coordinator, by=None)
    assert client.get(FACTOR)["Location"] == LOGIN
    coordinator.refresh_from_db()
    factors.give_app(coordinator)
    client.force_login(coordinator)
    assert client.get(FACTOR)["Location"] == START


# Trusted browsers


@pytest.fixture
def trusting(client, coordinator):
    """A browser that the coordinator has told to ask no more; logged out again."""
    factors.give_app(coordinator)
    give_code(client, coordinator)
    answer = client.post(FACTOR, {"code": factors.code(), "trust": "on"})
    cookie = answer.cookies["trusted"]
    assert (cookie["max-age"], cookie["httponly"], cookie["samesite"]) == (60 * 24 * 3600, True, "Lax")
    client.post(reverse("account_logout"))
    return client


def test_a_trusted_browser_is_not_asked(trusting, coordinator):
    assert give_code(trusting, coordinator)["Location"] == START
    assert is_in(trusting)


def test_trust_is_of_one_browser_and_one_person(trusting, coordinator, staff):
    factors.give_app(staff)
    assert give_code(trusting, staff)["Location"] == FACTOR
    assert give_code(Client(), coordinator)["Location"] == FACTOR


def test_trust_ends_after_sixty_days(trusting, coordinator):
    with time_machine.travel(timezone.now() + timezone.timedelta(days=61)):
        assert give_code(trusting, coordinator)["Location"] == FACTOR


def test_trust_ends_with_a_reset(trusting, coordinator):
    second_factors.reset(user=coordinator, by=None)
    factors.give_app(coordinator)
    assert give_code(trusting, coordinator)["Location"] == FACTOR


def test_trust_ends_with_whatever_changes(trusting, coordinator):
    second_factors.make_codes(by=coordinator)
    assert give_code(trusting, coordinator)["Location"] == FACTOR


# How secrets are kept


def test_secrets_are_not_stored_in_the_clear(coordinator):
    factors.give_app(coordinator)
    stored = [str(row.data) for row in Authenticator.objects.filter(user=coordinator)]
    assert len(stored) == 2
    assert not any(factors.SECRET in text for text in stored)
    assert Adapter().decrypt(factors.app_of(coordinator).data["secret"]) == factors.SECRET


def test_with_another_key_the_person_is_told_whom_to_ask(client, coordinator, settings):
    factors.give_app(coordinator)
    settings.SECRET_KEY = "another key " * 5
    with pytest.raises(ValidationError, match="can no longer be read"):
        Adapter().decrypt(factors.app_of(coordinator).data["secret"])
    give_code(client, coordinator)
    page = client.post(FACTOR, {"code": factors.code()})
    assert page.context["form"].errors["code"] == [
        "Your second factor can no longer be read. Ask another coordinator to reset it."
    ]


def test_a_demonstration_asks_nobody(settings, client, coordinator):
    settings.SECOND_FACTOR_REQUIRED = False
    give_code(client, coordinator)
    assert client.get("/people/").status_code == 200
