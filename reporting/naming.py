"""How a project is called in a line: who funds it, in which years; and what a report is about, in the name of a file."""

from datetime import timedelta

from django.utils.text import slugify
from django.utils.translation import gettext

from consortium.models import Organisation, Project
from westum.base.formats import day

DASH = "\N{EN DASH}"


def short_name(subject):
    """A project, a member or a mobility in codes, the same for ever."""
    if isinstance(subject, Project):
        return subject.slug
    return f"member-{subject.pk}" if isinstance(subject, Organisation) else f"mobility-{subject.pk}"


def file_name(subject):
    """What a file is called after: a member by its name, for whoever keeps files of several; a person by no name."""
    named = isinstance(subject, Organisation) and slugify(subject.name)
    return named or short_name(subject)


def funding(project):
    """Erasmus+ KA121-VET, or ESF+ with its reference."""
    if project.is_erasmus:
        return f"Erasmus+ {project.programme}"
    return f"{project.programme} {project.reference or ''}".strip()


def years(project):
    """2024–2026 by the latest decision; empty when no decision is known."""
    starts_on, ends_on = project.period
    return DASH.join(str(one.year) for one in (starts_on, ends_on) if one)


def period(project):
    """1 June 2015 – 31 May 2017; None when no decision is known."""
    starts_on, ends_on = project.period
    if starts_on is None:
        return None
    until = day(ends_on) if ends_on else gettext("not stated")
    return f"{day(starts_on)} {DASH} {until}"


def months(decision):
    """The whole months of its period; None when it does not run from a first to a last day of a month."""
    starts_on, ends_on = decision.starts_on, decision.ends_on
    if ends_on is None or starts_on.day != 1 or (ends_on + timedelta(days=1)).day != 1:
        return None
    return (ends_on.year - starts_on.year) * 12 + ends_on.month - starts_on.month + 1
