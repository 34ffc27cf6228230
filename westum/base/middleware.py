"""Headers of every page, the size of what comes in, and the log-in that does not throw away what was typed."""

import io

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

READ_LIMIT = 100 * 1024 * 1024  # bytes of a form that are read to keep its texts; beyond that nothing is
SAFE = {"GET", "HEAD", "OPTIONS", "TRACE"}
PERMISSIONS = ", ".join(
    f"{feature}=()"
    for feature in ("accelerometer", "camera", "display-capture", "fullscreen", "geolocation", "gyroscope")
    + ("magnetometer", "microphone", "midi", "payment", "usb", "xr-spatial-tracking")
)


class ResponseHeaders:
    """Nobody else embeds or opens us, no page asks for a device, and no page of a person stays in a browser's store."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        if "Cache-Control" not in response.headers and is_personal(request):
            response.headers["Cache-Control"] = "no-store"
        return response


def is_personal(request):
    """A page made for somebody who is logged in, or an answer to what somebody sent."""
    if request.method not in SAFE:
        return True
    session = getattr(request, "session", None)
    return session is not None and session.accessed and hasattr(request, "user") and request.user.is_authenticated


class UploadLimit:
    """A body too large to be read is refused unread, one of unknown length too: `RequestDataTooBig`, answered with 413.

    In a form below that limit a file that is too large is read past but not kept, so that its field can say so while
    all the other fields stay as they were typed.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if "chunked" in request.META.get("HTTP_TRANSFER_ENCODING", "").lower():
            raise RequestDataTooBig("A body of unknown length is not read.")
        is_form = request.content_type == "multipart/form-data"
        if body_length(request) > (READ_LIMIT if is_form else settings.DATA_UPLOAD_MAX_MEMORY_SIZE):
            raise RequestDataTooBig("The body is larger than what is read.")
        if is_form:
            request.upload_handlers.insert(0, TooLargeHandler(request))
        return self.get_response(request)


def body_length(request):
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


class TooLargeHandler(FileUploadHandler):
    """Stands before Django's own handlers and swallows what goes beyond `UPLOAD_LIMIT` bytes of a file."""

    def receive_data_chunk(self, raw_data, start):
        return raw_data if start + len(raw_data) <= settings.UPLOAD_LIMIT else None

    def file_complete(self, file_size):
        """None passes the file on; a file too large becomes an empty one that tells its true size."""
        if file_size <= settings.UPLOAD_LIMIT:
            return None
        for handler in self.request.upload_handlers:
            if handler is not self:
                handler.upload_interrupted()
        return UploadedFile(io.BytesIO(), self.file_name, self.content_type, file_size)


class SessionExpired(PermissionDenied):
    """Somebody sent a form after their session had ended: the error page shows what they typed."""


class SecondFactorMissing(PermissionDenied):
    """Somebody sent a form who must first set up a second factor: the error page shows what they typed."""


class LoginRequired(LoginRequiredMiddleware):
    """Every page wants a log-in. A form that arrives without one is answered with its text, not with a redirect."""

    def handle_no_permission(self, request, view_func):
        if request.method not in SAFE:
            raise SessionExpired
        return super().handle_no_permission(request, view_func)
