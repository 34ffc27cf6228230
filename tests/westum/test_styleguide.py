import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import render_to_string

from westum import colours, styleguide

ON_PAPER = {"papers", "pdf"}  # templates that the PDF engine reads; no browser does
TEMPLATES = sorted(path for path in (settings.BASE_DIR / "templates").rglob("*.html") if not ON_PAPER & set(path.parts))


def test_every_pair_of_colours_has_the_contrast_it_needs():
    too_weak = [
        f"{pair['text']} on {pair['ground']} {theme}: {ratio:.2f}, needs {pair['least']}"
        for pair in colours.measured()
        for theme, ratio in zip(colours.THEMES, pair["ratios"], strict=True)
        if ratio < pair["least"]
    ]
    assert too_weak == []


@pytest.mark.parametrize(
    ("one", "other", "ratio"), [("#ffffff", "#000000", 21.0), ("#777777", "#ffffff", 4.48), ("#123456", "#123456", 1.0)]
)
def test_contrast_is_that_of_wcag(one, other, ratio):
    assert round(colours.contrast(one, other), 2) == round(colours.contrast(other, one), 2) == ratio


def test_every_colour_of_the_style_sheet_has_two_values_and_a_use():
    text = (settings.BASE_DIR / "static" / "css" / "tokens.css").read_text()
    written = set(re.findall(r"--([a-z-]+): light-dark\(", text)) - {"shadow"}
    assert set(colours.tokens()) == written
    assert {name for pair in colours.PAIRS for name in pair[:2]} <= written


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["sv", "en"])
def test_the_styleguide_is_open_and_shows_every_component(client, language):
    client.cookies["django_language"] = language
    response = client.get("/styleguide/")
    assert response.status_code == 200
    used = {template.name for template in response.templates}
    components = {f"components/{path.name}" for path in (settings.BASE_DIR / "templates" / "components").glob("*.html")}
    assert components - used == set()
    assert f'<html lang="{language}"' in response.text


@pytest.mark.django_db
def test_the_theme_can_be_chosen_and_nothing_else_slips_in(client):
    assert 'data-theme="dark"' in client.get("/styleguide/?theme=dark").text.split("<head>")[0]
    assert "data-theme" not in client.get("/styleguide/?theme=%22x").text.split("<head>")[0]


@pytest.mark.django_db
def test_ids_are_unique_and_labels_lead_somewhere(client):
    page = client.get("/styleguide/").text
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert [name for name in ids if ids.count(name) > 1] == []
    pointed = {
        name
        for group in re.findall(r'\s(?:for|aria-labelledby|aria-describedby)="([^"]+)"', page)
        for name in group.split()
    }
    assert pointed - set(ids) == set()


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(settings.BASE_DIR / "templates")))
def test_a_template_has_nothing_inline(path):
    """The content security policy allows our own files alone, so an inline style or script would be dead."""
    text = path.read_text()
    assert re.findall(r"<style|\sstyle=|\son[a-z]+=|javascript:|<script(?![^>]*\bsrc=)", text) == []


def test_style_sheets_and_scripts_ask_for_nothing_elsewhere():
    files = [*Path(settings.BASE_DIR, "static").rglob("*.css"), *Path(settings.BASE_DIR, "static", "js").rglob("*.js")]
    assert [path.name for path in files if re.search(r"https?://|@import|\beval\(|innerHTML", path.read_text())] == []


def test_every_icon_in_a_template_is_here():
    known = {path.stem for path in (settings.BASE_DIR / "static" / "icons").glob("*.svg")}
    named = {name for path in TEMPLATES for name in re.findall(r'{% icon "([a-z0-9-]+)"', path.read_text())}
    assert named - known == set()


def test_the_emblem_has_the_official_geometry():
    emblem = (settings.BASE_DIR / "static" / "img" / "eu-emblem.svg").read_text()
    assert 'viewBox="0 0 810 540"' in emblem
    assert {colour.lower() for colour in re.findall(r'fill="(#\w{6})"', emblem)} == {"#003399", "#ffcc00"}
    stars = [
        [tuple(map(float, point.split(","))) for point in points.split()]
        for points in re.findall(r'points="([^"]+)"', emblem)
    ]
    assert len(stars) == 12
    for star in stars:
        tip = min(star, key=lambda point: point[1])
        centre = (tip[0], tip[1] + 30)  # upright: the tip stands over the centre
        assert ((centre[0] - 405) ** 2 + (centre[1] - 270) ** 2) ** 0.5 == pytest.approx(180, abs=0.05)
        assert max(((x - centre[0]) ** 2 + (y - centre[1]) ** 2) ** 0.5 for x, y in star) == pytest.approx(30, abs=0.05)


def test_the_500_page_needs_nothing():
    assert "<h1>" in render_to_string("500.html")


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["403.html", "404.html", "413.html", "403_csrf.html", "session_expired.html"])
def test_error_pages_work_without_a_request_and_show_what_was_typed(name):
    page = render_to_string(name, {"typed": [("Comment", "Long <text>")], "reason": ""})
    assert "<h1>" in page
    assert "Long &lt;text&gt;" in page


def test_a_broken_form_says_the_same_words_at_top_and_field():
    form = styleguide.SampleForm({})
    page = render_to_string("components/errors.html", {"form": form}) + render_to_string(
        "components/form.html", {"form": form, "submit": "Save"}
    )
    for name, sentences in form.errors.items():
        for sentence in sentences:
            assert page.count(f">{sentence}</a>") == 1, name
            assert page.count(f"<p>{sentence}</p>") == 1, name
    links = re.findall(r'href="#([^"]+)"', page)
    assert len(links) == len(form.errors)
    assert all(f'id="{target}"' in page for target in links)
    assert page.count('aria-invalid="true"') >= len(form.errors)
    assert " novalidate" in page


def test_a_part_without_request_has_no_token():
    """A component rendered for a mail or a paper has no request, so there is nothing to protect."""
    assert "csrfmiddlewaretoken" not in render_to_string("components/button_form.html", {"url": "/x/", "label": "Go"})
