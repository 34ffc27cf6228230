import builtins
import hashlib
import http.server
import io
import os
import re
import subprocess
import sys
import threading
from datetime import date
from pathlib import Path

import pikepdf
import pytest
from django.template import engines
from django.utils import translation
from django.utils.html import escape

from tests import pdf_ua
from westum.base import charts, papers

pytestmark = pytest.mark.skipif(not papers.available(), reason="needs Pango, as PDF files do")

CONTENT = """{% extends "papers/base.html" %}{% block content %}
<section><h2>In short</h2>{% include "components/figures.html" with figures=figures only %}</section>
<section><h2>By member</h2>{% include "components/chart_bars.html" with chart=chart paper=True only %}</section>
<section class="new-page"><h2>All members</h2><table class="data"><caption>Table 1</caption>
<thead><tr><th scope="col">Member</th><th scope="col" class="num">Learners</th></tr></thead>
<tbody>{% for name in names %}<tr><th scope="row">{{ name }}</th><td class="num">{{ forloop.counter }}</td></tr>{% endfor %}</tbody></table></section>
<section><h2>How it is counted</h2><ol class="sources"><li>{% status "accepted" %} {{ free }}</li></ol>
<p><a href="https://example.org/verify/">The page about this paper</a></p></section>
{% endblock %}"""


def page(language="sv", names=("Alingsås", "Kunskapsförbundet Väst"), free="Lučenec", **cover):
    """A whole paper as HTML, with each component that papers share with pages."""
    given = {
        "title": "Antal deltagare",
        "kind": "Rapport",
        "lead": "Yrkesliv över gränser",
        "facts": [("Läget den", "23 november 2026"), ("Beställd av", None)],
        "emblem": papers.emblem("KA121-VET", date(2024, 1, 1), language),
        "code": "WST-7K4M-92QX",
        "address": "https://westum.example/verify/WST-7K4M-92QX/",
        "signed": True,
    }
    chart = charts.bars(
        title="Registrerade",
        rows=[(name, (7, 9)) for name in names],
        series=["Elever", "Anställda"],
        key="c1",
        broad=760,
    )
    context = {
        "cover": papers.Cover(**(given | cover)),
        "figures": [{"number": 212, "name": free, "meaning": "av 232", "url": ""}] * 4,
        "chart": chart,
        "names": names,
        "free": free,
    }
    with translation.override(language):
        return engines["django"].from_string(CONTENT).render(context)


def opened(pdf):
    return pikepdf.open(io.BytesIO(pdf))


def plain(body, head=""):
    return f"<!doctype html><html><head><title>T</title>{head}</head><body><h1>T</h1>{body}</body></html>"


@pytest.fixture(scope="module")
def paper():
    return papers.to_pdf(page(), language="sv")


# What a paper is


@pytest.mark.parametrize("language", ["sv", "en"])
def test_a_paper_passes_every_rule_of_pdf_ua(language, settings):
    settings.DEMO = language == "en"
    with opened(papers.to_pdf(page(language), language=language)) as pdf:
        assert pdf_ua.faults(pdf, language=language) == []


def test_a_long_paper_has_bookmarks_and_repeats_its_headers():
    with opened(papers.to_pdf(page(names=[f"Medlem {n}" for n in range(400)]), language="sv")) as pdf:
        assert len(pdf.pages) > 10
        assert pdf_ua.faults(pdf, language="sv") == []
        top = pdf_ua.Element(pdf.Root.StructTreeRoot.K[0], None)
        tables = [element for element in top.all() if element.kind == "/Table"]
        assert len(tables) > 9
        assert all(any(child.kind == "/THead" for child in table.children) for table in tables)
        remove(pdf.Root, "/Outlines")
        assert pdf_ua.faults(pdf, language="sv") == [("bookmarks", "")]


def elements(pdf, kind):
    return [one for one in pdf_ua.Element(pdf.Root.StructTreeRoot.K[0], None).all() if one.kind == kind]


def reveal(pdf):
    pdf.pages[0].Contents = pdf.make_stream(pdf.pages[0].Contents.read_bytes() + b"\n0 0 9 9 re f\n")


def remove(entries, key):
    del entries[key]


BREAKS = {
    "marked": lambda pdf: remove(pdf.Root, "/MarkInfo"),
    "language": lambda pdf: setattr(pdf.Root, "Lang", "de"),
    "title is shown": lambda pdf: remove(pdf.Root, "/ViewerPreferences"),
    "title": lambda pdf: remove(pdf.Root, "/Metadata"),
    "says PDF/UA": lambda pdf: remove(pdf.Root, "/Metadata"),
    "nothing is carried": lambda pdf: pdf.attachments.__setitem__("a.txt", b"a"),
    "tab order": lambda pdf: remove(pdf.pages[1].obj, "/Tabs"),
    "all content is marked": reveal,
    "fonts are embedded": lambda pdf: [
        font.DescendantFonts[0].FontDescriptor.__delitem__("/FontFile2")
        for font in pdf.pages[0].Resources.Font.values()
        if "/FontFile2" in font.DescendantFonts[0].FontDescriptor
    ],
    "fonts map to letters": lambda pdf: remove(next(iter(pdf.pages[0].Resources.Font.values())), "/ToUnicode"),
    "structure": lambda pdf: remove(pdf.Root, "/StructTreeRoot"),
    "one first heading": lambda pdf: setattr(elements(pdf, "/H2")[0].entries, "S", pikepdf.Name.H1),
    "no level is skipped": lambda pdf: setattr(elements(pdf, "/H2")[0].entries, "S", pikepdf.Name.H4),
    "known kinds": lambda pdf: setattr(elements(pdf, "/H2")[0].entries, "S", pikepdf.Name.Title),
    "children": lambda pdf: setattr(elements(pdf, "/LI")[0].entries, "S", pikepdf.Name.P),
    "parents": lambda pdf: setattr(elements(pdf, "/L")[0].entries, "S", pikepdf.Name.Div),
    "all marks are in the tree": lambda pdf: setattr(elements(pdf, "/Span")[0].entries, "K", [9999]),
    "no empty tags": lambda pdf: setattr(elements(pdf, "/Span")[0].entries, "K", []),
    "pictures have words": lambda pdf: remove(elements(pdf, "/Figure")[0].entries, "/Alt"),
    "headers have a scope": lambda pdf: remove(elements(pdf, "/TH")[0].entries.A, "/Scope"),
    "cells know their headers": lambda pdf: remove(elements(pdf, "/TD")[0].entries.A, "/Headers"),
    "links have text and words": lambda pdf: remove(elements(pdf, "/Link")[0].annotations[0], "/Contents"),
    "links lead somewhere": lambda pdf: setattr(
        elements(pdf, "/Link")[0].entries, "K", elements(pdf, "/Link")[0].marks
    ),
    "tables have headers": lambda pdf: [setattr(one.entries, "S", pikepdf.Name.TD) for one in elements(pdf, "/TH")],
}


def test_every_rule_has_its_planted_fault():
    source = Path(pdf_ua.__file__).read_text()
    assert set(re.findall(r'rule\(\s*"([^"]+)"', source)) == set(BREAKS) | {"bookmarks"}  # which the long paper plants


@pytest.mark.parametrize("rule", BREAKS)
def test_each_rule_of_pdf_ua_notices_a_planted_fault(rule, paper):
    with opened(paper) as pdf:
        BREAKS[rule](pdf)
        assert rule in {name for name, _what in pdf_ua.faults(pdf, language="sv")}


def test_fonts_are_ours_alone_and_whole(paper):
    with opened(paper) as pdf:
        names = {str(font.BaseFont).partition("+")[2] for one in pdf.pages for font in one.Resources.Font.values()}
    assert {re.sub(r"[^A-Za-z0-9-]", "", name) for name in names} == {
        "Source-Sans-3",
        "Source-Sans-3-Semi-Bold",
        "Source-Sans-3-ext",  # the č of Lučenec
        "Source-Sans-3-ext-Semi-Bold",
        "Ubuntu",
    }


def letters_of(font):
    """Glyph → letters, from the table that screen readers and searches use."""
    table = font.ToUnicode.read_bytes().decode()
    pairs = re.findall(r"<([0-9a-f]{4})> <((?:[0-9a-f]{4})+)>", table, re.IGNORECASE)
    return {int(glyph, 16): bytes.fromhex(letters).decode("utf-16-be") for glyph, letters in pairs}


def text_of(pdf):
    """What a screen reader or a search finds, without its spaces."""
    found = ""
    for sheet in opened(pdf).pages:
        fonts = {name: letters_of(font) for name, font in sheet.Resources.Font.items()}
        for operands, operator in pikepdf.parse_content_stream(sheet):
            if str(operator) == "Tf":
                letters = fonts[str(operands[0])]
            elif str(operator) in {"Tj", "TJ"}:
                strings = operands[0] if str(operator) == "TJ" else operands
                for part in strings:
                    if isinstance(part, pikepdf.String):
                        codes = bytes(part)
                        glyphs = [int.from_bytes(codes[at : at + 2]) for at in range(0, len(codes), 2)]
                        found += "".join(letters.get(glyph, "?") for glyph in glyphs)
    return re.sub(r"\s", "", found)


def test_every_word_can_be_read_and_searched():
    hard = "Siffra, efter, fika, flytta, offert, fjäll, Kraft, tillfälle, Škofja"
    text = text_of(papers.to_pdf(page(free=hard), language="sv"))
    assert text.count(hard.replace(" ", "")) == 5
    assert "MedfinansierasavEuropeiskaunionen" in text
    assert "?" not in text.replace("äkta?", "")


def test_the_same_page_gives_the_same_bytes_in_another_process(paper, tmp_path):
    source = tmp_path / "page.html"
    source.write_text(page())
    program = (
        "import sys, django; django.setup(); from westum.base import papers; "
        "sys.stdout.buffer.write(papers.to_pdf(open(sys.argv[1]).read(), language='sv'))"
    )
    for seed in ("1", "4711"):
        made = subprocess.run(
            [sys.executable, "-c", program, str(source)],
            check=True,
            capture_output=True,
            env=os.environ | {"PYTHONHASHSEED": seed, "TZ": "Pacific/Auckland"},
        ).stdout
        assert hashlib.sha256(made).hexdigest() == hashlib.sha256(paper).hexdigest()


def test_the_identifier_is_the_callers_or_made_of_the_page(paper):
    with opened(paper) as pdf:
        assert bytes(pdf.trailer.ID[0]) == hashlib.sha256(page().encode()).digest()[:16]
    with opened(papers.to_pdf(plain(""), language="sv", identifier=b"0123456789abcdef")) as pdf:
        assert bytes(pdf.trailer.ID[0]) == b"0123456789abcdef"
        assert "/CreationDate" not in pdf.docinfo


# Words of the frame


@pytest.mark.parametrize(
    ("programme", "starts_on", "sv", "en"),
    [
        ("KA102", date(2015, 6, 1), "Med finansiering från Europeiska unionens program Erasmus+", "Funded by the Erasmus+ programme of the European Union"),
        ("KA116", date(2021, 1, 4), "Med finansiering från Europeiska unionens program Erasmus+", "Funded by the Erasmus+ programme of the European Union"),
        ("KA120-VET", date(2021, 3, 1), "Medfinansieras av Europeiska unionen", "Co-funded by the European Union"),
        ("KA121-VET", None, "Medfinansieras av Europeiska unionen", "Co-funded by the European Union"),
        ("KA122-VET", date(2023, 1, 1), "Medfinansieras av Europeiska unionen", "Co-funded by the European Union"),
        ("ESF+", date(2023, 8, 1), "Medfinansieras av Europeiska unionen", "Co-funded by the European Union"),
        ("ESF", date(2016, 1, 1), "Medfinansieras av Europeiska unionen", "Co-funded by the European Union"),
    ],
)  # fmt: skip
def test_emblem_and_statement_follow_programme_and_period(programme, starts_on, sv, en):
    assert papers.emblem(programme, starts_on, "sv") == papers.Emblem(
        "westum:img/eu-emblem.svg", "Europeiska unionens emblem", sv
    )
    assert papers.emblem(programme, starts_on, "en") == papers.Emblem(
        "westum:img/eu-emblem.svg", "Emblem of the European Union", en
    )


@pytest.mark.parametrize(
    ("programme", "starts_on"), [("ESF", date(2009, 1, 1)), ("ESF", None), ("Växtkraft", date(2006, 1, 1))]
)
def test_no_statement_is_invented(programme, starts_on):
    assert papers.emblem(programme, starts_on, "sv") is None


def test_a_paper_without_emblem_or_code_leaves_their_places_out():
    html = page(emblem=None, code="", signed=False)
    assert "eu-emblem" not in html
    assert 'class="proof"' not in html


def test_the_foot_is_one_sentence_in_the_language_of_the_paper():
    assert papers.page_words() == ["Page ", " of ", ""]
    with translation.override("sv"):
        assert len(papers.page_words()) == 3


@pytest.mark.parametrize("demo", [True, False])
def test_a_demonstration_says_so_on_its_papers(demo, settings):
    settings.DEMO = demo
    with translation.override("en"):
        assert (papers.demo_words() in page("en")) is demo or not papers.demo_words()
    html = page("en")
    assert ('class="demo"' in html) is demo
    with opened(papers.to_pdf(html, language="en")) as pdf:
        in_margins = [page.Contents.read_bytes().count(b"/Pagination") for page in pdf.pages]
    assert in_margins == ([1, 2] if demo else [1, 1])  # the first page says it in its text


def test_the_qr_code_is_a_picture_with_words_and_without_style():
    svg = papers.qr_code("https://westum.example/verify/<b>", "Leads to <the> page")
    assert svg.startswith("<svg ")
    assert "<title>Leads to &lt;the&gt; page</title>" in svg
    assert not re.search(r"style|script|class=\"qrline", svg)
    assert svg == papers.qr_code("https://westum.example/verify/<b>", "Leads to <the> page")


# What a paper refuses


@pytest.mark.parametrize(
    "html",
    [
        plain("<div>" * 400 + "deep" + "</div>" * 400),
        plain("<span>" * 5000),
        plain('<p style="break-after: page">x</p>' * (papers.PAGES + 1)),
        plain("x" * papers.HTML_CHARACTERS),
        "<html><body><h1>no title</h1></body></html>",
        plain('<img src="westum:img/mark.svg">'),
        plain('<svg viewBox="0 0 1 1"><path d="M0 0h1"/></svg>'),
        plain('<a href="javascript:app.alert(1)">x</a>'),
        plain('<a href="file:///etc/passwd">x</a>'),
        plain("", '<link rel="attachment" href="westum:css/paper.css">'),
        plain('<a rel="attachment" href="westum:css/paper.css">x</a>'),
        plain('<img alt="x" src="westum:img/mark.svg/../../../etc/passwd">'),
        plain('<img alt="x" src="westum:settings.py">'),
    ],
)
def test_a_paper_that_cannot_be_made_fails_with_a_sentence(html):
    with pytest.raises(papers.PaperFailed) as caught:
        papers.to_pdf(html, language="sv")
    assert caught.value.messages[0].strip()


def test_without_pango_there_is_one_sentence(monkeypatch):
    real = builtins.__import__

    def fails(name, *rest, **options):
        if name == "westum.base" and "paper_engine" in (rest[2] or ()):
            raise OSError("cannot load library 'libgobject-2.0-0'")
        return real(name, *rest, **options)

    monkeypatch.setattr(builtins, "__import__", fails)
    with pytest.raises(papers.Unavailable) as caught:
        papers.to_pdf(plain(""), language="sv")
    assert "Pango" in caught.value.messages[0]
    monkeypatch.undo()
    monkeypatch.setattr(papers, "loads", lambda name: False)
    assert not papers.available()


# S7: what user text can reach


@pytest.fixture
def canary(tmp_path, monkeypatch):
    """A server that counts who asks, and a file that nobody may read."""
    hits = []

    class Listener(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            hits.append(self.path)
            if self.path.startswith("/away"):
                self.send_response(302)
                self.send_header("Location", f"http://127.0.0.1:{server.server_port}/followed")
            else:
                self.send_response(200)
            self.end_headers()

        def log_message(self, *args):
            pass

    secret = tmp_path / "secret.txt"
    secret.write_text("CANARY-8c1f-" * 40)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Listener) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", secret.as_uri(), hits
        server.shutdown()
        thread.join()


def payloads(web, disk):
    """Forty ways to make an HTML engine ask for something."""
    svg = "<svg xmlns='http://www.w3.org/2000/svg' xmlns:xlink='http://www.w3.org/1999/xlink' width='9' height='9'>{}</svg>"
    shapes = [
        '<img alt="x" src="{}">', '<img alt="x" srcset="{} 2x" src="{}">', '<picture><source srcset="{}"><img alt="x" src="{}"></picture>',
        '<object data="{}">x</object>', '<embed src="{}">', '<iframe src="{}"></iframe>',
        '<style>@import "{}";</style>', '<style>@import url({});</style>', '<link rel="stylesheet" href="{}">',
        '<style>@font-face {{ font-family: f; src: url("{}") }} p {{ font-family: f }}</style><p>x</p>',
        '<p style="background: url(\'{}\')">x</p>', '<p style="background-image: image-set(url({}) 1x)">x</p>',
        '<ul style="list-style-image: url({})"><li>x</li></ul>', '<style>p::before {{ content: url("{}") }}</style><p>x</p>',
        '<p style="border-image: url({}) 9">x</p>', '<p style="mask-image: url({})">x</p>',
        '<style>@page {{ background: url("{}") }}</style>', '<style>@page {{ @top-left {{ content: url("{}") }} }}</style>',
        '<style>@color-profile --c {{ src: url("{}") }} p {{ color: color(--c 1 0 0) }}</style><p>x</p>',
        '<video poster="{}"></video>', '<input type="image" src="{}">', '<body background="{}">', '<base href="{}"><img alt="x" src="a.png">',
        '<link rel="attachment" href="{}">', '<a rel="attachment" href="{}">x</a>', '<link rel="icon" href="{}">',
        '<meta http-equiv="refresh" content="0; url={}">', '<script src="{}"></script>', '<form action="{}"><input></form>',
        svg.format('<title>x</title><image href="{}" width="9" height="9"/>'), svg.format('<title>x</title><image xlink:href="{}" width="9" height="9"/>'),
        svg.format('<title>x</title><use href="{}#a"/>'), svg.format("<title>x</title><style>@import url({});</style>"),
        svg.format('<title>x</title><rect width="9" height="9" fill="url({}#a)"/>'), svg.format('<title>x</title><style>rect {{ mask: url({}#a) }}</style><rect width="9" height="9"/>'),
        '<?xml-stylesheet href="{}"?>', '<!DOCTYPE a [<!ENTITY b SYSTEM "{}">]>&b;', '{{% include "{}" %}}', '"><img alt="x" src={}>',
        "'-->]]></style></script><img alt='x' src='{}'>",
    ]  # fmt: skip
    targets = [
        f"{web}/hit",
        disk,
        f"{web}/away",
        disk.replace("file://", "FILE://localhost"),
        "data:image/svg+xml,<svg/>",
    ]
    return [
        shape.replace("{}", targets[n % 2]) if n % 5 else shape.replace("{}", targets[n // 5 % 5])
        for n, shape in enumerate(shapes)
    ]


def streams(pdf):
    """The decoded bytes of every stream in the file: pages, fonts, pictures, attachments."""
    with opened(pdf) as document:
        for found in document.objects:
            if isinstance(found, pikepdf.Stream):
                yield found.read_bytes()


def test_hostile_html_reaches_nothing_even_unescaped(canary):
    web, disk, hits = canary
    every = payloads(web, disk) + payloads(disk, web)
    assert len(payloads(web, disk)) == 40
    made = 0
    for payload in every:
        try:
            pdf = papers.to_pdf(plain(payload.replace("{{", "{").replace("}}", "}")), language="sv")
        except papers.PaperFailed:
            continue
        made += 1
        assert not any(b"CANARY-8c1f" in stream for stream in streams(pdf)), payload
        assert b"/EmbeddedFile" not in pdf
    assert hits == []
    print(f"papers: n = {len(every)} hostile pages, {len(every) - made} refused, {made} made without a request")  # noqa: T201


def test_user_text_in_a_paper_is_text_and_reaches_nothing(canary):
    web, disk, hits = canary
    hostile = payloads(web, disk)
    every = " ".join(hostile)
    html = page(
        names=hostile,
        free=every,
        title=every,
        kind=every,
        lead=every,
        facts=[(every, every)],
        code=every,
    )
    assert not any(payload in html for payload in hostile if "<" in payload)
    assert html.count(escape(every)) == 2 + 1 + 2 + 2 + 2 + 4 + 1  # each field at each of its places, whole
    harmless = papers.to_pdf(page(names=["a"] * 40, free="b"), language="sv")
    for turn in range(4):  # ten at a time: a heading of four thousand letters is no paper
        ten = hostile[turn::4]
        text = " ".join(ten[:3])
        fields = {
            "title": text,
            "kind": ten[3],
            "lead": ten[4],
            "facts": [(ten[5], ten[6])],
            "code": ten[7],
            "address": ten[8],
        }
        pdf = papers.to_pdf(page(names=hostile, free=ten[9], **fields), language="sv")
        assert not any(b"CANARY-8c1f" in stream for stream in streams(pdf))
        with opened(pdf) as one, opened(harmless) as other:
            assert str(one.docinfo.Title) == f"{text}, {ten[4]}"  # what comes out is what was typed
            assert [len(elements(one, kind)) for kind in KINDS] == [len(elements(other, kind)) for kind in KINDS]
            assert pdf_ua.faults(one, language="sv") == []
    assert hits == []
    print("papers: n = 40 payloads × 8 fields escaped, 4 papers of 80 payloads each made, 0 requests")  # noqa: T201


KINDS = ("/Figure", "/Link", "/H1", "/H2", "/TD")


def test_the_engines_own_fetcher_would_have_reached_them(canary, monkeypatch):
    """The planted control: without our fetcher the same pages do reach network and disk."""
    from weasyprint.urls import URLFetcher

    from westum.base import paper_engine

    web, disk, hits = canary
    monkeypatch.setattr(paper_engine, "NamedFiles", URLFetcher)
    monkeypatch.setattr(paper_engine, "refuse_large", lambda document: None)
    papers.to_pdf(plain(f'<img alt="x" src="{web}/hit"><img alt="x" src="{web}/away">'), language="sv")
    assert hits == ["/hit", "/away", "/followed"]
    pdf = papers.to_pdf(plain("", f'<link rel="attachment" href="{disk}">'), language="sv")
    assert any(b"CANARY-8c1f" in stream for stream in streams(pdf))
