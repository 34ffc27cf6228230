import json

from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa import app_settings as mfa
from allauth.mfa.base.internal.flows import check_rate_limit
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import validate_totp_code
from allauth.mfa.webauthn.internal import auth as webauthn
from django import forms
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from redis.exceptions import RedisError

from westum.base.forms import PlainForm

CODE_WORKS_FOR = mfa.TOTP_PERIOD * (2 * mfa.TOTP_TOLERANCE + 1)  # seconds


def a_code(**options):
    attributes = {"autocomplete": "one-time-code", "autocapitalize": "off", "spellcheck": "false"}
    return forms.CharField(
        max_length=40,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "short-code"} | attributes),
        **options,
    )


class _Careful(PlainForm):
    """Counts the tries of a user. The limits live in the cache: without it nobody is let through."""

    def _count_try(self):
        """Returns what forgets the tries after a right one."""
        try:
            return check_rate_limit(self.user)
        except (RedisError, OSError):
            raise ValidationError(_("This does not work at the moment. Try again in a few minutes.")) from None

    def _use_up(self, code):
        """An app's code works once, though it would be right for a minute and a half."""
        key = f"second-factor:{self.user.pk}:{normalize_user_code(code)}"
        if not cache.add(key, "used", timeout=CODE_WORKS_FOR):
            raise ValidationError(_("This code has been used. Wait until the app shows the next one."))


class FactorForm(_Careful):
    """The second factor itself: a code of the app, a recovery code, or what a passkey has signed."""

    mark_optional = False
    code = a_code(
        label=gettext_lazy("Code"),
        help_text=gettext_lazy("The six digits that your app shows now, or one of your recovery codes."),
        error_messages={"required": gettext_lazy("Write the code that your app shows.")},
    )
    trust = forms.BooleanField(
        label=gettext_lazy("Do not ask again in this browser for 60 days"),
        required=False,
        help_text=gettext_lazy("Tick this only on a computer or phone that nobody else uses."),
    )
    credential = forms.CharField(required=False, max_length=20_000, widget=forms.HiddenInput)

    def __init__(self, *args, offers_trust=False, **kwargs):
        super().__init__(*args, **kwargs)
        self.authenticator = None
        if not offers_trust:
            del self.fields["trust"]
        if self["credential"].data:
            self.fields["code"].required = False

    def clean(self):
        cleaned = super().clean()
        code, credential = cleaned.get("code"), cleaned.get("credential")
        try:
            if credential:
                self.authenticator = self._signed_by(credential)
            elif code:
                self.authenticator = self._owner_of(code)
        except ValidationError as refusal:
            self.add_error("code", refusal)
        return cleaned

    def _owner_of(self, code):
        forget_tries = self._count_try()
        rows = Authenticator.objects.filter(user=self.user).exclude(type=Authenticator.Type.WEBAUTHN)
        for row in rows.order_by("-type"):  # the app first
            if row.wrap().validate_code(code):
                if row.type == Authenticator.Type.TOTP:
                    self._use_up(code)
                forget_tries()
                row.user = self.user
                return row
        raise ValidationError(
            _("This is not the code. Wait until the app shows the next one, or write a recovery code.")
        )

    def _signed_by(self, credential):
        forget_tries = self._count_try()
        try:
            credential = json.loads(credential)
            webauthn.parse_authentication_response(credential)
            row = webauthn.complete_authentication(self.user, credential)
        except Exception:  # noqa: BLE001  (whatever it was, it was not the answer of a passkey of this person)
            raise ValidationError(_("The passkey was not accepted. Try it once more, or write a code.")) from None
        forget_tries()
        return row


class AppForm(_Careful):
    """The first code of a new app: it shows that the app knows the secret."""

    code = a_code(
        label=gettext_lazy("Code from the app"),
        help_text=gettext_lazy("Six digits. The app shows new ones every half minute."),
        error_messages={"required": gettext_lazy("Write the six digits that the app shows.")},
    )

    def __init__(self, *args, secret, **kwargs):
        super().__init__(*args, **kwargs)
        self.secret = secret

    def clean_code(self):
        code = self.cleaned_data["code"]
        forget_tries = self._count_try()
        if not validate_totp_code(self.secret, code):
            raise ValidationError(
                _("This is not the code. Wait for the next one, and see that the phone's clock is right.")
            )
        self._use_up(code)
        forget_tries()
        return code


class PasskeyForm(PlainForm):
    name = forms.CharField(
        label=gettext_lazy("Name of the passkey"),
        max_length=60,
        help_text=gettext_lazy("For yourself, as in: my computer at work."),
    )
    credential = forms.CharField(required=False, max_length=40_000, widget=forms.HiddenInput)

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("name"):
            try:
                cleaned["credential"] = self._registered(cleaned.get("credential"))
            except ValidationError as refusal:
                self.add_error("name", refusal)
        return cleaned

    def _registered(self, credential):
        if not credential:
            raise ValidationError(
                _("The browser has made no passkey. It must allow scripts for that; else use an app.")
            )
        try:
            credential = json.loads(credential)
            webauthn.parse_registration_response(credential)
            webauthn.complete_registration(credential)
        except Exception:  # noqa: BLE001  (whatever it was, it was not the answer of a passkey to our question)
            raise ValidationError(_("The passkey was not accepted. Try it once more, or use an app.")) from None
        return credential
