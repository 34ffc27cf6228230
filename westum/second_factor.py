"""The second factor at the door: who must have one sees no page before, and logging in asks for it.

How one is set up and taken away is `consortium.second_factors`; how secrets are kept is here.
"""

import base64

from allauth.account.internal.decorators import login_stage_required
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.base.internal.flows import post_authentication
from allauth.mfa.internal.flows.trust import trust_browser
from allauth.mfa.stages import AuthenticateStage
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from consortium import second_factors
from consortium.forms.second_factor import FactorForm
from westum.base.middleware import SAFE, SecondFactorMissing

# Pages without persons: where a second factor is set up, and what everybody reads.
OPEN = {
    "consortium:second_factor",
    "consortium:second_factor_app",
    "consortium:second_factor_passkey",
    "consortium:second_factor_confirm",
    "consortium:recovery_codes",
    "account_logout",
    "set_language",
    "health",
    "reporting:accessibility",
    "reporting:privacy",
    "reporting:counted",
}


class Adapter(DefaultMFAAdapter):
    """Secrets are stored under a key that is derived from SECRET_KEY; another SECRET_KEY makes them unreadable."""

    def encrypt(self, text):
        return _lock().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text):
        try:
            return _lock().decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            raise ValidationError(
                _("Your second factor can no longer be read. Ask another coordinator to reset it.")
            ) from None


def _lock():
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"westum.second_factor").derive(
        settings.SECRET_KEY.encode()
    )
    return Fernet(base64.urlsafe_b64encode(key))


class SecondFactorRequired:
    """Stands behind the log-in: roles of the association without a second factor get the page that sets one up."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        if not request.user.is_authenticated:
            return None
        request.second_factor_is_missing = second_factors.is_missing(request.user)
        if not request.second_factor_is_missing or request.resolver_match.view_name in OPEN:
            return None
        if request.method not in SAFE:
            raise SecondFactorMissing
        address = reverse("consortium:second_factor")
        return redirect(f"{address}?{urlencode({'next': request.get_full_path()})}")


@login_stage_required(stage=AuthenticateStage.key, redirect_urlname="account_login")
def authenticate(request):
    """The step of the log-in after the code by mail, for who has a second factor."""
    stage = request._login_stage
    user = stage.login.user
    if not second_factors.has(user):  # reset meanwhile
        return redirect("account_login")
    form = FactorForm(request.POST if request.method == "POST" else None, user=user, offers_trust=True)
    if request.method == "POST" and form.is_valid():
        post_authentication(request, form.authenticator)
        response = stage.exit()
        if form.cleaned_data["trust"]:
            trust_browser(request, user, response)
        return response
    return render(request, "account/second_factor.html", {"form": form, "options": second_factors.options_for(user)})
