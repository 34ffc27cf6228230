"""What a source is called and where it is: "Title: https://…", several parted by semicolons."""

import re

from django.utils.html import format_html, format_html_join

ADDRESS = re.compile(r"^(?P<title>.*?):?\s*(?P<address>https?://\S+)$")


def _parts(text):
    """(title, address) of each source; one of the two may be empty."""
    for part in re.split(r";\s+", text):
        found = ADDRESS.match(part.strip())
        yield (found["title"].strip(), found["address"]) if found else (part.strip(), "")


def source_links(text):
    """The sources, each a link to its address where that is known."""
    return format_html_join("; ", "{}", ((_link(*part),) for part in _parts(str(text))))


def source_titles(text):
    """The sources without their addresses, for paper."""
    return "; ".join(title or address for title, address in _parts(str(text)))


def _link(title, address):
    if not address:
        return title
    return format_html('<a href="{}" rel="noopener external">{}</a>', address, title or address)
