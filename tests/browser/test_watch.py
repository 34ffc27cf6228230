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
