"""Every page that a role finds by its links, and of each route as few pages as show all that the route can show."""

from collections import Counter, deque
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urldefrag, urljoin, urlsplit

from django.urls import Resolver404, resolve

from mobilities.models import MobilityState
from tests.access import world
from tests.access.table import ROWS

# Whose column of the table of access holds for the role. The participant of the demonstration is the traveller.
COLUMNS = {role: role for role in ["anonymous", "coordinator", "contact", "staff", "auditor"]} | {
    "participant": "traveller"
}
# Addresses to which no page of the portal leads: machines, papers and mails do.
UNLINKED = ["/health/", "/styleguide/", "/demo/mail/", "/demo/mail/?to=nobody@example.org", "/verify/WST-0000-0000/"]
PUBLIC = [
    "/",
    "/accounts/login/",
    "/accounts/logout/",
    "/projects/",
    "/projects/exempel/",
    "/projects/ka1-2015/",
    "/verify/",
]
EMPTY = ["/mobilities/?q=nobodyiscalledso", "/participants/?q=nobodyiscalledso", "/reports/?project=ka1-2015"]
STATES = [f"/mobilities/?project=exempel&state={state}" for state in [*MobilityState.values, "queued"]]
KINDS = ["/organisations/?kind=employer"]  # few among many members
# The rows of a list are alike: so many links of one page to one route are followed, so many pages of a route read,
# and so many of them with a query.
ALIKE, PAGES, QUERIES = 2, 16, 4
# No pages: files, the second name of the log-in, and what only who has a second factor meets (test_second_factor.py);
# a grant is calculated anew where a rate has changed since, and in the demonstration none has (test_grant_pages.py).
NO_PAGES = {
    "consortium:calendar_feed",
    "consortium:decision_file",
    "consortium:host_agreement",
    "consortium:member_paper",
    "consortium:members_export",
    "consortium:places",
    "mobilities:document",
    "mobilities:export",
    "mobilities:partnership_export",
    "mobilities:rate_export",
    "mobilities:recalculate",
    "reporting:report_pdf",
    "account_request_login_code",
    "consortium:second_factor_confirm",
}


@dataclass
class Found:
    """What a crawl has met: pages by route, and the addresses that answered otherwise than 200 or a redirect."""

    pages: dict[str, dict[str, frozenset]] = field(default_factory=dict)  # route → path → its parts
    files: set[str] = field(default_factory=set)
    broken: list[str] = field(default_factory=list)

    @property
    def routes(self):
        return set(self.pages) | self.files

    def chosen(self):
        """(route, path): of each route the fewest pages that together have all its parts."""
        for route, pages in sorted(self.pages.items()):
            missing = frozenset().union(*pages.values())
            while missing:
                path = max(pages, key=lambda path: (len(pages[path] & missing), -len(path), path))
                missing -= pages[path]
                yield route, path


class Reading(HTMLParser):
    """The links of a page, where its forms are sent, and its parts: each element with its classes."""

    def __init__(self, text):
        super().__init__()
        self.links, self.actions, self.parts = [], [], set()
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        kind = attributes.get("type", "") if tag == "input" else ""
        for look in (attributes.get("class") or "").split() or [""]:
            self.parts.add(f"{tag}.{look}{kind}")
        if tag == "a" and attributes.get("href"):
            self.links.append(attributes["href"])
        if tag == "form" and attributes.get("action"):
            self.actions.append(attributes["action"])


def route_of(path):
    """The name in the URLconf; the demonstration's own pages by their path, because tests have no such routes."""
    if path.startswith("/demo/"):
        return path.strip("/")
    try:
        return resolve(path).view_name
    except Resolver404:
        return None


class Crawl:
    """What somebody finds from the start page on: all routes, of rows that are alike only some."""

    def __init__(self, reader, seeds=()):
        self.reader, self.found = reader, Found()
        # A form's page answers where its form is sent, or it is a button alone: then there is no page.
        self.may_fail = {*UNLINKED, *PUBLIC, *EMPTY, *STATES, *KINDS, *seeds}
        self.waiting = deque([*PUBLIC, *UNLINKED, *EMPTY, *STATES, *KINDS, *seeds])
        self.known = set(self.waiting)
        self.followed = Counter(route_of(urlsplit(path).path) for path in self.waiting)
        while self.waiting:
            self.visit(self.waiting.popleft())

    def visit(self, path):
        page, route = self.reader.get(path), route_of(urlsplit(path).path)
        if page.status == 302:
            self.follow(path, [page.path])
        elif page.status != 200:
            if path not in self.may_fail:
                self.found.broken.append(f"{page.status} {path}")
        elif page.kind == "text/html":
            reading = Reading(page.text)
            self.found.pages.setdefault(route, {})[path] = frozenset(reading.parts)
            self.follow(path, reading.links, may_fail=route == "demo/mail")  # a mail leads its own reader somewhere
            self.follow(path, reading.actions, may_fail=True)
        else:
            self.found.files.add(route)

    def follow(self, path, links, *, may_fail=False):
        of_this_page = Counter()
        for link in links:
            link = urldefrag(urljoin(self.reader.url + path, link)).url.removeprefix(self.reader.url)
            route = route_of(urlsplit(link).path) if link.startswith("/") else None
            limits = [(of_this_page, route, ALIKE), (self.followed, route, PAGES)]
            limits += [(self.followed, f"{route}?", QUERIES)] if "?" in link else []
            if route is None or link in self.known or any(count[key] >= limit for count, key, limit in limits):
                continue
            for count, key, _limit in limits:
                count[key] += 1
            self.known.add(link)
            self.waiting.append(link)
            if may_fail:
                self.may_fail.add(link)


def expected(role):
    """The routes that have a page for the role, by the table of access."""
    return {row.name for row in ROWS if row.get and row.got != 302 and COLUMNS[role] in row.get} - NO_PAGES


assert set(COLUMNS.values()) <= set(world.ACTORS)
