"""The watch on each window speaks up: what breaks the policy, asks another host or fails in a script is a fault."""

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.databases("sqlite")]


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (
            "document.body.append(Object.assign(document.createElement('script'), {text: '1'}))",
            "Content Security Policy",
        ),
        ("document.body.setAttribute('style', 'color: red')", "Content Security Policy"),
        ("fetch('/static/img/mark.svg').then(() => { throw Error('planted') })", "planted"),
        ("console.error('planted')", "planted"),
        ("location = 'http://elsewhere.example.org/'", "asks elsewhere: http://elsewhere.example.org/"),
    ],
)
def test_watch_finds_a_planted_fault(visit, fault, said):
    page = visit.window()
    page.goto("/accessibility/")
    page.evaluate(f"() => {{ {fault}; }}")
    page.wait_for_timeout(300)
    found, visit.faults = visit.faults, []
    assert said in " ".join(found)


UNUSED = """async more => {
  const preloaded = [...document.querySelectorAll("link[rel=preload][as=font]")].map(link => link.href);
  document.body.getBoundingClientRect();
  await document.fonts.ready;
  const weights = [...document.fonts].filter(font => font.status === "loaded").map(font => font.weight);
  return [...preloaded, ...more].filter(href => !weights.some(weight => href.includes(`-${weight}-`)));
}"""


def test_fonts_that_are_preloaded_are_used(visit):
    page, planted = visit.window(), "/static/fonts/source-sans-3-latin-900-normal.woff2"
    for path in ("/", "/styleguide/"):
        page.goto(path)
        assert page.locator("link[rel=preload][as=font]").count() == 2
        assert page.evaluate(UNUSED, [planted]) == [planted], path
