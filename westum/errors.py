"""The pages for what went wrong. They keep what was typed: one can copy it, log in again and go on."""

import re
from functools import partial
from urllib.parse import urlsplit

from django.apps import apps
from django.contrib.auth import get_user
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import RequestDataTooBig
from django.http import HttpResponse
from django.shortcuts import resolve_url
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.functional import SimpleLazyObject
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.text import capfirst
from django.views.decorators.csrf import requires_csrf_token

from westum.base.middleware import SAFE, SecondFactorMissing, SessionExpired

# Parts of field names whose values are shown to nobody, and the fields of forms that no person fills in.
SECRET = {"password", "passwd", "secret", "token", "otp", "pin", "personnummer"}
UNTYPED = {"csrfmiddlewaretoken", "form_token", "version", "next", "code", "credential"}

# When even the page for errors fails there is no template, no database and no catalogue to rely on.
BARE = """<!doctype html>
<html lang="sv"><head><meta charset="utf-8"><title>{title}</title></head><body>
<main><h1>{title}</h1><p>{swedish}</p><p lang="en">{english}</p><p><a href="/">Westum</a></p></main>
</body></html>"""


@requires_csrf_token
def bad_request(request, exception):
    """400, or 413 for a body that is larger than what is read."""
    if isinstance(exception, RequestDataTooBig):
        return page(request, "413.html", 413, back=back(request))
    return bare(
        400,
        title="Fel / Error",
        swedish="Det som skickades gick inte att läsa. Gå tillbaka, läs in sidan på nytt och försök igen.",
        english="What was sent could not be read. Go back, load the page again and try once more.",
    )


@requires_csrf_token
def forbidden(request, exception):
    if isinstance(exception, SessionExpired):
        return page(request, "session_expired.html", 403, login_url=login_url(request))
    if isinstance(exception, SecondFactorMissing):
        return page(request, "second_factor_missing.html", 403, set_up_url=set_up_url(request))
    return page(request, "403.html", 403)


@requires_csrf_token
def not_found(request, exception):
    """The same page whatever was asked for: it does not tell what is hidden from what is not there."""
    return page(request, "404.html", 404)


@requires_csrf_token
def server_error(request):
    try:
        return page(request, "500.html", 500)
    except Exception:  # noqa: BLE001  (whatever broke the page may break this one as well)
        return bare(
            500,
            title="Fel / Error",
            swedish="Något gick fel hos oss. Inget har sparats. Försök igen om en stund.",
            english="Something went wrong on our side. Nothing was saved. Try again in a while.",
        )


@requires_csrf_token
def csrf_failure(request, reason=""):
    """The page was open too long, or the form was not ours."""
    return page(request, "403_csrf.html", 403, back=back(request))


def page(request, template, status, **context):
    """An error page in the reader's language, also where the request did not come as far as languages and users."""
    if not hasattr(request, "user"):
        known = hasattr(request, "session")
        request.user = SimpleLazyObject(partial(get_user, request)) if known else AnonymousUser()
    language = getattr(request, "LANGUAGE_CODE", None) or translation.get_language_from_request(request)
    with translation.override(language):
        content = render_to_string(template, {"typed": typed(request)} | context, request)
    return HttpResponse(content, status=status, headers={"Content-Language": language})


def bare(status, **texts):
    return HttpResponse(BARE.format(**texts), status=status)


def typed(request):
    """What was typed, as pairs of label and text: no secrets, no choices by number, of a file only its name."""
    if request.method in SAFE:
        return []
    try:
        fields, files = list(request.POST.lists()), list(request.FILES.lists())
    except Exception:  # noqa: BLE001  (a body that was cut off, or read already: then nothing can be kept)
        return []
    pairs = []
    for name, values in fields:
        field = field_called(name)
        texts = [] if is_untyped(name, field) else [shown(field, value) for value in values if value.strip()]
        pairs += [(label_of(name, field), text) for text in texts]
    pairs += [(label_of(name, field_called(name)), upload.name) for name, uploads in files for upload in uploads]
    return pairs


def is_untyped(name, field):
    words = set(re.split(r"[^a-z]+", name.lower()))
    return bool(name in UNTYPED or words & SECRET or (field and field.is_relation))


def shown(field, value):
    return str(dict(field.flatchoices).get(value, value)) if field and field.choices else value


def field_called(name):
    """A model's field of that name: forms are made of models, so it knows the label in the reader's language."""
    for model in apps.get_models():
        for field in model._meta.fields if model.__module__.split(".")[0] in OUR_APPS else []:
            if field.name == name:
                return field
    return None


OUR_APPS = {"consortium", "mobilities", "reporting"}


def label_of(name, field):
    return capfirst(str(field.verbose_name)) if field else capfirst(re.sub(r"[_-]+", " ", name))


def back(request):
    """The page that the form was on, if it was ours."""
    came_from = request.headers.get("Referer", "")
    if url_has_allowed_host_and_scheme(came_from, allowed_hosts={request.get_host()}):
        parts = urlsplit(came_from)
        return parts.path + (f"?{parts.query}" if parts.query else "")
    return request.path


def login_url(request):
    return f"{resolve_url('account_login')}?{urlencode({'next': back(request)})}"


def set_up_url(request):
    return f"{resolve_url('consortium:second_factor')}?{urlencode({'next': back(request)})}"
