"""The colours of the style sheet and their contrast: read from static/css/tokens.css, so that the numbers are its own."""

import re

from django.conf import settings

THEMES = ("light", "dark")
TOKEN = re.compile(r"--([a-z-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);\s*/\* (.+?) \*/")
TEXT, GRAPHICS = 4.5, 3.0  # WCAG 2.2: 1.4.3 for text, 1.4.11 for what one must see to understand or operate

# Foreground, ground, and the ratio that the pair must reach in both themes.
PAIRS = [
    ("ink", "paper", TEXT),
    ("ink", "surface", TEXT),
    ("ink", "sunken", TEXT),
    ("ink", "sea-tint", TEXT),
    ("ink", "mark-tint", TEXT),
    ("ink", "moss-tint", TEXT),
    ("ink", "alarm-tint", TEXT),
    ("soft", "paper", TEXT),
    ("soft", "surface", TEXT),
    ("soft", "sunken", TEXT),
    ("soft", "mark-tint", TEXT),
    ("sea", "paper", TEXT),
    ("sea", "surface", TEXT),
    ("sea", "sunken", TEXT),
    ("sea", "sea-tint", TEXT),
    ("sea", "mark-tint", TEXT),
    ("sea", "moss-tint", TEXT),
    ("sea", "alarm-tint", TEXT),
    ("on-sea", "sea", TEXT),
    ("on-mark", "mark", TEXT),
    ("alarm", "paper", TEXT),
    ("alarm", "surface", TEXT),
    ("alarm", "mark-tint", TEXT),
    ("alarm", "alarm-tint", TEXT),
    ("moss", "paper", GRAPHICS),
    ("moss", "moss-tint", GRAPHICS),
    ("edge", "paper", GRAPHICS),
    ("edge", "surface", GRAPHICS),
    ("mark-edge", "paper", GRAPHICS),
    ("mark-edge", "surface", GRAPHICS),
    ("mark-edge", "mark-tint", GRAPHICS),
    ("granite", "paper", GRAPHICS),
    ("granite", "surface", GRAPHICS),
    ("ink", "shoal", GRAPHICS),
    ("focus", "paper", GRAPHICS),
    ("focus", "surface", GRAPHICS),
    ("focus", "sunken", GRAPHICS),
    ("focus", "mark-tint", GRAPHICS),
]


def tokens():
    """The colour tokens by name: light and dark value and what they are for."""
    text = (settings.BASE_DIR / "static" / "css" / "tokens.css").read_text()
    return {name: {"light": light, "dark": dark, "use": use} for name, light, dark, use in TOKEN.findall(text)}


def luminance(colour):
    """Relative luminance of "#rrggbb" as WCAG 2.2 defines it, from 0 to 1."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    """Contrast ratio of two colours, from 1 to 21."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def measured():
    """Each pair with its ratio in both themes."""
    colours = tokens()
    return [
        {
            "text": text,
            "ground": ground,
            "least": least,
            "ratios": [contrast(colours[text][theme], colours[ground][theme]) for theme in THEMES],
        }
        for text, ground, least in PAIRS
    ]
