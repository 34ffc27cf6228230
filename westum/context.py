"""What every page's frame needs: the main menu by what one may see, the links of the footer, the word of a demonstration.

Reads nothing but the memberships of the user, which the request has read already or will read anyway.
"""

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from consortium.permissions import Permission

PUBLIC = [
    (_("Start"), "reporting:start"),
    (_("Projects"), "reporting:projects"),
    (_("Verify a paper"), "reporting:verify"),
]
# In the order of a working day; each entry shows to those who hold the permission somewhere.
WORK = [
    (_("Today"), "reporting:start", None),
    (_("Mobilities"), "mobilities:mobilities", Permission.MOBILITY_VIEW),
    (_("Participants"), "mobilities:participants", Permission.PARTICIPANT_VIEW),
    (_("Projects"), "reporting:desk", Permission.PROJECT_VIEW),
    (_("Calculator"), "mobilities:calculator", Permission.MOBILITY_VIEW),
    (_("Organisations"), "consortium:organisations", Permission.ORGANISATION_VIEW),
    (_("Hosts"), "consortium:hosts", Permission.ORGANISATION_VIEW),
    (_("People"), "consortium:people", Permission.PEOPLE_VIEW),
    (_("Rates"), "mobilities:rates", None),
    (_("Reports"), "reporting:reports", Permission.REPORT_VIEW),
]
FOOTER = [
    (_("How the figures are counted"), "reporting:counted"),
    (_("Accessibility"), "reporting:accessibility"),
    (_("Personal data"), "reporting:privacy"),
]


def page(request):
    return {
        "nav": menu(request),
        "footer_links": [(label, reverse(name)) for label, name in FOOTER],
        "demo": settings.DEMO,
    }


def menu(request):
    """Entries with label, url and whether one is there. A participant has one page and needs no menu."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        entries = PUBLIC
    elif getattr(request, "second_factor_is_missing", False):
        return []  # every entry would lead to the same page
    elif user.rights:
        entries = [(label, name) for label, name, needed in WORK if needed is None or user.holds(needed)]
    else:
        return []
    return [
        {"label": label, "url": url, "current": is_here(url, request.path)}
        for label, url in ((label, reverse(name)) for label, name in entries)
    ]


def is_here(url, path):
    """The entry of the page itself or of one below it; the start page is above everything and below nothing."""
    return path == url if url == "/" else path.startswith(url)
