"""Second factors for tests: an app whose codes the test knows."""

import time

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def give_app(user):
    """An app, and recovery codes that have been kept."""
    app = TOTP.activate(user, SECRET).instance
    RecoveryCodes.activate(user).mark_as_viewed()
    return app


def app_of(user):
    return Authenticator.objects.get(user=user, type="totp")


def code(secret=SECRET, *, steps=0):
    """What the app shows now, or so many half minutes later."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))
