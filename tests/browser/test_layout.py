"""A2: what axe cannot see. Nothing scrolls sideways on a phone, the keyboard is never lost, pages are whole without script."""

import re

import pytest

from tests.browser import contrast
from tests.browser.conftest import DESK, PHONE
from tests.browser.crawl import expected
from tests.browser.installation import ROLES

pytestmark = [pytest.mark.browser, pytest.mark.databases("sqlite")]
# How far the page goes beyond its window, and which elements do; what scrolls in a named frame of its own may.
TOO_WIDE = """() => {
  const wide = document.documentElement.scrollWidth - innerWidth;
  if (wide <= 0) return [];
  const beyond = [...document.body.querySelectorAll("*")].filter(element => {
    const frame = element.closest(".scroll[tabindex='0'][role=region]");
    return element.getBoundingClientRect().right > innerWidth + 1 && (!frame || frame === element);
  });
  return [`${wide} px too wide`, ...beyond.slice(0, 3).map(element => element.outerHTML.slice(0, 120))];
}"""
# Frames that scroll must be reachable by keyboard and have a name.
NAMELESS = """() => [...document.querySelectorAll("*")].filter(element =>
  /auto|scroll/.test(getComputedStyle(element).overflowX) && element.scrollWidth > element.clientWidth + 1 &&
  element.tagName !== "TEXTAREA" && !(element.tabIndex >= 0 && (element.ariaLabel || element.getAttribute("aria-labelledby")))
).map(element => element.outerHTML.slice(0, 120))"""
# WCAG 1.4.12, and text at 200 % (1.4.4). Elements that hide what they cannot hold have lost text.
SPACING = "* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important } p { margin-block-end: 2em !important }"
LARGE = "html { font-size: 200% !important }"
CLIPPED = """() => [...document.querySelectorAll("main *, header *, footer *")].filter(element => {
  const style = getComputedStyle(element);
  if (element.closest(".hidden-text, svg, progress, [aria-hidden=true]") || !element.innerText?.trim()) return false;
  if (style.clipPath !== "none" || style.display === "none" || element.clientHeight === 0) return false;
  const cut = (axis, size, room) => /hidden|clip/.test(axis) && size > room + 1;
  return cut(style.overflowY, element.scrollHeight, element.clientHeight) || cut(style.overflowX, element.scrollWidth, element.clientWidth);
}).map(element => element.outerHTML.slice(0, 120))"""
MOVING = """() => document.getAnimations().filter(one => one.playState === "running")
  .map(one => one.effect.target.outerHTML.slice(0, 120))"""
# Asked at once: each question takes a way through three processes.
AS_IT_IS = f"() => [({TOO_WIDE})(), ({NAMELESS})(), ({MOVING})()]"
STYLED = f"""css => {{
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  document.adoptedStyleSheets = [sheet];
  return [({TOO_WIDE})(), ({CLIPPED})()];
}}"""


def faults_of_layout(page):
    """At 320 px, which is also 1280 px at a zoom of 400 %; then with wide spacing; then with text of double size."""
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    wide, nameless, moving = page.evaluate(AS_IT_IS)
    yield from wide
    yield from (f"a frame without name or stop: {found}" for found in nameless)
    yield from (f"moves: {found}" for found in moving)
    wide, clipped = page.evaluate(STYLED, SPACING)
    yield from (f"spaced: {found}" for found in wide)
    yield from (f"spaced: cut off: {found}" for found in clipped)
    page.set_viewport_size({"width": DESK[0], "height": DESK[1]})
    wide, clipped = page.evaluate(STYLED, LARGE)
    yield from (f"large: {found}" for found in wide)
    yield from (f"large: cut off: {found}" for found in clipped)


def test_nothing_scrolls_sideways_or_is_cut_off(visit, crawled, role):
    page, faults, n = visit.window(role, language="sv", size=PHONE, reduced_motion="reduce"), [], 0
    # Who only reads sees the coordinator's pages without their buttons.
    pages = one_each(crawled(role)) if role in {"staff", "auditor"} else crawled(role).chosen()
    for route, path in pages:
        page.goto(path)
        faults += [f"{route} {path}: {found}" for found in faults_of_layout(page)]
        n += 1
    print(f"n = {n} pages as {role}")
    if faults:
        pytest.fail("\n".join(faults), pytrace=False)


def test_faults_of_layout_are_found(visit):
    page = visit.window(size=PHONE, reduced_motion="reduce")
    page.goto("/accessibility/")
    assert list(faults_of_layout(page)) == []
    page.goto("/accessibility/")
    page.evaluate(
        """() => {
          const main = document.querySelector("main");
          main.insertAdjacentHTML("beforeend", "<p>wide</p><div>a frame that scrolls</div><p>cut off</p><p>moves</p>");
          const [wide, frame, cut, moving] = [...main.children].slice(-4);
          wide.style.width = "1700px";
          frame.style.cssText = "width: 60px; overflow-x: auto; white-space: nowrap";
          cut.style.cssText = "height: 5px; overflow: hidden";
          moving.animate({opacity: [0, 1]}, {duration: 60_000});
        }"""
    )
    said = " | ".join(faults_of_layout(page))
    for fault in ["px too wide", "a frame without name", "moves:", "spaced: 1", "cut off: <p", "large: "]:
        assert fault in said


# The keyboard

# What has the focus, how that shows, whether something lies over it, and where it stands. Null when nobody has it.
STOP = """() => {
  const element = document.activeElement;
  if (!element || element === document.body || element === document.documentElement) return null;
  // A choice shows its focus on the label around it, a card's link on the card.
  const shown = [element, element.closest("label"), element.closest(".card")].filter(Boolean).map(one => getComputedStyle(one))
    .find(style => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2);
  const box = element.getBoundingClientRect();
  const line = element.getClientRects()[0] ?? box;  // the middle of a link over two lines may be beside both
  const x = Math.min(Math.max(line.left + line.width / 2, 0), innerWidth - 1);
  const y = Math.min(Math.max(line.top + Math.min(line.height, innerHeight) / 2, 0), innerHeight - 1);
  const top = document.elementFromPoint(x, y);
  let behind = element.parentElement;
  while (behind && /, 0\\)$|transparent/.test(getComputedStyle(behind).backgroundColor)) behind = behind.parentElement;
  return {
    html: element.outerHTML.slice(0, 120), colour: shown?.outlineColor, inMain: !!element.closest("main"),
    behind: behind ? getComputedStyle(behind).backgroundColor : "rgb(255, 255, 255)",
    box: [box.left, box.top + scrollY, box.right, box.bottom + scrollY],
    seen: box.width > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
    covered: !top || !(top.contains(element) || element.contains(top) || element.closest("label, .card")?.contains(top)),
    end: element === [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")]
      .filter(one => one.tabIndex >= 0 && one.checkVisibility()).at(-1),
  };
}"""
STOPS = 400


def faults_of_keyboard(page):
    """Tab through the page: (faults, number of stops)."""
    faults, before, n = [], None, 0
    for n in range(1, STOPS):  # noqa: B007
        page.keyboard.press("Tab")
        stop = page.evaluate(STOP)
        if stop is None:
            faults.append(f"the focus is lost after {before and before['html']}")
            break
        solid = contrast.parsed(stop["behind"]) or (255, 255, 255)
        if not stop["colour"]:
            faults.append(f"the focus does not show: {stop['html']}")
        elif contrast.contrast(contrast.parsed(stop["colour"]), solid) < 3:
            faults.append(f"the focus shows faintly, {stop['colour']} on {stop['behind']}: {stop['html']}")
        if not stop["seen"] or stop["covered"]:
            faults.append(f"the stop is out of sight or covered: {stop['html']}")
        if before and before["inMain"] and stop["inMain"] and is_above(stop["box"], before["box"]):
            faults.append(f"the focus goes back up to {stop['html']} from {before['html']}")
        if stop["end"]:
            break
        before = stop
    else:
        faults.append(f"no end after {STOPS} stops")
    return faults, n


def is_above(box, other):
    """Wholly above, and in the same column."""
    return box[3] <= other[1] and box[0] < other[2] and other[0] < box[2]


def test_each_stop_of_the_keyboard_shows(visit, crawled, role):
    page, faults, n, stops = visit.window(role, size=DESK, dark=role in {"staff", "participant"}), [], 0, 0
    for route, path in one_a_route(crawled(role), role):
        page.goto(path)
        found, number = faults_of_keyboard(page)
        faults += [f"{route} {path}: {fault}" for fault in found]
        n, stops = n + 1, stops + number
    print(f"n = {stops} stops on {n} pages as {role}")
    if faults:
        pytest.fail("\n".join(faults), pytrace=False)


def one_each(found):
    """(route, path): the shortest address of each route."""
    for route, pages in found.pages.items():
        yield route, min(pages, key=lambda path: ("?" in path, len(path), path))


def one_a_route(found, role):
    """A page of each route that no role before this one has; the start page by everybody."""
    for route, path in one_each(found):
        roles = [name for name in ROLES if route in expected(name)] or ["anonymous"]
        if role == roles[0] or route == "reporting:start":
            yield route, path


def test_faults_of_the_keyboard_are_found(visit):
    page = visit.window()
    for plant, said in {
        "a.style.outline = 'none'": "does not show",
        "a.style.outlineColor = getComputedStyle(document.body).backgroundColor": "shows faintly",
        "a.style.cssText = 'position: absolute; left: -999px'": "out of sight",
        "a.addEventListener('focus', () => a.blur())": "is lost",
        "document.querySelector('.lead').innerHTML += '<a href=\"/\">x</a>'; a.style.cssText = 'position: absolute; inset: 0 0 auto 0'": "goes back up",
    }.items():
        page.goto("/accessibility/")
        assert faults_of_keyboard(page)[0] == []
        page.goto("/accessibility/")
        page.evaluate(f"() => {{ const a = [...document.querySelectorAll('main a')].at(-1); {plant} }}")
        assert said in " | ".join(faults_of_keyboard(page)[0]), said


# Without script


SECRET = re.compile(r"\b([A-Z2-7]{4} ){7}[A-Z2-7]{4}\b")  # for an app of codes; each log-in is told another one


def lines_of(page):
    words = page.evaluate("() => document.querySelector('main').innerText")
    return SECRET.sub("(a secret)", words).split("\n")


def test_pages_are_whole_without_script(visit, crawled, role):
    """The same words as with script; only what a <noscript> says comes on top."""
    with_script, without = visit.window(role), visit.window(role, script=False)
    faults, n = [], 0
    for route, path in one_a_route(crawled(role), role):
        with_script.goto(path)
        without.goto(path)
        told = set(lines_of(without))
        faults += [f"{route} {path}: {line}" for line in lines_of(with_script) if line not in told]
        n += 1
    print(f"n = {n} pages as {role}")
    assert faults == []
