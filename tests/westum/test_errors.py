"""The error pages: in the reader's language, and nothing that was typed is lost."""

import html
import re

import pytest
from django import forms
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import Http404, HttpResponse
from django.test import Client, RequestFactory
from django.urls import include, path
from django.utils import translation
from django.utils.text import capfirst

from mobilities.models import Participant
from tests.factories import UserFactory
from westum import errors, urls
from westum.base.forms import PlainForm

pytestmark = pytest.mark.django_db


def raising(exception):
    def view(request):
        raise exception

    return view


class PaperForm(PlainForm):
    first_name = forms.CharField()
    paper = forms.FileField()


def paper_view(request):
    form = PaperForm(request.POST, request.FILES)
    return HttpResponse("fine" if form.is_valid() else f"{form.errors.as_json()} {form['first_name'].value()}")


urlpatterns = [
    path("test/403/", raising(PermissionDenied())),
    path("test/404/", raising(Http404("nothing called Secret"))),
    path("test/400/", raising(SuspiciousOperation())),
    path("test/500/", raising(KeyError("secret"))),
    path("test/paper/", paper_view),
    path("", include(urls.urlpatterns)),
]
handler400, handler403, handler404, handler500 = (
    errors.bad_request,
    errors.forbidden,
    errors.not_found,
    errors.server_error,
)

TYPED = {
    "first_name": "Åsa <b>",
    "sex": "female",
    "reason_for_change": "Two\nlines",
    "new_password": "secret-1",
    "code": "secret-2",
    "form_token": "secret-3",
    "version": "4444",
    "sending_organisation": "5555",
    "empty": " ",
}


@pytest.fixture(autouse=True)
def house(settings):
    settings.ROOT_URLCONF = __name__


@pytest.fixture
def client():
    client = Client(raise_request_exception=False)
    client.force_login(UserFactory(name="Karin Ek"))
    return client


def words(response):
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode())))


def language_of(response):
    return re.search(rb'<html lang="(\w+)"', response.content)[1].decode()


PAGES = [("/test/403/", 403), ("/test/404/", 404), ("/no/such/page/", 404), ("/test/500/", 500)]


@pytest.mark.parametrize(("address", "status"), PAGES)
@pytest.mark.parametrize("language", ["sv", "en"])
def test_error_page_speaks_the_readers_language(client, address, status, language):
    response = client.get(address, headers={"Accept-Language": language})
    assert (response.status_code, language_of(response), response["Content-Language"]) == (status, language, language)
    assert "secret" not in words(response).lower()


@pytest.mark.parametrize(("address", "status"), PAGES)
def test_error_page_shows_what_was_typed(client, address, status):
    response = client.post(address, TYPED, headers={"Accept-Language": "en"})
    text = words(response)
    assert response.status_code == status
    assert "First name Åsa <b>" in text
    assert "Reason for change Two lines" in text
    for hidden in ("secret-1", "secret-2", "secret-3", "4444", "5555"):
        assert hidden not in text


def test_choice_is_shown_by_its_label_and_not_by_its_code():
    request = RequestFactory().post("/", {"group": "supervisor", "made_up": "x"})
    with translation.override("en"):
        assert errors.typed(request) == [("Group", "supervisor (counts as staff)"), ("Made up", "x")]


def test_labels_are_those_of_the_forms():
    with translation.override("sv"):
        assert errors.label_of("first_name", errors.field_called("first_name")) == capfirst(
            str(Participant._meta.get_field("first_name").verbose_name)
        )


def test_file_is_named_only(client):
    response = client.post("/test/404/", {"paper": SimpleUploadedFile("plan.pdf", b"%PDF-secret")})
    assert "plan.pdf" in words(response)
    assert "PDF-secret" not in words(response)


def test_not_found_is_the_same_page_whatever_was_asked(client):
    def page(address):
        return re.sub(rb'value="\w{64}"', b"", client.get(address).content.replace(address.encode(), b""))

    assert page("/test/404/") == page("/no/such/page/")


def test_bad_request_has_a_page_in_both_languages(client):
    response = client.get("/test/400/")
    assert response.status_code == 400
    assert "What was sent could not be read." in words(response)
    assert "Det som skickades gick inte att läsa." in words(response)


def test_server_error_has_a_page_even_when_pages_are_broken(client, settings):
    settings.TEMPLATES = [settings.TEMPLATES[0] | {"DIRS": [], "APP_DIRS": False}]
    response = client.get("/test/500/")
    assert response.status_code == 500
    assert "Something went wrong on our side." in words(response)
    assert "Något gick fel hos oss." in words(response)


# A session that has ended


def test_form_sent_after_the_session_ended_comes_back_with_its_text(client):
    client.logout()
    response = client.post(
        "/test/paper/",
        TYPED | {"paper": SimpleUploadedFile("plan.pdf", b"x")},
        headers={"Accept-Language": "en", "Referer": "http://testserver/test/paper/?page=2"},
    )
    text = words(response)
    assert response.status_code == 403
    assert "You have been logged out" in text
    assert "First name Åsa <b>" in text
    assert "plan.pdf" in text
    assert "secret" not in text
    assert 'href="/accounts/login/?next=%2Ftest%2Fpaper%2F%3Fpage%3D2"' in response.content.decode()
    assert response["Cache-Control"] == "no-store"


def test_page_asked_for_after_the_session_ended_leads_to_the_login(client):
    client.logout()
    response = client.get("/test/paper/")
    assert (response.status_code, response["Location"]) == (302, "/accounts/login/?next=/test/paper/")


@pytest.mark.parametrize("referer", ["https://evil.example/test/", "javascript:alert(1)", "//evil.example/", ""])
def test_way_back_stays_in_the_house(client, referer):
    client.logout()
    response = client.post("/test/paper/", {"first_name": "Eva"}, headers={"Referer": referer})
    assert 'href="/accounts/login/?next=%2Ftest%2Fpaper%2F"' in response.content.decode()


# CSRF


def test_form_without_the_right_token_comes_back_with_its_text():
    client = Client(enforce_csrf_checks=True)
    client.force_login(UserFactory())
    response = client.post("/test/paper/", TYPED, headers={"Accept-Language": "en"})
    text = words(response)
    assert response.status_code == 403
    assert "The page was open for too long" in text
    assert "First name Åsa <b>" in text
    assert "secret" not in text
    assert 'href="/test/paper/"' in response.content.decode()


def test_csrf_page_offers_no_button_that_would_send_the_text_again():
    """Or one click would carry out what another site sent."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(UserFactory())
    response = client.post("/test/paper/", {"first_name": "Eva"})
    forms_shown = re.findall(r"<form.*?</form>", response.content.decode(), re.DOTALL)
    assert forms_shown
    assert not [
        form for form in forms_shown if "Eva" in form or "/test/paper/" in re.findall(r'action="([^"]*)"', form)
    ]


# What is too large


def test_file_over_the_limit_is_told_at_its_field_and_the_rest_is_kept(client, settings):
    settings.UPLOAD_LIMIT = 1024**2
    response = client.post(
        "/test/paper/",
        {"first_name": "Åsa", "paper": SimpleUploadedFile("plan.pdf", b"x" * (1024**2 + 1))},
        headers={"Accept-Language": "en"},
    )
    assert response.status_code == 200
    assert "The file plan.pdf is larger than 1 MB." in response.content.decode()
    assert response.content.decode().endswith("Åsa")


@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize(
    "sent",
    [
        {"CONTENT_LENGTH": "5000000000", "CONTENT_TYPE": "multipart/form-data; boundary=x"},
        {"CONTENT_LENGTH": "3000000", "CONTENT_TYPE": "application/x-www-form-urlencoded"},
        {"HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_TYPE": "multipart/form-data; boundary=x"},
    ],
)
def test_body_too_large_is_refused_unread(client, sent, language):
    class Unread:
        def read(self, *args):
            raise AssertionError("the body was read")

        readline = read

    response = client.generic(
        "POST", "/test/paper/", **sent, **{"wsgi.input": Unread()}, headers={"Accept-Language": language}
    )
    assert (response.status_code, language_of(response)) == (413, language)


def test_text_beyond_what_is_read_is_refused(client):
    response = client.post("/test/paper/", {"first_name": "x" * 2_200_000}, headers={"Accept-Language": "en"})
    assert response.status_code == 413
