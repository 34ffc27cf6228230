"""The second factor of a log-in: who must have one, and how one is set up, replaced, taken away and reset.

The code by mail is the first. An app's code or a passkey is the second; recovery codes stand in for a lost one and are
none by themselves. The rows are django-allauth's. Whatever changes here gives the user another unusable password,
which ends every session and every trusted browser but for the session that the caller keeps.
"""

import json

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from allauth.mfa.utils import decrypt
from allauth.mfa.webauthn.internal import auth as webauthn
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from consortium.models import User
from consortium.models.memberships import SECOND_FACTORS
from consortium.permissions import CONSORTIUM_WIDE, NotAllowed
from westum.base import letters

SET_UP_APP = gettext_noop("set up an app as the second factor")
ADDED_PASSKEY = gettext_noop("added a passkey as the second factor")
TOOK_AWAY = gettext_noop("took away a second factor")
MADE_CODES = gettext_noop("made new recovery codes")
RESET = gettext_noop("reset the second factor")
SECRETS = {"secret", "seed"}  # of an app, and of recovery codes; a passkey holds none
# What the mail says, by the verb of the history.
TOLD = {
    SET_UP_APP: gettext_lazy("An app has been set up: logging in now asks for a code from it."),
    ADDED_PASSKEY: gettext_lazy("A passkey has been added: logging in now asks for it, or for a code."),
    TOOK_AWAY: gettext_lazy("An app or a passkey has been taken away from your account."),
    MADE_CODES: gettext_lazy("New recovery codes have been made. The old ones no longer work."),
}


def is_asked_of(user):
    """Roles of the association reach every member's persons, so a mailbox alone must not open them."""
    return settings.SECOND_FACTOR_REQUIRED and any(right.role in CONSORTIUM_WIDE for right in user.rights)


def may_have(user):
    """Who works in the portal may set one up; who has one may always look after it."""
    return bool(user.rights) or has(user)


def has(user):
    return of(user).exists()


def is_missing(user):
    return is_asked_of(user) and not has(user)


def of(user):
    """Apps and passkeys, without recovery codes."""
    return Authenticator.objects.filter(user=user, type__in=SECOND_FACTORS)


def codes_of(user):
    """The recovery codes, or None."""
    row = Authenticator.objects.filter(user=user, type=Authenticator.Type.RECOVERY_CODES).first()
    return row and row.wrap()


def can_be_read(factor):
    """Secrets that were stored before a change of SECRET_KEY are lost."""
    try:
        return all(decrypt(factor.data[name]) for name in SECRETS & factor.data.keys())
    except ValidationError:
        return False


def options_for(user):
    """What the browser asks the user's passkeys, as JSON; empty when there are none."""
    if not of(user).filter(type=Authenticator.Type.WEBAUTHN).exists():
        return ""
    return json.dumps(webauthn.begin_authentication(user))


@transaction.atomic
def set_up_app(*, secret, by):
    """From now on logging in asks for a code of the app that knows the secret. An app that was set up before is out."""
    user = _locked(by)
    of(user).filter(type=Authenticator.Type.TOTP).delete()
    TOTP.activate(user, secret)
    _give_codes(user)
    return _changed(user, SET_UP_APP)


@transaction.atomic
def add_passkey(*, name, credential, by):
    user = _locked(by)
    webauthn.WebAuthn.add(user, name, credential)
    _give_codes(user)
    return _changed(user, ADDED_PASSKEY)


@transaction.atomic
def take_away(*, factor, by):
    """One's own app or passkey. Who must have a second factor keeps the last one until there is another."""
    user = _locked(by)
    others = of(user).exclude(pk=factor.pk)
    if is_asked_of(user) and not others.exists():
        raise NotAllowed(_("This is your only second factor, and your role needs one. Set up another one first."))
    if not others.exists():
        Authenticator.objects.filter(user=user).delete()  # recovery codes for nothing would stay
    of(user).filter(pk=factor.pk).delete()
    return _changed(user, TOOK_AWAY)


@transaction.atomic
def make_codes(*, by):
    """New recovery codes; those of before stop working."""
    user = _locked(by)
    if not has(user):
        raise NotAllowed(_("Set up an app or a passkey first. Recovery codes stand in for it."))
    Authenticator.objects.filter(user=user, type=Authenticator.Type.RECOVERY_CODES).delete()
    RecoveryCodes.activate(user)
    return _changed(user, MADE_CODES)


@transaction.atomic
def keep_codes(*, by):
    """They have been written down, and are shown no more."""
    user = _locked(by)
    # A code that is used at this moment holds this row, and is marked in it.
    row = Authenticator.objects.select_for_update().filter(user=user, type=Authenticator.Type.RECOVERY_CODES).first()
    if row:
        row.wrap().mark_as_viewed()


@transaction.atomic
def reset(*, user, by):
    """Take away all that somebody has lost. The person logs in by the code alone once more, and sets up a new one.

    `by` is None on the command line. Nobody resets the own one: whoever can log in takes it away or replaces it, which
    asks for the factor itself.
    """
    if user == by:
        raise NotAllowed(_("You cannot reset your own second factor. Ask another coordinator."))
    user = _locked(user)
    if not has(user):
        raise NotAllowed(_("%(person)s has no second factor.") % {"person": user})
    Authenticator.objects.filter(user=user).delete()
    _end_sessions(user, RESET)
    letters.post(
        to=user.email,
        template="emails/second_factor_reset",
        language=user.language,
        context={"by": by, "is_asked_of": is_asked_of(user)},
    )
    return user


def _locked(user):
    return User.objects.select_for_update(of=("self",)).get(pk=user.pk)


def _give_codes(user):
    """Codes that somebody has kept stay good, unless they can no longer be read."""
    codes = codes_of(user)
    if codes and not can_be_read(codes.instance):
        codes.instance.delete()
    RecoveryCodes.activate(user)


def _changed(user, verb):
    _end_sessions(user, verb)
    letters.post(
        to=user.email,
        template="emails/second_factor_changed",
        language=user.language,
        context={"what": TOLD[verb]},
    )
    return user


def _end_sessions(user, verb):
    """Sessions and trusted browsers are tied to the password, which nobody has: another one ends them all."""
    user.set_unusable_password()
    user._change_reason = verb
    user.save(update_fields=["password"])
