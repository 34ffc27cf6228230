"""Word and ODT documents are ZIP archives: measured by their central directory before a byte is unpacked, then read as a stream.

The limits are those of QUALITY 3.7; ASVS 5.0, 5.2.3 and 5.3.2.
"""

import re
import stat
import zipfile
import zlib
from io import BytesIO

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, iterparse

from westum.base.refusals import ACTIVE_DOCUMENT, DAMAGED, LOCKED, TOO_MUCH, Refused

ENTRIES = 200
UNPACKED_BYTES = 50 * 1024 * 1024
RATIO = 100
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    OSError,
    EOFError,
    KeyError,
    ValueError,
    RuntimeError,
)  # what zipfile raises on bad bytes
# What such documents are made of. Whatever else lies in them has no business there.
PARTS = re.compile(r"xml|rels|rdf|png|jpe?g|gif|bmp|tiff?|emf|wmf|svg|odttf|ttf|otf")
UNNAMED_PARTS = re.compile(
    r"mimetype|layout-cache|ObjectReplacements/[^/]+|word/printerSettings/[^/]+\.bin|word/embeddings/[^/]+\.xlsx"
)
WORD_MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
# Fields by which Word fetches or runs something, and kinds of parts that hold something else than text.
WORD_FETCHES = re.compile(
    r"^\s*(DDE|DDEAUTO|INCLUDEPICTURE|INCLUDETEXT|IMPORT|DATABASE|LINK)\b", re.MULTILINE | re.IGNORECASE
)
WORD_CARRIES = re.compile(r"macro|vba|activex|oleobject|html|rtf|msword", re.IGNORECASE)
ODT_ACTS = re.compile(r"event-listener|script|dde-(source|connection|link)|plugin|applet|floating-frame")


def open_archive(content):
    """The archive as a ZipFile whose directory keeps within the limits. Raises Refused."""
    if content.count(b"PK\x01\x02") > 2 * ENTRIES:  # reading a directory of a million entries takes minutes
        raise Refused(TOO_MUCH, code="bomb")
    try:
        archive = zipfile.ZipFile(BytesIO(content))
    except BROKEN:
        raise Refused(DAMAGED, code="damaged") from None
    entries = archive.infolist()
    names = [entry.filename for entry in entries]
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    if len(entries) > ENTRIES or unpacked > UNPACKED_BYTES or unpacked > RATIO * max(packed, 1):
        raise Refused(TOO_MUCH, code="bomb")
    if len(set(names)) != len(names) or any(map(leads_out, names)) or any(map(is_link, entries)):
        raise Refused(DAMAGED, code="damaged")
    if any(entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED} for entry in entries):
        raise Refused(DAMAGED, code="damaged")
    if any(entry.flag_bits & 1 for entry in entries):
        raise Refused(LOCKED, code="locked")
    return archive


def leads_out(name):
    return name.startswith("/") or "\\" in name or ":" in name or ".." in name.split("/")


def is_link(entry):
    return stat.S_ISLNK(entry.external_attr >> 16)


def elements(archive, name):
    """The elements of one XML part, each with its attributes and text, as a stream: a part may be large. Raises Refused."""
    try:
        with archive.open(name) as part:
            for _event, element in iterparse(part, forbid_dtd=True):
                yield element
                element.clear()
    except (ParseError, DefusedXmlException, *BROKEN):
        raise Refused(DAMAGED, code="damaged") from None


def attribute(element, name):
    """The value of an attribute of that local name, in whatever namespace."""
    return next((value for key, value in element.items() if key.rpartition("}")[2] == name), "")


def refuse_strange_parts(archive):
    for name in archive.namelist():
        extension = name.rpartition(".")[2].lower() if "." in name.rpartition("/")[2] else ""
        if name.endswith("/") or PARTS.fullmatch(extension) or UNNAMED_PARTS.fullmatch(name):
            continue
        raise Refused(ACTIVE_DOCUMENT, code="active")
    for name in archive.namelist():
        if re.match(r"(Basic|Scripts)/|word/(vba|activeX)|.*oleObject", name, re.IGNORECASE):
            raise Refused(ACTIVE_DOCUMENT, code="active")


def check_docx(content):
    """The same bytes. Refused: macros, objects of other programs, anything fetched from elsewhere but an ordinary link."""
    archive = open_archive(content)
    refuse_strange_parts(archive)
    types = {part.get("PartName"): part.get("ContentType") for part in elements(archive, "[Content_Types].xml")}
    if types.get("/word/document.xml") != WORD_MAIN or any(WORD_CARRIES.search(kind or "") for kind in types.values()):
        raise Refused(ACTIVE_DOCUMENT, code="active")
    for name in archive.namelist():
        if name.endswith(".rels"):
            for relation in elements(archive, name):
                outside = relation.get("TargetMode", "").lower() == "external"
                if outside and not relation.get("Type", "").endswith("/hyperlink"):
                    raise Refused(ACTIVE_DOCUMENT, code="active")
        elif name.startswith("word/") and name.endswith(".xml"):
            instructions = ""
            for element in elements(archive, name):
                tag = element.tag.rpartition("}")[2]
                if tag == "instrText":
                    instructions += element.text or ""
                elif tag == "fldSimple":
                    instructions += f"\n{attribute(element, 'instr')}\n"
                elif tag == "fldChar":
                    instructions += "\n"
            if WORD_FETCHES.search(instructions):
                raise Refused(ACTIVE_DOCUMENT, code="active")
    return content


def check_odt(content):
    """The same bytes. Refused: macros, objects of other programs, pictures or parts fetched from elsewhere, a password."""
    archive = open_archive(content)
    refuse_strange_parts(archive)
    try:
        mimetype = archive.read("mimetype")
    except BROKEN:
        raise Refused(DAMAGED, code="damaged") from None
    if mimetype.strip() != b"application/vnd.oasis.opendocument.text":
        raise Refused(DAMAGED, code="damaged")
    for entry in archive.infolist():
        if (
            not entry.filename.endswith((".xml", ".rdf")) or not entry.file_size
        ):  # LibreOffice writes an empty list of short cuts
            continue
        for element in elements(archive, entry.filename):
            tag = element.tag.rpartition("}")[2]
            if tag == "encryption-data":
                raise Refused(LOCKED, code="locked")
            if ODT_ACTS.fullmatch(tag) or (tag not in {"a", "template"} and is_fetched(element)):
                raise Refused(ACTIVE_DOCUMENT, code="active")
    return content


def is_fetched(element):
    """Whether the element takes its content from outside the archive."""
    target = attribute(element, "href")
    return ":" in target.split("/")[0] or target.startswith(("/", "../"))
