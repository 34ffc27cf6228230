"""Uploaded and made files: bytes under their hash in Django's storage, one row for each time somebody brought or made them.

The bytes are written before the row and may be shared by several rows; bytes without a row are swept away after an hour.
A row says nothing about who may read it: every view finds it through a noun in scope and then serves it with `as_attachment`.
"""

import hashlib
import logging
import os
import secrets
from datetime import timedelta

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import models
from django.db.models import Q
from django.http import FileResponse, Http404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from westum.base import refusals, uploads
from westum.base.refusals import Refused

__all__ = ["Refused", "StoredFile", "as_attachment", "keep", "store", "sweep_orphans"]

log = logging.getLogger(__name__)

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MADE_TYPES = [XLSX_TYPE, "text/csv", "application/json", "application/zip"]
CONTENT_TYPES = [kind.content_type for kind in uploads.KINDS] + MADE_TYPES


class StoredFile(models.Model):
    sha256 = models.CharField(_("fingerprint (SHA-256)"), max_length=64, db_index=True)
    size = models.PositiveIntegerField(_("size in bytes"))
    content_type = models.CharField(_("kind of file"), max_length=100)
    name = models.CharField(_("file name"), max_length=uploads.NAME_LENGTH)
    created_at = models.DateTimeField(_("stored at"), default=timezone.now)

    class Meta:
        verbose_name = _("file")
        verbose_name_plural = _("files")
        constraints = [
            models.CheckConstraint(
                name="stored_file_is_not_empty",
                condition=Q(size__gt=0),
                violation_error_message=_("The file is empty."),
                violation_error_code="size",
            ),
            models.CheckConstraint(
                name="stored_file_kind_is_known",
                condition=Q(content_type__in=CONTENT_TYPES),
                violation_error_message=_("Files of this kind are not kept here."),
                violation_error_code="content_type",
            ),
        ]

    def __str__(self):
        return self.name

    @property
    def path(self):
        return path_of(self.sha256)

    def open(self):
        """The bytes as an open binary file. Raises FileNotFoundError when the storage has lost them."""
        return default_storage.open(self.path)

    def read(self):
        """All bytes at once; files are small. Raises FileNotFoundError when the storage has lost them."""
        with self.open() as content:
            return content.read()


def store(upload, *, by, kinds=uploads.KINDS):
    """Check an uploaded file by its content and keep it.

    `upload` is Django's UploadedFile, `kinds` some of `uploads.KINDS`. `by` is for the log: who brought a file stands on the noun that
    carries it, and its history. Raises Refused with a sentence for the person; then nothing is kept.
    """
    if upload.size and upload.size > settings.UPLOAD_LIMIT:
        raise uploads.too_large()
    content = upload.read(settings.UPLOAD_LIMIT + 1)
    kind, content = uploads.inspect(content, upload.name or "", kinds=kinds)
    extension = upload.name.rpartition(".")[2].lower()
    stored = keep(content, name=uploads.clean_name(upload.name, extension), content_type=kind.content_type)
    log.info("a file was uploaded", extra={"file": stored.pk, "user": getattr(by, "pk", None), "kind": kind.label})
    return stored


def keep(content, *, name, content_type):
    """Keep bytes that we made or have checked. Raises Refused when there is no room for them, ValueError for a kind not kept."""
    if content_type not in CONTENT_TYPES or not content:
        raise ValueError(f"no file of {len(content)} bytes and kind {content_type} is kept")
    sha256 = hashlib.sha256(content).hexdigest()
    write_once(path_of(sha256), content)
    return StoredFile.objects.create(
        sha256=sha256, size=len(content), content_type=content_type, name=name[: uploads.NAME_LENGTH]
    )


def path_of(sha256):
    return f"{sha256[:2]}/{sha256}"


def write_once(path, content):
    """Put the bytes at their place, whole or not at all. What is there already is made young, so that the sweep leaves it alone."""
    if default_storage.exists(path) and freshen(path):
        return
    try:
        whole = default_storage.path(path)
    except NotImplementedError:  # an object store shows an object only when it is complete
        default_storage._save(path, ContentFile(content))  # over what is there: `save` would choose another name
        return
    part = f"{path}.{secrets.token_hex(8)}.part"
    try:
        default_storage.save(part, ContentFile(content))
        with default_storage.open(part) as written:
            os.fsync(written.fileno())
        os.replace(default_storage.path(part), whole)
    except OSError as reason:
        log.error("a file could not be written", extra={"bytes": len(content), "errno": reason.errno})
        default_storage.delete(part)
        raise Refused(refusals.NO_ROOM, code="no_room") from reason


def freshen(path):
    """Whether the bytes are there with the age of now."""
    try:
        os.utime(default_storage.path(path))
    except FileNotFoundError:
        return False
    except NotImplementedError:
        return default_storage.get_modified_time(path) > timezone.now() - timedelta(minutes=30)
    return True


def as_attachment(stored, *, inline=False):
    """The response that serves the file: named, never sniffed, in a sandbox where even a page among the bytes could do nothing.

    The permission check is the caller's. `inline` is for pictures shown on a page. Raises Http404 when the storage has lost the bytes.
    """
    try:
        content = stored.open()
    except FileNotFoundError:
        log.error("a stored file has lost its bytes", extra={"file": stored.pk})
        raise Http404 from None
    response = FileResponse(content, as_attachment=not inline, filename=stored.name, content_type=stored.content_type)
    # A header that is set already wins over the site's own policy.
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def sweep_orphans(*, older_than=timedelta(hours=1)):
    """Delete bytes that no row names; the number of files. Younger ones may still get their row from a request that is under way."""
    deleted = 0
    try:
        folders = default_storage.listdir("")[0]
    except FileNotFoundError:  # nothing has been stored here yet
        return 0
    for folder in folders:
        if len(folder) != 2:
            continue
        known = set(StoredFile.objects.filter(sha256__startswith=folder).values_list("sha256", flat=True))
        for name in default_storage.listdir(folder)[1]:
            path = f"{folder}/{name}"
            is_old = name not in known and default_storage.get_modified_time(path) < timezone.now() - older_than
            if is_old and not StoredFile.objects.filter(sha256=name).exists():  # nor since we began
                default_storage.delete(path)
                deleted += 1
    return deleted
