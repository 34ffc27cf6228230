"""WeasyPrint, imported here alone and only when a paper is made: it takes seconds to import and needs Pango."""

import warnings
from functools import cache
from io import BytesIO
from mimetypes import guess_type

from django.conf import settings
from django.utils.translation import gettext_lazy as _  # the reader's language may be another than the paper's

with warnings.catch_warnings():
    warnings.simplefilter(
        "ignore", DeprecationWarning
    )  # full fonts are embedded, so the optional subsetter is not missed
    import weasyprint
from fontTools.ttLib import woff2
from PIL import ImageFile
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from westum.base import tagging
from westum.base.papers import DEPTH, FILES, PAGES, PaperFailed

# WeasyPrint has told Pillow to make do with halves of pictures, in the whole process: uploads are to be refused then.
ImageFile.LOAD_TRUNCATED_IMAGES = False

SVG = "{http://www.w3.org/2000/svg}"
LINKS = ("https://", "http://", "mailto:")


class NamedFiles(URLFetcher):
    """Serves westum:<name> for the names in FILES. Anything else ends the paper: neither network, nor disk, nor data: is asked."""

    def fetch(self, url, headers=None):
        scheme, _colon, name = url.partition(":")
        if scheme != "westum" or name not in FILES:
            raise FatalURLFetchingError(url)
        kind = "font/ttf" if name.endswith(".woff2") else guess_type(name)[0]
        return URLFetcherResponse(url, body=content_of(name), headers={"Content-Type": kind})


@cache
def content_of(name):
    """The bytes of one of FILES. A font is unpacked here once, as the engine would do for each paper anew: a third of its time."""
    content = (settings.BASE_DIR / "static" / name).read_bytes()
    if not name.endswith(".woff2"):
        return content
    unpacked = BytesIO()
    woff2.decompress(BytesIO(content), unpacked)
    return unpacked.getvalue()


def write(html, *, language, identifier):
    """The file as bytes; see `papers.to_pdf`."""
    try:
        page = weasyprint.HTML(string=html, url_fetcher=NamedFiles())
        root = page.etree_element
        refuse_deep(root)
        root.set("lang", language)
        if not (root.findtext("head/title") or "").strip():
            raise PaperFailed(_("This paper has no title."))
        name_pictures(root)
        document = page.render(pdf_variant="pdf/ua-1")
        refuse_large(document)
        return document.write_pdf(
            pdf_variant="pdf/ua-1", pdf_identifier=identifier, full_fonts=True, finisher=tagging.complete
        )
    except FatalURLFetchingError as reason:
        raise PaperFailed(
            _("This paper asks for something that is not its own: %(what)s"), params={"what": str(reason)[:100]}
        ) from None
    except RecursionError:
        raise PaperFailed(_("The parts of this paper are nested too deep.")) from None


def refuse_deep(root):
    level, depth = [root], 0
    while level:
        depth += 1
        if depth > DEPTH:
            raise PaperFailed(_("The parts of this paper are nested too deep."))
        level = [child for element in level for child in element]


def refuse_large(document):
    if len(document.pages) > PAGES:
        raise PaperFailed(
            _("This paper would have %(pages)s pages. Take it as a spreadsheet instead."),
            params={"pages": len(document.pages)},
        )
    targets = [(kind, target) for page in document.pages for kind, target, *_rest in page.links]
    strange = [str(target) for kind, target in targets if kind == "external" and not str(target).startswith(LINKS)]
    if strange or document.metadata.attachments or any(kind == "attachment" for kind, _target in targets):
        raise PaperFailed(_("This paper carries another file or a strange link."))


def name_pictures(root):
    """Give each inline SVG the title from which the engine takes its words, out of the ARIA attributes that a page would use."""
    by_id = {element.get("id"): element for element in root.iter() if element.get("id")}
    for picture in [element for element in root.iter() if element.tag in {"img", f"{SVG}svg"}]:
        if picture.tag == "img":
            if not picture.get("alt"):
                raise PaperFailed(_("A picture of this paper has no words for those who cannot see it."))
            continue
        if picture.get("aria-hidden") == "true" or picture.findtext(f"{SVG}title"):
            continue
        ids = f"{picture.get('aria-labelledby', '')} {picture.get('aria-describedby', '')}".split()
        words = [picture.get("aria-label", "")] + [text_of(by_id[one]) for one in ids if one in by_id]
        title = ". ".join(word.strip().rstrip(".") for word in words if word.strip())
        if not title:
            raise PaperFailed(_("A picture of this paper has no words for those who cannot see it."))
        element = picture.makeelement(f"{SVG}title", {})
        element.text = f"{title}."
        picture.insert(0, element)


def text_of(element):
    return " ".join("".join(element.itertext()).split())
