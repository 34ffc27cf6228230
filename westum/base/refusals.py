"""What people read when a file is not taken: what is wrong, then the way out, in at most 20 words."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

EMPTY = _("The file is empty. Open it on your device, save it anew and choose it again.")
TOO_LARGE = _("The file is larger than %(limit)s MB. Scan it more coarsely or divide it, and choose it again.")
HEIC = _("This picture is a HEIC file. Save the picture as JPEG and choose that one.")
OTHER_KIND = _("Files of this kind cannot be taken. Choose a file of one of these kinds: %(kinds)s.")
DISAGREES = _("The name ends in .%(extension)s, but the content is of another kind. Save it anew as %(kind)s.")
NO_ENDING = _("The name of the file has no ending. Put .%(extension)s at its end and choose it again.")
DAMAGED = _("The file is damaged and cannot be opened. Save it anew and choose the new file.")
LOCKED = _("This file is locked with a password. Save it without one and choose it again.")
COMPLEX_PDF = _("This PDF is too complex to check. Print it to a new PDF and choose that one.")
ACTIVE_PDF = _("This PDF carries a program or other files. Print it to a new PDF and choose that one.")
ACTIVE_DOCUMENT = _("The document carries macros or other files. Save it as PDF and choose that one.")
TOO_MUCH = _("The document unpacks to more than can be taken. Save it as PDF and choose that one.")
TOO_MANY_PIXELS = _("The picture has too many pixels. Save it in a smaller size and choose that one.")
NO_ROOM = _("The file could not be stored and nothing was saved. Try again later, or tell the coordinator.")


class Refused(ValidationError):
    """A file that cannot be taken. The message is one of the sentences above, for the person who chose the file."""
