"""What has happened to one person's account and access, as the person's page tells it."""

from dataclasses import replace

from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from westum.base.history import lines_of_rows

SHOWN = 50
ACCESS = {"+": _("gave the access"), "~": _("changed the access"), "-": _("removed the access")}
ACCOUNT = {"+": _("opened the account"), "~": _("changed the account"), "-": _("removed the account")}


def lines_of(user, memberships):
    """The newest lines of the user and of these memberships, newest first; each of the latter names which it is."""
    named = {row.pk: f"{capfirst(row.get_role_display())}, {row.organisation}." for row in memberships}
    lines = [
        replace(line, detail=f"{named[key]} {line.detail}".strip())
        for key, line in lines_of_rows(memberships, limit=SHOWN, verbs=ACCESS)
    ]
    lines += [line for _key, line in lines_of_rows([user], limit=SHOWN, verbs=ACCOUNT)]
    return sorted(lines, key=lambda line: line.at, reverse=True)[:SHOWN]
