"""A passkey and an app with a real browser, from setting up to a trusted browser, by keyboard; and axe on the way."""

import re

import pytest

from tests import factors
from tests.browser import axe
from tests.browser.installation import wait_until
from tests.browser.keyboard import Keyboard
from tests.browser.test_stories import SEND, code_in, log_in_by_mail

pytestmark = [pytest.mark.browser, pytest.mark.databases("sqlite")]
WHO = "contact@example.org"
KEY = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def plug_in(page):
    """A device that keeps passkeys, and answers for its owner."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})


def begin(hands, installation, newest):
    """The code by mail; the page that comes next is whatever the second factor wants."""
    hands.page.goto("/accounts/login/")
    hands.write("email", WHO)
    hands.press(SEND)

    def another():
        found = code_in(installation.mails(WHO))
        return found if found != newest else None

    code = wait_until(another, "another code comes by mail")
    hands.write("code", code)
    hands.press(SEND)
    return code


def log_out(hands):
    hands.press("header form[action='/accounts/logout/'] button")


def test_passkey_app_and_trusted_browser(visit, installation):
    page, verdicts, faults = visit.window(), axe.verdicts(), []
    plug_in(page)
    hands = Keyboard(page)

    def look():
        faults.extend(f"{page.url}: {text}" for text in axe.run(page, verdicts))

    log_in_by_mail(hands, installation, WHO)
    code = code_in(installation.mails(WHO))
    hands.press("header a[href='/me/']")
    hands.press("main a[href='/me/second-factor/']")
    hands.press("main a[href='/me/second-factor/passkey/']")
    hands.write("name", "My computer")
    hands.press("main .form .btn")
    page.wait_for_url("**/me/second-factor/codes/")
    look()
    recovery = page.locator("main .secrets code").all_inner_texts()
    assert len(recovery) == 10
    hands.press("main .form .btn")

    hands.press("main a[href='/me/second-factor/app/']")
    secret = page.locator("code.secret").inner_text().replace(" ", "")
    hands.write("code", factors.code(secret))
    hands.press("main .form .btn")
    assert page.url.endswith("/me/second-factor/")
    look()

    log_out(hands)
    code = begin(hands, installation, code)
    assert page.url.endswith("/accounts/second-factor/")
    look()
    hands.go_to("main [name=trust]")
    hands.keys.press("Space")
    hands.press("main [data-passkey-use]")
    page.wait_for_url(f"{installation.url}/")
    log_out(hands)
    code = begin(hands, installation, code)
    assert page.url == f"{installation.url}/"

    page.goto("/me/second-factor/codes/")
    assert "/me/second-factor/confirm/" in page.url
    look()
    hands.write("code", recovery[0])
    hands.press("main .form .btn")
    assert re.search("9 codes left", page.locator("main").inner_text())
    assert faults == []
