"""What may be uploaded: the content decides, the name must agree, and nothing that acts by itself gets in.

Sources: ASVS 5.0 chapter 5 and the OWASP file upload sheet. HEIC is left out whole: nothing installed here can open it, and phones
send JPEG when a page asks for it.
"""

import re
import unicodedata
from dataclasses import dataclass
from io import BytesIO

from django.conf import settings
from PIL import Image, ImageOps

from westum.base import refusals
from westum.base.archives import check_docx, check_odt, open_archive
from westum.base.refusals import Refused

# An 8160 × 6144 picture of a phone passes, and the decoders stay below a quarter of a gigabyte.
JPEG_PIXELS = 52_000_000
PNG_PIXELS = 25_000_000
PDF_OBJECTS = 100_000
NAME_LENGTH = 150


@dataclass(frozen=True)
class Kind:
    label: str
    content_type: str
    extensions: tuple


PDF = Kind("PDF", "application/pdf", ("pdf",))
JPEG = Kind("JPEG", "image/jpeg", ("jpg", "jpeg", "jpe", "jfif"))
PNG = Kind("PNG", "image/png", ("png",))
DOCX = Kind("DOCX", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", ("docx",))
ODT = Kind("ODT", "application/vnd.oasis.opendocument.text", ("odt",))
KINDS = (PDF, JPEG, PNG, DOCX, ODT)
PICTURES = (JPEG, PNG)


def inspect(content, name, *, kinds=KINDS):
    """The kind of an uploaded file and the bytes to keep: a picture is written anew, all else stays as it came.

    Raises Refused when the content is of no such kind, acts by itself, or disagrees with its name.
    """
    if not content:
        raise Refused(refusals.EMPTY, code="empty")
    if len(content) > settings.UPLOAD_LIMIT:
        raise too_large()
    kind = kind_of(content)
    extension = name.rpartition(".")[2].lower() if "." in name else ""
    if kind not in kinds:
        if content[4:12] in HEIC_BRANDS:
            raise Refused(refusals.HEIC, code="heic")
        expected = next((known for known in kinds if extension in known.extensions), None)
        if expected:
            raise disagrees(extension, expected)
        labels = ", ".join(known.label for known in kinds)
        raise Refused(refusals.OTHER_KIND, code="kind", params={"kinds": labels})
    if not extension:
        raise Refused(refusals.NO_ENDING, code="extension", params={"extension": kind.extensions[0]})
    if extension not in kind.extensions:
        raise disagrees(extension, kind)
    return kind, CHECKS[kind](content)


HEIC_BRANDS = {b"ftyp" + brand for brand in (b"heic", b"heix", b"heif", b"hevc", b"mif1", b"msf1", b"avif")}


def too_large():
    return Refused(refusals.TOO_LARGE, code="size", params={"limit": settings.UPLOAD_LIMIT // (1024 * 1024)})


def disagrees(extension, kind):
    shown = re.sub(r"\W", "", extension)[:10]
    return Refused(refusals.DISAGREES, code="extension", params={"extension": shown, "kind": kind.label})


def kind_of(content):
    """The kind by the very first bytes, so that nothing can stand before what is checked; None when it is none of ours."""
    if content.startswith(b"%PDF-"):
        return PDF
    if content.startswith(b"\xff\xd8\xff"):
        return JPEG
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if content.startswith(b"PK\x03\x04"):
        names = open_archive(content).namelist()
        if "[Content_Types].xml" in names and "word/document.xml" in names:
            return DOCX
        if "mimetype" in names and "content.xml" in names:
            return ODT
    return None


def clean_name(name, extension):
    """A name that every file system takes and that shows what it is: no folders, no turned direction, no names of devices."""
    name = unicodedata.normalize("NFC", name)
    name = re.split(r"[/\\]", name)[-1]
    name = "".join(" " if letter.isspace() else letter for letter in name)
    name = "".join(letter for letter in name if unicodedata.category(letter)[0] != "C")
    name = re.sub(r'[<>:"|?*]', "_", " ".join(name.split()))
    stem = (name.rpartition(".")[0] if "." in name else name).strip(". ")
    if not stem or re.fullmatch(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", stem, re.IGNORECASE):
        stem = f"file {stem}".strip()
    return f"{stem[: NAME_LENGTH - len(extension) - 1].rstrip('. ')}.{extension}"


def check_jpeg(content):
    """The picture written anew and upright, without its place, camera, comments, profile or thumbnail."""
    picture = opened(content, "JPEG", JPEG_PIXELS)
    try:
        picture.draft("RGB", (3000, 3000))  # decodes a huge picture at half its size, which still reads well
        picture = ImageOps.exif_transpose(picture).convert("RGB")
    except Exception:  # noqa: BLE001 (the decoders raise whatever they meet in a broken file)
        raise Refused(refusals.DAMAGED, code="damaged") from None
    return written(picture, "JPEG", quality=90)


def check_png(content):
    """The picture written anew and upright: its first frame, without texts and profile."""
    picture = opened(content, "PNG", PNG_PIXELS)
    try:
        picture = ImageOps.exif_transpose(picture)
        picture = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    except Exception:  # noqa: BLE001 (the decoders raise whatever they meet in a broken file)
        raise Refused(refusals.DAMAGED, code="damaged") from None
    return written(picture, "PNG")


def opened(content, format_name, pixels):
    try:
        picture = Image.open(BytesIO(content), formats=[format_name])
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Refused(refusals.TOO_MANY_PIXELS, code="pixels") from None
    except Exception:  # noqa: BLE001 (the decoders raise whatever they meet in a broken file)
        raise Refused(refusals.DAMAGED, code="damaged") from None
    if picture.width * picture.height > pixels:
        raise Refused(refusals.TOO_MANY_PIXELS, code="pixels")
    return picture


def written(picture, format_name, **options):
    picture.info = {}
    target = BytesIO()
    picture.save(target, format_name, **options)
    return target.getvalue()


# Keys by which a PDF carries a program, a form engine or another file, and actions that do more than show another place or page.
PDF_CARRIES = {"/JS", "/JavaScript", "/EmbeddedFile", "/EmbeddedFiles", "/EF", "/XFA", "/RichMediaContent"}
PDF_ACTIONS = {"/JavaScript", "/Launch", "/ImportData", "/SubmitForm", "/GoToR", "/GoToE", "/Rendition"}
PDF_ON_OPENING = {"/GoTo", "/Named"}


def check_pdf(content):
    """The same bytes, so that a signature stays valid. Refused: locked, damaged, or with anything that acts or is carried along."""
    import pikepdf  # 0.3 s, and only uploads need it
    from pikepdf.settings import set_qpdf_limits

    set_qpdf_limits(flate_max_memory=64 * 1024 * 1024, parser_max_nesting=100, doc_max_warnings=200)
    try:
        with pikepdf.open(BytesIO(content)) as pdf:
            if pdf.is_encrypted:
                raise Refused(refusals.LOCKED, code="locked")
            if len(pdf.objects) > PDF_OBJECTS:
                raise Refused(refusals.COMPLEX_PDF, code="complex")
            if not pdf.pages:
                raise Refused(refusals.DAMAGED, code="damaged")
            for found in pdf.objects:
                if acts(found, pikepdf):
                    raise Refused(refusals.ACTIVE_PDF, code="active")
    except Refused:
        raise
    except pikepdf.PasswordError:
        raise Refused(refusals.LOCKED, code="locked") from None
    except Exception:  # noqa: BLE001 (qpdf's binding raises a dozen kinds on a broken file)
        raise Refused(refusals.DAMAGED, code="damaged") from None
    return content


def acts(found, pikepdf):
    """Whether one object of a PDF, or one written inside it, does or carries something. Referenced objects come by themselves."""
    waiting = [found]
    while waiting:
        value = waiting.pop()
        if isinstance(value, pikepdf.Array):
            inner = list(value)
        elif isinstance(value, pikepdf.Dictionary | pikepdf.Stream):
            keys = set(value.keys())
            if keys & PDF_CARRIES or str(value.get("/S")) in PDF_ACTIONS:
                return True
            if isinstance(value, pikepdf.Stream) and "/F" in keys:  # its bytes would come from a file elsewhere
                return True
            if any(acts_on_opening(value[key], pikepdf) for key in keys & {"/OpenAction", "/AA"}):
                return True
            inner = [value[key] for key in keys]
        else:
            continue
        waiting += [one for one in inner if isinstance(one, pikepdf.Object) and not one.is_indirect]
    return False


def acts_on_opening(action, pikepdf):
    """Whether the file, a page or a field does more than jump within the file when it is opened."""
    if isinstance(action, pikepdf.Array):
        return False  # a place to open at
    actions = [action] if "/S" in action else [action[key] for key in action.keys()]  # noqa: SIM118 (not a dict)
    return any(str(one.get("/S")) not in PDF_ON_OPENING for one in actions)


CHECKS = {PDF: check_pdf, JPEG: check_jpeg, PNG: check_png, DOCX: check_docx, ODT: check_odt}
