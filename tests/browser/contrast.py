"""Contrast of text that axe could not decide, measured in the picture: the colour of the text against what lies behind it."""

from io import BytesIO

from PIL import Image

# Each text's colour, whether it is large, and the part of it that is on the page and not scrolled out of its frame.
# A text that is scrolled out entirely has the backgrounds of its ancestors behind it.
TEXTS = """selectors => selectors.map(selector => {
  const element = document.querySelector(selector), style = getComputedStyle(element);
  const size = parseFloat(style.fontSize), bold = parseInt(style.fontWeight) >= 600;
  const drawn = element instanceof SVGElement;
  const range = document.createRange();
  range.selectNodeContents(element);
  let {left, top, right, bottom} = (drawn ? element : range).getBoundingClientRect();
  const rim = drawn ? (bottom - top) / 5 : 0;  // above and below the letters
  const behind = [];
  for (let around = element; around; around = around.parentElement) {
    const look = getComputedStyle(around);
    behind.push(look.backgroundColor);
    if (around !== element && around !== document.body && around !== document.documentElement && look.overflowX !== "visible") {
      const frame = around.getBoundingClientRect();
      left = Math.max(left, frame.left); right = Math.min(right, frame.right);
    }
  }
  return {selector, colour: drawn ? style.fill : style.color, large: size >= 24 || (bold && size >= 18.66), behind,
    box: [left + scrollX, top + rim + scrollY, right + scrollX, bottom - rim + scrollY]};
})"""
HIDE = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync("* { -webkit-text-fill-color: transparent !important; transition: none !important } text { fill: transparent !important }");
  document.adoptedStyleSheets.push(sheet);
  return document.adoptedStyleSheets.length;
}"""
SHOW = "() => { document.adoptedStyleSheets.pop(); return true }"
ENOUGH, ENOUGH_LARGE = 4.5, 3
STRAY = 0.05  # the share of the picture behind a text that another line may cross


def decided(page, selectors):
    """The selectors whose text stands out enough."""
    if not selectors:
        return set()
    texts = page.evaluate(TEXTS, selectors)
    page.evaluate(HIDE)
    picture = Image.open(BytesIO(page.screenshot(full_page=True))).convert("RGB")
    page.evaluate(SHOW)
    return {text["selector"] for text in texts if stands_out(text, picture)}


def stands_out(text, picture):
    colour, enough = parsed(text["colour"]), ENOUGH_LARGE if text["large"] else ENOUGH
    left, top, right, bottom = (round(edge) for edge in text["box"])
    box = max(left, 0), max(top, 0), min(right, picture.width), min(bottom, picture.height)
    if colour is None:
        return False
    if box[2] - box[0] < 4 or box[3] - box[1] < 4:
        solid = next(filter(None, map(parsed, text["behind"])), None)
        return solid is not None and contrast(colour, solid) >= enough
    pixels = picture.crop(box).getcolors(1_000_000)
    total = sum(count for count, _pixel in pixels)
    weak = sum(count for count, pixel in pixels if contrast(colour, pixel) < enough)
    return weak <= STRAY * total


def parsed(colour):
    """rgb(1, 2, 3) as three numbers; None for what is not opaque."""
    kind, _, rest = colour.rstrip(")").partition("(")
    if kind == "color":  # color(srgb 0.1 0.2 0.3)
        parts = [float(part) * 255 for part in rest.removeprefix("srgb ").replace("/", " ").split()]
        parts[3:] = [part / 255 for part in parts[3:]]
    elif kind in {"rgb", "rgba"}:
        parts = [float(part) for part in rest.replace("/", " ").replace(",", " ").split()]
    else:
        return None
    return tuple(parts[:3]) if len(parts) == 3 or parts[3] == 1 else None


def contrast(one, other):
    """WCAG's ratio of two colours, 1 to 21."""
    lighter, darker = sorted([luminance(one), luminance(other)], reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour):
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (number / 255 for number in colour)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
