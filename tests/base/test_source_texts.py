import pytest

from westum.base.source_texts import source_links, source_titles

LINK = '<a href="https://example.org/a?b=1&amp;c" rel="noopener external">{}</a>'


@pytest.mark.parametrize(
    ("source", "links", "titles"),
    [
        ("", "", ""),
        ("Annex IV, p. 2", "Annex IV, p. 2", "Annex IV, p. 2"),
        ("Annex IV: https://example.org/a?b=1&c", LINK.format("Annex IV"), "Annex IV"),
        ("Annex IV https://example.org/a?b=1&c; <b>", LINK.format("Annex IV") + "; &lt;b&gt;", "Annex IV; <b>"),
        ("https://example.org/a?b=1&c", LINK.format("https://example.org/a?b=1&amp;c"), "https://example.org/a?b=1&c"),
        ("Annex: javascript:alert(1)", "Annex: javascript:alert(1)", "Annex: javascript:alert(1)"),
    ],
)
def test_a_source_is_a_link_on_pages_and_its_title_on_paper(source, links, titles):
    assert source_links(source) == links
    assert source_titles(source) == titles
