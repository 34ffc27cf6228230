"""Headers of every kind of page, and what happens to a body that is too large."""

import io
import tempfile

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import RequestFactory

from westum.base.middleware import READ_LIMIT, LoginRequired, ResponseHeaders, SessionExpired, UploadLimit

MEGABYTE = 1024**2


class Somebody:
    is_authenticated = True


class Session(dict):
    def __init__(self, accessed):
        self.accessed = accessed


def answer_to(request, *, user=None, accessed=True, headers=None):
    def view(request):
        request.session, request.user = Session(accessed), user or AnonymousUser()
        return HttpResponse("page", headers=headers)

    return ResponseHeaders(view)(request)


def test_every_page_carries_the_headers_of_the_house():
    headers = answer_to(RequestFactory().get("/")).headers
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "geolocation=()" in headers["Permissions-Policy"]
    assert "*" not in headers["Permissions-Policy"]


@pytest.mark.parametrize(
    ("method", "user", "accessed", "stored"),
    [
        ("get", Somebody(), True, "no-store"),
        ("get", Somebody(), False, None),  # a page that did not look who is there is the same for all
        ("get", None, True, None),
        ("head", Somebody(), True, "no-store"),
        ("post", None, False, "no-store"),  # it may show what was typed
    ],
)
def test_page_of_a_person_is_not_stored(method, user, accessed, stored):
    response = answer_to(getattr(RequestFactory(), method)("/"), user=user, accessed=accessed)
    assert response.headers.get("Cache-Control") == stored


def test_header_that_a_page_has_set_is_kept():
    response = answer_to(RequestFactory().get("/"), user=Somebody(), headers={"Cache-Control": "private"})
    assert response.headers["Cache-Control"] == "private"


def test_headers_come_without_a_session_too():
    response = ResponseHeaders(lambda request: HttpResponse("fine"))(RequestFactory().get("/health/"))
    assert "Cache-Control" not in response.headers


class Body(io.RawIOBase):
    """A multipart body made while it is read: a text, and then a file of so many bytes, without holding them."""

    HEAD = (
        b'--x\r\nContent-Disposition: form-data; name="comment"\r\n\r\n\xc3\x85sa\r\n'
        b'--x\r\nContent-Disposition: form-data; name="paper"; filename="plan.pdf"\r\n'
        b"Content-Type: application/pdf\r\n\r\n"
    )
    TAIL = b'\r\n--x\r\nContent-Disposition: form-data; name="after"\r\n\r\nlast\r\n--x--\r\n'

    def __init__(self, size):
        self.parts = [io.BytesIO(self.HEAD), size, io.BytesIO(self.TAIL)]
        self.length = len(self.HEAD) + size + len(self.TAIL)

    def read(self, size=-1):
        while self.parts:
            if isinstance(self.parts[0], int):
                taken = min(size, self.parts[0])
                self.parts[0] -= taken
                found = b"\0" * taken
            else:
                found = self.parts[0].read(size)
            if found:
                return found
            self.parts.pop(0)
        return b""


def posted(size, **more):
    body = Body(size)
    return RequestFactory().generic(
        "POST",
        "/",
        **{
            "CONTENT_TYPE": "multipart/form-data; boundary=x",
            "CONTENT_LENGTH": str(body.length),
            "wsgi.input": body,
        }
        | more,
    )


def through(request):
    """What the view sees of a request."""
    UploadLimit(lambda request: (request.POST, request.FILES))(request)
    return request


@pytest.fixture
def temporary_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("size", [1, 3 * MEGABYTE, 5 * MEGABYTE])
def test_file_up_to_the_limit_comes_through(settings, size, temporary_folder):
    settings.UPLOAD_LIMIT = 5 * MEGABYTE
    request = through(posted(size))
    paper = request.FILES["paper"]
    assert (paper.name, paper.size, len(paper.read())) == ("plan.pdf", size, size)
    request.close()


@pytest.mark.parametrize("size", [5 * MEGABYTE + 1, 60 * MEGABYTE])
def test_file_over_the_limit_tells_its_size_and_leaves_nothing_behind(settings, size, temporary_folder):
    settings.UPLOAD_LIMIT = 5 * MEGABYTE
    request = through(posted(size))
    paper = request.FILES["paper"]
    assert (paper.name, paper.size, paper.read()) == ("plan.pdf", size, b"")
    assert request.POST.dict() == {"comment": "Åsa", "after": "last"}
    request.close()
    assert list(temporary_folder.iterdir()) == []


def test_small_file_beside_a_large_one_comes_through(settings):
    settings.UPLOAD_LIMIT = 1000
    files = {"a": SimpleUploadedFile("a", b"x" * 1001), "b": SimpleUploadedFile("b", b"y" * 1000)}
    request = through(RequestFactory().post("/", files))
    assert [(name, upload.size, upload.read()) for name, upload in request.FILES.items()] == [
        ("a", 1001, b""),
        ("b", 1000, b"y" * 1000),
    ]


@pytest.mark.parametrize(
    "sent",
    [
        {"CONTENT_LENGTH": str(READ_LIMIT + 1)},
        {"CONTENT_LENGTH": str(5 * 1024**3)},
        {"CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked"},
        {"CONTENT_LENGTH": "10", "HTTP_TRANSFER_ENCODING": "gzip, Chunked"},
        {"CONTENT_LENGTH": str(3 * MEGABYTE), "CONTENT_TYPE": "application/x-www-form-urlencoded"},
        {"CONTENT_LENGTH": str(3 * MEGABYTE), "CONTENT_TYPE": "application/json"},
        {"CONTENT_LENGTH": str(3 * MEGABYTE), "CONTENT_TYPE": ""},
    ],
)
def test_body_too_large_is_refused_before_anything_is_read(sent):
    request = posted(10, **sent)
    before = len(request.META["wsgi.input"].parts), request.META["wsgi.input"].parts[0].tell()
    with pytest.raises(RequestDataTooBig):
        through(request)
    assert (len(request.META["wsgi.input"].parts), request.META["wsgi.input"].parts[0].tell()) == before


@pytest.mark.parametrize("length", ["", "x", "-1"])
def test_length_that_is_no_number_is_no_body(length):
    request = RequestFactory().get("/", CONTENT_LENGTH=length)
    assert UploadLimit(lambda request: "page")(request) == "page"


@pytest.mark.parametrize(("method", "kept"), [("get", False), ("head", False), ("post", True), ("put", True)])
def test_form_without_a_login_is_kept_and_a_page_leads_to_the_login(method, kept, settings):
    request = getattr(RequestFactory(), method)("/desk/")
    request.user = AnonymousUser()
    middleware = LoginRequired(lambda request: None)

    def view(request):
        pass

    settings.LOGIN_URL = "/log-in/"
    if kept:
        with pytest.raises(SessionExpired):
            middleware.process_view(request, view, (), {})
    else:
        assert middleware.process_view(request, view, (), {})["Location"] == "/log-in/?next=/desk/"
    view.login_required = False
    assert middleware.process_view(request, view, (), {}) is None
