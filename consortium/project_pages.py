"""The pages of one project behind the log-in, in the order of its menu, each for those who hold its permission."""

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from consortium import operations, wishes
from consortium.models import Project
from consortium.permissions import Permission


def every(project):
    return True


@dataclass(frozen=True)
class Page:
    """An entry of a project's menu. `fits` says for which projects there is such a page at all."""

    label: Promise
    url_name: str
    permission: Permission
    fits: Callable[[Project], bool] = every


PAGES = [
    Page(_("Overview"), "reporting:desk_project", Permission.PROJECT_VIEW),
    Page(
        _("Decisions"), "consortium:decisions", Permission.PROJECT_VIEW, lambda project: not project.is_reference_record
    ),
    Page(_("Members"), "consortium:members", Permission.PROJECT_VIEW),
    Page(_("Places"), "consortium:shares", Permission.PROJECT_VIEW, wishes.have_a_page),
    Page(_("Budget"), "reporting:budget", Permission.REPORT_VIEW, lambda project: not project.is_reference_record),
    Page(_("Wishes"), "consortium:wishes", Permission.PROJECT_VIEW, wishes.are_talked_about),
    Page(_("Goals"), "consortium:goals", Permission.PROJECT_EDIT),
    Page(_("ESF record"), "consortium:operation", Permission.PROJECT_EDIT, operations.have_a_record),
    Page(_("Texts"), "consortium:texts", Permission.PROJECT_EDIT),
    Page(_("Milestones"), "consortium:milestones", Permission.PROJECT_VIEW),
    Page(_("Settings"), "consortium:project_settings", Permission.PROJECT_EDIT),
]


def menu(project, user, path):
    """Label, url and whether one is there. Asks no row: what a page shows of the project is its own matter."""
    entries = [page for page in PAGES if page.fits(project) and user.holds(page.permission)]
    urls = [reverse(page.url_name, args=[project.slug]) for page in entries]
    here = max((url for url in urls if path.startswith(url)), key=len, default=None)
    return [{"label": page.label, "url": url, "current": url == here} for page, url in zip(entries, urls, strict=True)]
