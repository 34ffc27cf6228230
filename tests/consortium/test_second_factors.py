"""Setting up, replacing, taking away and resetting a second factor: the rules, and the pages of those who do it."""

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth import get_user
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.urls import reverse

from consortium import second_factors
from consortium.models import User
from consortium.permissions import NotAllowed
from tests import factories, factors
from westum.base.models import Letter

OWN = reverse("consortium:second_factor")
APP = reverse("consortium:second_factor_app")
PASSKEY = reverse("consortium:second_factor_passkey")
CODES = reverse("consortium:recovery_codes")
CONFIRM = reverse("consortium:second_factor_confirm")


@pytest.fixture(autouse=True)
def no_limits_from_other_tests():
    cache.clear()


@pytest.fixture
def required(settings):
    """As it is everywhere but in a demonstration."""
    settings.SECOND_FACTOR_REQUIRED = True


def types(user):
    return sorted(Authenticator.objects.filter(user=user).values_list("type", flat=True))


def give_passkey(user, name="Work"):
    """As far as rules look: what it has signed is a matter of the browser's test."""
    return Authenticator.objects.create(user=user, type="webauthn", data={"name": name, "credential": {}})


def reset_page(user):
    return reverse("consortium:reset_second_factor", args=[user.memberships.get().pk])


def is_in(client):
    return get_user(client).is_authenticated


# Who


@pytest.mark.usefixtures("required")
def test_roles_of_the_association_must_have_one(coordinator, staff, auditor, contact, participant, former_contact):
    asked = [coordinator, staff, auditor]
    assert [second_factors.is_asked_of(user) for user in asked] == [True] * 3
    assert [second_factors.is_asked_of(user) for user in (contact, participant, former_contact)] == [False] * 3
    assert [second_factors.is_missing(user) for user in (*asked, contact)] == [True, True, True, False]
    factors.give_app(staff)
    assert not second_factors.is_missing(staff)
    Authenticator.objects.create(user=auditor, type="recovery_codes", data={})
    assert second_factors.is_missing(auditor)  # codes stand in for a factor, and are none


def test_in_a_demonstration_nobody_must_have_one(sign_in, coordinator, staff):
    app = factors.give_app(coordinator)
    assert not second_factors.is_asked_of(coordinator)
    assert "No second factor yet." not in sign_in(coordinator).get(reverse("consortium:people")).text
    second_factors.take_away(factor=app, by=coordinator)
    assert types(coordinator) == []


def test_who_works_here_may_have_one(contact, participant, former_contact):
    assert second_factors.may_have(contact)
    assert not second_factors.may_have(participant)
    assert not second_factors.may_have(former_contact)
    factors.give_app(former_contact)
    assert second_factors.may_have(former_contact)


@pytest.mark.parametrize("address", [OWN, APP, PASSKEY, CODES, CONFIRM])
def test_participants_have_no_such_page(address, sign_in, participant):
    client = sign_in(participant)
    assert client.get(address).status_code == 404
    assert OWN not in client.get(reverse("consortium:me")).text


# An app


def secret_of(page):
    return page.context["secret"].replace(" ", "")


def test_an_app_is_set_up(sign_in, coordinator):
    client, elsewhere = sign_in(coordinator), sign_in(coordinator)
    assert f'href="{OWN}"' in client.get(reverse("consortium:me")).text
    page = client.get(f"{APP}?next=/people/")
    secret = secret_of(page)
    assert secret_of(client.get(APP)) == secret
    assert "<svg" in page.text
    assert f"secret={secret}" in page.context["address"]
    answer = client.post(f"{APP}?next=/people/", {"code": factors.code(secret)})
    assert answer["Location"] == f"{CODES}?next=%2Fpeople%2F"
    assert types(coordinator) == ["recovery_codes", "totp"]
    assert is_in(client)
    assert not is_in(elsewhere)
    letter = Letter.objects.latest("pk")
    assert letter.to == coordinator.email
    line = coordinator.history.latest()
    assert (line.history_change_reason, line.history_user) == (second_factors.SET_UP_APP, coordinator)


def test_recovery_codes_are_shown_until_they_are_kept(sign_in, coordinator):
    client = sign_in(coordinator)
    client.post(APP, {"code": factors.code(secret_of(client.get(APP)))})
    page = client.get(CODES)
    assert "We show them until you say that you have kept them." in page.text
    shown = page.context["codes"]
    assert len(set(shown)) == 10
    assert client.get(CODES).context["codes"] == shown
    assert client.post(f"{CODES}?next=/people/", {"act": "kept"})["Location"] == "/people/"
    page = client.get(CODES)
    assert (page.context["codes"], page.context["codes_left"]) == ([], 10)
    assert not any(code in page.text for code in shown)


@pytest.mark.parametrize("wanted", ["https://evil.example/", "//evil.example", "abc", ""])
def test_next_page_is_inside_the_site(wanted, sign_in, coordinator):
    client = sign_in(coordinator)
    client.post(APP, {"code": factors.code(secret_of(client.get(APP)))})
    assert client.post(f"{CODES}?next={wanted}", {"act": "kept"})["Location"] == OWN


def test_a_wrong_code_sets_up_nothing(sign_in, coordinator):
    client = sign_in(coordinator)
    secret = secret_of(client.get(APP))
    page = client.post(APP, {"code": "000000"})
    assert "see that the phone" in page.context["form"].errors["code"][0]
    assert (secret_of(page), types(coordinator), Letter.objects.count()) == (secret, [], 0)


def test_tries_are_counted_while_setting_up(sign_in, coordinator):
    client = sign_in(coordinator)
    secret = secret_of(client.get(APP))
    for _ in range(5):
        client.post(APP, {"code": "000000"})
    assert client.post(APP, {"code": factors.code(secret)}).status_code == 200
    assert types(coordinator) == []


def test_another_phone_takes_the_place_of_the_first(sign_in, coordinator):
    first = factors.give_app(coordinator)
    client = sign_in(coordinator)
    client.post(CONFIRM, {"code": factors.code()})
    client.post(APP, {"code": factors.code(secret_of(client.get(APP)))})
    assert types(coordinator) == ["recovery_codes", "totp"]
    assert factors.app_of(coordinator).pk != first.pk


# The factor is asked for before it changes


@pytest.mark.parametrize("address", [APP, PASSKEY, CODES])
def test_the_factor_is_given_once_more_before_it_changes(address, sign_in, coordinator):
    factors.give_app(coordinator)
    client = sign_in(coordinator)
    answer = client.get(address)
    assert answer["Location"].startswith(CONFIRM)
    assert client.post(address, {"act": "new"})["Location"].startswith(CONFIRM)
    assert client.post(answer["Location"], {"code": "000000"}).status_code == 200
    assert client.post(answer["Location"], {"code": factors.code()})["Location"] == address
    assert client.get(address).status_code == 200


def test_there_is_nothing_to_give_without_a_factor(sign_in, coordinator):
    client = sign_in(coordinator)
    assert client.get(CONFIRM)["Location"] == OWN
    assert client.get(CODES)["Location"] == OWN
    with pytest.raises(NotAllowed, match="Set up an app or a passkey first"):
        second_factors.make_codes(by=coordinator)


def test_new_recovery_codes_take_the_place_of_the_old(sign_in, contact):
    factors.give_app(contact)
    old = second_factors.codes_of(contact).get_unused_codes()
    client = sign_in(contact)
    client.post(CONFIRM, {"code": factors.code()})
    assert client.post(CODES, {"act": "new"})["Location"] == CODES
    assert not set(old) & set(client.get(CODES).context["codes"])
    assert contact.history.latest().history_change_reason == second_factors.MADE_CODES


def test_a_code_that_is_used_while_they_are_kept_stays_used(coordinator, monkeypatch):
    factors.give_app(coordinator)
    second_factors.make_codes(by=coordinator)
    code = second_factors.codes_of(coordinator).get_unused_codes()[0]
    lock = second_factors._locked

    def waits_for_the_lock(user):
        assert second_factors.codes_of(user).validate_code(code)
        return lock(user)

    monkeypatch.setattr(second_factors, "_locked", waits_for_the_lock)
    second_factors.keep_codes(by=coordinator)
    codes = second_factors.codes_of(coordinator)
    assert codes.did_view
    assert not codes.validate_code(code)


def test_there_may_be_no_codes_to_keep(coordinator):
    second_factors.keep_codes(by=coordinator)
    assert types(coordinator) == []


# After another SECRET_KEY


@pytest.fixture
def another_key(coordinator, settings):
    """Of what the coordinator has, the passkey alone goes on working."""
    factors.give_app(coordinator)
    give_passkey(coordinator)
    settings.SECRET_KEY = "another key " * 5


@pytest.mark.usefixtures("another_key")
def test_what_can_no_longer_be_read_is_said_and_made_anew(sign_in, coordinator, monkeypatch):
    client = sign_in(coordinator)
    page = client.get(OWN)
    assert "Its codes can no longer be read here. Set the app up anew." in page.text
    assert "Your recovery codes can no longer be read, and none of them works." in page.text
    monkeypatch.setattr("consortium.views.second_factor.did_recently_reauthenticate", lambda request: True)
    assert "Your recovery codes can no longer be read, and none of them works." in client.get(CODES).text
    client.post(CODES, {"act": "new"})
    assert len(client.get(CODES).context["codes"]) == 10
    client.post(APP, {"code": factors.code(secret_of(client.get(APP)))})
    assert "can no longer be read" not in client.get(OWN).text


@pytest.mark.usefixtures("another_key")
def test_codes_that_cannot_be_read_are_replaced(coordinator):
    second_factors.add_passkey(name="Home", credential={}, by=coordinator)
    codes = second_factors.codes_of(coordinator)
    assert (len(codes.get_unused_codes()), codes.did_view) == (10, False)


@pytest.mark.usefixtures("another_key")
def test_a_new_app_brings_codes_that_can_be_read(coordinator):
    second_factors.set_up_app(secret=factors.SECRET, by=coordinator)
    assert len(second_factors.codes_of(coordinator).get_unused_codes()) == 10
    assert second_factors.can_be_read(factors.app_of(coordinator))


def test_codes_that_can_be_read_stay(coordinator):
    factors.give_app(coordinator)
    kept = second_factors.codes_of(coordinator).get_unused_codes()
    second_factors.add_passkey(name="Home", credential={}, by=coordinator)
    assert second_factors.codes_of(coordinator).get_unused_codes() == kept


# Taking away


def take_away(client, factor):
    client.post(CONFIRM, {"code": factors.code()})
    address = reverse("consortium:second_factor_take_away", args=[factor.pk])
    assert client.get(address).status_code == 200
    return client.post(address)


def test_a_contact_person_takes_the_own_factor_away(sign_in, contact):
    app = factors.give_app(contact)
    client = sign_in(contact)
    assert take_away(client, app)["Location"] == OWN
    assert "The app is taken away. Logging in no longer asks for its code." in client.get(OWN).text
    assert (types(contact), is_in(client)) == ([], True)
    assert contact.history.latest().history_change_reason == second_factors.TOOK_AWAY


@pytest.mark.usefixtures("required")
def test_who_must_have_one_keeps_the_last(sign_in, coordinator):
    app = factors.give_app(coordinator)
    client = sign_in(coordinator)
    assert "your only second factor" in take_away(client, app).text
    assert types(coordinator) == ["recovery_codes", "totp"]


def test_the_passkey_that_went_is_named(sign_in, coordinator):
    factors.give_app(coordinator)
    client = sign_in(coordinator)
    take_away(client, give_passkey(coordinator))
    assert "The passkey Work is taken away. Logging in no longer asks for it." in client.get(OWN).text
    assert types(coordinator) == ["recovery_codes", "totp"]


def test_one_of_two_may_go(coordinator):
    app = factors.give_app(coordinator)
    give_passkey(coordinator)
    second_factors.take_away(factor=app, by=coordinator)
    assert types(coordinator) == ["recovery_codes", "webauthn"]


def test_nobody_takes_away_what_is_somebody_elses(sign_in, contact, coordinator):
    app = factors.give_app(contact)
    factors.give_app(coordinator)
    address = reverse("consortium:second_factor_take_away", args=[app.pk])
    assert sign_in(coordinator).get(address).status_code == 404
    give_passkey(coordinator)
    second_factors.take_away(factor=app, by=coordinator)
    assert types(contact) == ["recovery_codes", "totp"]


# Passkeys, but for the browser's part


def test_a_passkey_is_added_beside_the_app(coordinator):
    factors.give_app(coordinator)
    second_factors.add_passkey(name="Work", credential={}, by=coordinator)
    assert types(coordinator) == ["recovery_codes", "totp", "webauthn"]
    assert coordinator.history.latest().history_change_reason == second_factors.ADDED_PASSKEY


@pytest.mark.parametrize("credential", ["", "x", "{}", "[]", "null", '{"id": "AA", "rawId": "AA", "response": {}}'])
def test_what_is_no_passkey_is_refused(credential, sign_in, coordinator):
    page = sign_in(coordinator).post(PASSKEY, {"name": "Work", "credential": credential})
    assert (page.status_code, list(page.context["form"].errors)) == (200, ["name"])
    assert types(coordinator) == []


# Reset


def test_another_coordinator_resets_what_is_lost(sign_in, coordinator, staff):
    factors.give_app(staff)
    give_passkey(staff)
    theirs, client = sign_in(staff), sign_in(coordinator)
    person = client.get(staff.memberships.get().get_absolute_url())
    assert f'href="{reset_page(staff)}"' in person.text
    assert client.get(reset_page(staff)).status_code == 200
    answer = client.post(reset_page(staff))
    assert answer["Location"] == staff.memberships.get().get_absolute_url()
    assert types(staff) == []
    assert not is_in(theirs)
    letter = Letter.objects.get()
    assert letter.to == staff.email
    assert coordinator.email in letter.body
    line = staff.history.latest()
    assert (line.history_change_reason, line.history_user) == (second_factors.RESET, coordinator)
    assert "reset the second factor" in client.get(staff.memberships.get().get_absolute_url()).text


def test_resetting_asks_for_the_own_factor_first(sign_in, coordinator, staff):
    factors.give_app(coordinator)
    factors.give_app(staff)
    client = sign_in(coordinator)
    answer = client.post(reset_page(staff))
    assert answer["Location"] == client.get(reset_page(staff))["Location"]
    assert answer["Location"].startswith(CONFIRM)
    assert types(staff) == ["recovery_codes", "totp"]
    assert client.post(answer["Location"], {"code": factors.code()})["Location"] == reset_page(staff)
    client.post(reset_page(staff))
    assert types(staff) == []


def test_nobody_resets_the_own_factor(sign_in, coordinator):
    factors.give_app(coordinator)
    client = sign_in(coordinator)
    assert client.get(reset_page(coordinator)).status_code == client.post(reset_page(coordinator)).status_code == 404
    assert reset_page(coordinator) not in client.get(coordinator.memberships.get().get_absolute_url()).text
    with pytest.raises(NotAllowed, match="Ask another coordinator"):
        second_factors.reset(user=coordinator, by=coordinator)
    assert types(coordinator) == ["recovery_codes", "totp"]


@pytest.mark.parametrize("who", ["staff", "auditor", "contact", "participant"])
def test_reset_is_the_coordinators(who, request, sign_in, other_contact):
    factors.give_app(other_contact)
    factors.give_app(request.getfixturevalue(who))
    client = sign_in(request.getfixturevalue(who))
    assert client.post(reset_page(other_contact)).status_code == 404
    assert types(other_contact) == ["recovery_codes", "totp"]


def test_where_there_is_nothing_to_reset_the_page_says_so(sign_in, coordinator, contact):
    page = sign_in(coordinator).post(reset_page(contact))
    assert "Erik Skissgren has no second factor." in page.text
    assert Letter.objects.count() == 0


def test_the_operator_helps_the_only_coordinator(coordinator, capsys):
    factors.give_app(coordinator)
    User.objects.filter(pk=coordinator.pk).update(language="en")
    call_command("reset_second_factor", "SARA@example.org")
    assert capsys.readouterr().out == "The second factor of SARA@example.org is reset. A mail says so.\n"
    assert types(coordinator) == []
    assert "The operator of the portal has reset your second factor." in Letter.objects.get().body
    line = coordinator.history.latest()
    assert (line.history_change_reason, line.via, line.history_user) == (second_factors.RESET, "command", None)
    with pytest.raises(CommandError, match="no second factor"):
        call_command("reset_second_factor", coordinator.email)
    with pytest.raises(CommandError, match="Nobody logs in"):
        call_command("reset_second_factor", "nobody@example.org")


# Who has none yet


@pytest.mark.usefixtures("required", "contact")
def test_the_coordinator_sees_who_has_none_yet(sign_in, coordinator, staff, auditor):
    factors.give_app(coordinator)
    factors.give_app(staff)
    people = reverse("consortium:people")
    page = sign_in(coordinator).get(people)
    rows = {row.user: row for row in page.context["page"].object_list}
    assert (rows[coordinator].has_second_factor, rows[auditor].has_second_factor) == (True, False)
    assert page.text.count("No second factor yet.") == 1
    assert "No second factor yet." not in sign_in(staff).get(people).text


@pytest.mark.usefixtures("required")
@pytest.mark.parametrize(
    ("who", "words"),
    [("auditor", "none yet; the role needs one"), ("contact", "none; the role needs none")],
)
def test_the_page_of_a_person_says_it(who, words, request, sign_in, coordinator, staff):
    factors.give_app(coordinator)
    factors.give_app(staff)
    person = request.getfixturevalue(who)
    address = person.memberships.get().get_absolute_url()
    assert words in sign_in(coordinator).get(address).text
    assert words not in sign_in(staff).get(address).text


@pytest.mark.usefixtures("required")
def test_the_list_of_people_takes_the_same_queries_for_any_number(
    sign_in, coordinator, association, django_assert_max_num_queries
):
    factors.give_app(coordinator)
    client, counted = sign_in(coordinator), []
    for n in (1, 3, 50):
        for _ in range(n - association.memberships.count()):
            membership = factories.MembershipFactory(role="staff", organisation=association)
            factors.give_app(membership.user)
        with django_assert_max_num_queries(20) as queries:
            assert len(client.get(reverse("consortium:people")).context["page"].object_list) == n
        counted.append(len(queries))
    assert len(set(counted)) == 1
