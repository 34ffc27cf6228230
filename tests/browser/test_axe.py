"""A1: axe finds nothing on any page that any role can open, in both languages, on phone and desk, light and dark.

Every route is seen by each role that may see it, and in each combination of PAIRS. `--browser-all` sees every page in all
eight combinations.
"""

from collections import Counter
from itertools import product

import pytest

from tests.browser import axe, contrast
from tests.browser.conftest import DESK, PHONE, speak
from tests.browser.crawl import expected
from tests.browser.installation import ROLES
from tests.browser.test_layout import TOO_WIDE

pytestmark = [pytest.mark.browser, pytest.mark.databases("sqlite")]
ALL = list(product(["sv", "en"], [PHONE, DESK], ["light", "dark"]))
# Language × width × light: any two values of two of them come together.
PAIRS = [("sv", PHONE, "light"), ("sv", DESK, "dark"), ("en", PHONE, "dark"), ("en", DESK, "light")]


def show(page, url, language, size, scheme):
    speak(page.context, url, language)
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.emulate_media(color_scheme=scheme)


def test_combinations_are_pairwise():
    for first, second in [(0, 1), (0, 2), (1, 2)]:
        assert len({(pair[first], pair[second]) for pair in PAIRS}) == 4


def test_each_route_is_found(crawled, role):
    found = crawled(role)
    assert sorted(expected(role) - set(found.pages)) == []
    assert found.broken == []


def planned(role, found):
    """(route, path, combinations): the roles that may see a route share its four pairs out among them."""
    pages = Counter()
    for route, path in found.chosen():
        roles = roles_of(route) or ROLES
        turn = roles.index(role) if role in roles else 0
        yield route, path, share(roles, turn) if not pages[route] else [PAIRS[(turn + pages[route]) % 4]]
        pages[route] += 1


def share(roles, turn):
    return [pair for number, pair in enumerate(PAIRS) if number % len(roles) == turn] or [PAIRS[turn % 4]]


def roles_of(route):
    return [role for role in ROLES if route in expected(role)]


def test_roles_share_the_combinations():
    """Each route that has a page comes up in each of the four pairs, by somebody."""
    routes = {route for role in ROLES for route in expected(role)}
    for route in routes:
        roles = roles_of(route)
        assert {pair for turn in range(len(roles)) for pair in share(roles, turn)} == set(PAIRS), route


@pytest.fixture(scope="session")
def verdicts():
    return axe.verdicts()


def test_axe_finds_nothing(visit, crawled, role, installation, request, verdicts):
    every = request.config.getoption("--browser-all")
    page, faults, n = visit.window(role), [], 0
    for route, path, pairs in planned(role, crawled(role)):
        for language, size, scheme in ALL if every else pairs:
            show(page, installation.url, language, size, scheme)
            page.goto(path)
            place = f"{route} {path} {language} {size[0]} {scheme}"
            faults += [f"{place}: {text}" for text in axe.run(page, verdicts)]
            n += 1
    print(f"n = {n} pages looked at by axe as {role}")
    if faults:
        pytest.fail("\n".join(faults), pytrace=False)


# Forms that nothing can be missing in, by the end of their route; sent empty they would do what they are for.
EMPTY_FORM = "form.form[data-once]:has(:is(textarea, select, input:not([type=hidden])))"  # not one that is a button
EMPTIED = """() => {
  for (const control of document.querySelectorAll("main form.form[data-once] :is(input, select, textarea)")) {
    if (["checkbox", "radio"].includes(control.type)) control.checked = false;
    else if (control.type !== "hidden") control.value = "";
  }
}"""
NEEDS_NOTHING = {
    "submit",
    "accept",
    "give_place",
    "close",
    "end_membership",
    "remind_wishes",
    "participant_access",
    "accept_invitation",
    "review",
    "network_join",
    "network_membership",
    "partnership_phase",
}


def test_axe_finds_nothing_on_forms_with_errors(visit, crawled, role, installation, verdicts):
    """Each form is sent empty by the first role that has it; the four pairs take turns."""
    page, faults, seen, found = visit.window(role), [], set(), crawled(role)
    for route, path in found.chosen():
        is_of_others = role not in (roles_of(route) or ROLES)[:1]
        if route in seen or is_of_others or route == "styleguide" or route.rpartition(":")[2] in NEEDS_NOTHING:
            continue
        if "form.form" not in found.pages[route][path]:
            continue
        page.goto(path)
        if not page.locator(f"main {EMPTY_FORM}").count():
            continue
        seen.add(route)
        language, size, scheme = PAIRS[len(seen) % 4]
        show(page, installation.url, language, size, scheme)
        page.goto(path)
        page.evaluate(EMPTIED)
        with page.expect_navigation():
            page.locator(f"main {EMPTY_FORM} .row .btn").first.click()
        place = f"{route} {path} {language} {size[0]} {scheme}, sent empty"
        if not page.locator("main .errors").count():
            faults.append(f"{place}: no errors on {page.url}")
        faults += [f"{place}: {text}" for text in axe.run(page, verdicts)]
        faults += [f"{place}: {text}" for text in page.evaluate(TOO_WIDE)]
    print(f"n = {len(seen)} forms as {role}: {sorted(seen)}")
    if faults:
        pytest.fail("\n".join(faults), pytrace=False)


def test_each_verdict_is_whole_and_still_needed(visit, verdicts):
    """A line that nothing on the page of all components matches any more is taken away."""
    assert all(line["verdict"].strip() and line["date"] for line in verdicts)
    selectors = [line["where"] for line in verdicts]
    wanted = dict.fromkeys(selectors, 0)
    for path in ["/styleguide/", "/people/"]:
        page = visit.window("coordinator")
        page.goto(path)
        for selector in selectors:
            wanted[selector] += page.locator(selector).count()
    assert [selector for selector, n in wanted.items() if not n] == []


# One fault for each family of rules, planted into a page without any: rule → what is done to it.
FAULTS = {
    "image-alt": "main.innerHTML += '<img src=\"/static/img/mark.svg\">'",
    "label": "main.innerHTML += '<input>'",
    "button-name": "main.innerHTML += '<button></button>'",
    "link-name": "main.innerHTML += '<a href=\"/\"></a>'",
    "html-has-lang": "document.documentElement.removeAttribute('lang')",
    "document-title": "document.title = ''",
    "color-contrast": "main.querySelector('p').style.color = '#aaa'",
    "empty-heading": "main.innerHTML += '<h2></h2>'",
    "heading-order": "main.innerHTML += '<h6>Deep</h6>'",
    "list": "main.innerHTML += '<ul><p>x</p></ul>'",
    "aria-valid-attr": "main.innerHTML += '<p aria-foo=\"1\">x</p>'",
    "aria-required-attr": 'main.innerHTML += \'<div role="checkbox" tabindex="0">x</div>\'',
    "duplicate-id-aria": 'main.innerHTML += \'<i id="d"></i><b id="d">x</b><input aria-labelledby="d">\'',
    "td-headers-attr": "main.innerHTML += '<table><tr><th>x</th><td headers=\"no\">y</td></tr></table>'",
    "target-size": (
        "main.innerHTML += '<p><button>a</button><button>b</button></p>';"
        " for (const b of main.lastChild.children) b.style.cssText = 'all:unset;width:9px;height:9px;display:inline-block'"
    ),
    "meta-viewport": "document.querySelector('meta[name=viewport]').content += ', user-scalable=no'",
    "region": "document.body.insertAdjacentHTML('afterbegin', '<p>lost</p>')",
    "autocomplete-valid": "main.innerHTML += '<label>x <input autocomplete=\"nonsense\"></label>'",
    "tabindex": 'main.innerHTML += \'<a href="/" tabindex="5">x</a>\'',
}


def test_axe_finds_each_planted_fault(visit):
    page, missed = visit.window(), []
    for rule, fault in FAULTS.items():
        page.goto("/accessibility/")
        page.evaluate(f"() => {{ const main = document.querySelector('main'); {fault} }}")
        if not any(found.removeprefix("undecided: ").startswith(f"{rule}: ") for found in axe.run(page)):
            missed.append(rule)
    print(f"n = {len(FAULTS)} planted faults")
    assert missed == []


def test_measure_of_contrast_finds_pale_text(visit):
    page = visit.window()
    page.goto("/styleguide/")
    names = [f".chartmap text:nth-of-type({number})" for number in (1, 2)]  # names at sea
    assert contrast.decided(page, names) == set(names)
    page.evaluate("for (const text of document.querySelectorAll('.chartmap text')) text.style.fill = '#0d4257'")
    assert contrast.decided(page, names) == set()
