"""What the commands of reporting share: the project that is meant, and a file that is written whole or not at all."""

import os
from pathlib import Path

from django.conf import settings
from django.core.management.base import CommandError
from django.db import DatabaseError
from django.db.models import Q

from consortium.models import Organisation, Project
from mobilities.models import Mobility

NO_TABLES = "The database has no tables yet. `manage.py demo` or `manage.py migrate` makes them."


def add_project(parser, *, required=True):
    parser.add_argument("--project", required=required, metavar="SLUG", help="the project's short name in addresses")


def add_member(parser):
    parser.add_argument("--member", metavar="NAME", help="the member's name, or its number in addresses")


def add_mobility(parser):
    parser.add_argument("--mobility", metavar="NUMBER", type=int, help="the mobility's number in addresses")


def add_language(parser):
    parser.add_argument(
        "--language", choices=[code for code, _name in settings.LANGUAGES], default=settings.LANGUAGE_CODE
    )


def add_output(parser):
    parser.add_argument("--output", required=True, metavar="FILE", type=Path, help="where the file is written")


def project(slug):
    """The consortium's own project of that short name; raises CommandError with those that there are."""
    own = Project.objects.own()
    try:
        found = own.filter(slug=slug).first()
    except DatabaseError:
        raise CommandError(NO_TABLES) from None
    if found is None:
        known = ", ".join(own.order_by("slug").values_list("slug", flat=True)) or "none"
        raise CommandError(f"There is no project {slug!r}. The projects are: {known}.")
    return found


def member(wanted):
    """The organisation with that name or number; raises CommandError with the names of those that have a statement."""
    found = Organisation.objects.with_statement()
    asked = Q(name__iexact=wanted) | (Q(pk=wanted) if wanted.isdecimal() else Q(pk__in=[]))
    try:
        matches = list(found.filter(asked)[:2])
    except DatabaseError:
        raise CommandError(NO_TABLES) from None
    if len(matches) != 1:
        known = ", ".join(found.in_order().values_list("name", flat=True)) or "none"
        raise CommandError(f"There is no single member {wanted!r}. The members are: {known}.")
    return matches[0]


def mobility(number):
    """The mobility of that number; raises CommandError when there is none."""
    try:
        found = Mobility.objects.filter(pk=number).first()
    except DatabaseError:
        raise CommandError(NO_TABLES) from None
    if found is None:
        raise CommandError(f"There is no mobility {number}.")
    return found


def write(path, fill):
    """Write a file through `fill(stream)`. One that was there stays as it is until the new one is whole."""
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("wb") as stream:
            fill(stream)
        os.replace(part, path)
    except OSError as fault:
        part.unlink(missing_ok=True)
        raise CommandError(f"{path} cannot be written: {fault.strerror}.") from None
