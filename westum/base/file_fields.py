"""A file in a form: what may be chosen, and that it is checked by its content and kept when all the rest is right."""

from django import forms
from django.utils.translation import gettext_lazy as _

from westum.base import files
from westum.base.uploads import KINDS

LIMITS = _("PDF, picture (JPG, PNG) or text document (DOCX, ODT), at most 20 MB.")
ACCEPTED = ",".join(f".{extension}" for kind in KINDS for extension in kind.extensions)


def file_field(**options):
    return forms.FileField(
        help_text=LIMITS,
        widget=forms.FileInput(attrs={"accept": ACCEPTED}),
        # The content is looked at by westum.base.files, which has the better sentence for an empty file.
        allow_empty_file=True,
        **options,
    )


class KeptFile:
    """A form whose `file` is checked by its content, and kept when all the rest is right."""

    def clean_file(self):
        upload = self.cleaned_data["file"]
        return files.store(upload, by=self.user) if upload else None
