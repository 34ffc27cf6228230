"""One's own second factor, and the reset of somebody else's."""

import json
from functools import wraps

from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.internal.flows import post_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import generate_totp_secret
from allauth.mfa.webauthn.internal import auth as webauthn
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from consortium import second_factors
from consortium.forms.people import ConfirmForm
from consortium.forms.second_factor import AppForm, FactorForm, PasskeyForm
from consortium.models import Membership
from westum.base import addresses
from westum.base.tokens import once

NEW_APP = "new_app"  # in the session: the secret of an app that is being set up


def for_who_may_have_one(view):
    """Participants log in by the code alone; for them there is no such page."""

    @wraps(view)
    def guarded(request, *args, **kwargs):
        if not second_factors.may_have(request.user):
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


def confirmed(view):
    """Who has a second factor gives it once more before any changes, unless that was a few minutes ago."""

    @wraps(view)
    def guarded(request, *args, **kwargs):
        if second_factors.has(request.user) and not did_recently_reauthenticate(request):
            if request.method == "POST":
                messages.warning(request, _("Give your second factor once more, and then repeat the last step."))
            return redirect(_address("second_factor_confirm", next=request.get_full_path()))
        return view(request, *args, **kwargs)

    return guarded


def _address(name, **query):
    query = {key: value for key, value in query.items() if value}
    return reverse(f"consortium:{name}") + (f"?{urlencode(query)}" if query else "")


def _next(request):
    """The page that somebody wanted to see before; empty when there is none, or when it is not ours."""
    return addresses.inside(request, request.GET.get("next", ""))


def _query(request):
    """What a link to the next of these pages ends with, so that one comes back to where one was."""
    return f"?{urlencode({'next': wanted})}" if (wanted := _next(request)) else ""


@require_safe
@for_who_may_have_one
def second_factor(request):
    """What one has, and the way to set one up."""
    factors = list(second_factors.of(request.user).order_by("created_at"))
    app = next((row for row in factors if row.type == Authenticator.Type.TOTP), None)
    codes = second_factors.codes_of(request.user)
    context = {
        "factors": factors,
        "app": app,
        "app_is_lost": app is not None and not second_factors.can_be_read(app),
        **_state_of(codes),
        "is_asked": second_factors.is_asked_of(request.user),
        "query": _query(request),
    }
    return render(request, "consortium/second_factor.html", context)


def _state_of(codes):
    is_lost = codes is not None and not second_factors.can_be_read(codes.instance)
    left = codes.get_unused_codes() if codes and not is_lost else []
    return {"codes": [] if codes and codes.did_view else left, "codes_left": len(left), "codes_are_lost": is_lost}


@require_http_methods(["GET", "HEAD", "POST"])
@for_who_may_have_one
@confirmed
def app(request):
    """Set up an app, or another one in its place. The secret stays the same until it is used, so that one can reload."""
    secret = request.session.setdefault(NEW_APP, generate_totp_secret())
    form = AppForm(request.POST if request.method == "POST" else None, user=request.user, secret=secret)
    if request.method == "POST" and (answer := once(request, form, lambda: _set_up_app(request, secret))):
        return answer
    context = {
        "form": form,
        "secret": " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        "address": get_adapter().build_totp_url(request.user, secret),
        "replaces": second_factors.of(request.user).filter(type=Authenticator.Type.TOTP).exists(),
        "query": _query(request),
    }
    return render(request, "consortium/second_factor_app.html", context)


def _set_up_app(request, secret):
    user = second_factors.set_up_app(secret=secret, by=request.user)
    request.session.pop(NEW_APP, None)
    factor = second_factors.of(user).get(type=Authenticator.Type.TOTP)
    return _has_changed(request, user, factor, said=_("Your app is set up. From now on logging in asks for its code."))


def _has_changed(request, user, factor, *, said):
    """Keep this session alone. Who has just shown a factor is not asked for it at once."""
    update_session_auth_hash(request, user)
    if factor is not None:
        factor.user = user
        post_authentication(request, factor, reauthenticated=True)
    messages.success(request, said)
    codes = second_factors.codes_of(user)
    if codes and not codes.did_view:
        return redirect(_address("recovery_codes", next=_next(request)))
    return redirect(_next(request) or "consortium:second_factor")


@require_http_methods(["GET", "HEAD", "POST"])
@for_who_may_have_one
@confirmed
def passkey(request):
    form = PasskeyForm(request.POST if request.method == "POST" else None, user=request.user)
    if request.method == "POST" and (answer := once(request, form, lambda: _add_passkey(request, form))):
        return answer
    options = json.dumps(webauthn.begin_registration(request.user, passwordless=False))
    context = {"form": form, "options": options, "query": _query(request)}
    return render(request, "consortium/second_factor_passkey.html", context)


def _add_passkey(request, form):
    said = form.cleaned_data
    user = second_factors.add_passkey(name=said["name"], credential=said["credential"], by=request.user)
    factor = second_factors.of(user).filter(type=Authenticator.Type.WEBAUTHN).latest("pk")
    return _has_changed(request, user, factor, said=_("The passkey %(name)s is added.") % {"name": said["name"]})


@require_http_methods(["GET", "HEAD", "POST"])
@for_who_may_have_one
@confirmed
def codes(request):
    """Recovery codes: shown until their owner says that they are kept, and made anew."""
    if not second_factors.has(request.user):
        return redirect("consortium:second_factor")
    form = ConfirmForm(request.POST if request.method == "POST" else None, user=request.user)
    if request.method == "POST" and (answer := once(request, form, lambda: _codes(request))):
        return answer
    context = {"form": form, "query": _query(request), **_state_of(second_factors.codes_of(request.user))}
    return render(request, "consortium/recovery_codes.html", context)


def _codes(request):
    if request.POST.get("act") == "kept":
        second_factors.keep_codes(by=request.user)
        return redirect(_next(request) or "consortium:second_factor")
    user = second_factors.make_codes(by=request.user)
    return _has_changed(request, user, None, said=_("You have new recovery codes. The old ones no longer work."))


@require_http_methods(["GET", "HEAD", "POST"])
@for_who_may_have_one
def take_away(request, pk):
    """Ask first, then take away one's own app or passkey."""
    factor = get_object_or_404(second_factors.of(request.user), pk=pk)
    return _take_away(request, factor)


@confirmed
def _take_away(request, factor):
    form = ConfirmForm(request.POST if request.method == "POST" else None, user=request.user)
    if request.method == "POST" and (answer := once(request, form, lambda: _taken_away(request, factor))):
        return answer
    is_last = not second_factors.of(request.user).exclude(pk=factor.pk).exists()
    return render(
        request, "consortium/second_factor_take_away.html", {"form": form, "factor": factor, "is_last": is_last}
    )


def _taken_away(request, factor):
    if factor.type == Authenticator.Type.TOTP:
        said = _("The app is taken away. Logging in no longer asks for its code.")
    else:
        said = _("The passkey %(name)s is taken away. Logging in no longer asks for it.") % {"name": factor}
    user = second_factors.take_away(factor=factor, by=request.user)
    update_session_auth_hash(request, user)
    messages.success(request, said)
    return redirect("consortium:second_factor")


@require_http_methods(["GET", "HEAD", "POST"])
@for_who_may_have_one
def confirm(request):
    """Give the second factor once more, before it is changed."""
    if not second_factors.has(request.user):
        return redirect("consortium:second_factor")
    form = FactorForm(request.POST if request.method == "POST" else None, user=request.user)
    if request.method == "POST" and form.is_valid():
        post_authentication(request, form.authenticator, reauthenticated=True)
        return redirect(_next(request) or "consortium:second_factor")
    context = {"form": form, "options": second_factors.options_for(request.user), "query": _query(request)}
    return render(request, "consortium/second_factor_confirm.html", context)


# Somebody else's


@require_http_methods(["GET", "HEAD", "POST"])
def reset_second_factor(request, pk):
    """Ask first, then take away what a person has lost. One's own is no matter of this page."""
    membership = get_object_or_404(
        Membership.objects.editable_by(request.user).exclude(user=request.user).with_people(), pk=pk
    )
    return _reset_second_factor(request, membership)


@confirmed
def _reset_second_factor(request, membership):
    form = ConfirmForm(request.POST if request.method == "POST" else None, user=request.user)
    if request.method == "POST" and (answer := once(request, form, lambda: _was_reset(request, membership))):
        return answer
    return render(request, "consortium/reset_second_factor.html", {"form": form, "membership": membership})


def _was_reset(request, membership):
    second_factors.reset(user=membership.user, by=request.user)
    messages.success(
        request,
        _("The second factor of %(person)s is reset. A mail says so, and how to set up a new one.")
        % {"person": membership.user},
    )
    return redirect(membership)
