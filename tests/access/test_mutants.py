"""The matrix of access is known to find holes: each door of the portal is opened once, and each opening is noticed."""

import inspect

import pytest
from django.urls import get_resolver

from tests.access import check, mutants
from tests.access.table import ROWS

DOORS = mutants.all_mutants()


def rows_of(mutant):
    """The rows through which the mutant is met: those of its own view, or for a form or a part of a view its app's."""
    views = {row.name: view_of(row.name) for row in ROWS}
    own = [
        row
        for row in ROWS
        if (views[row.name].__module__, views[row.name].__name__) == (mutant.module, mutant.function)
    ]
    near = [row for row in ROWS if views[row.name].__module__ == mutant.module]
    app = mutant.module.split(".")[0]
    rest = [row for row in ROWS if views[row.name].__module__.split(".")[0] == app and row not in near]
    return own or near + rest


def view_of(name):
    """The view behind a route's full name, without its decorators."""
    resolver = get_resolver()
    *namespaces, last = name.split(":")
    for namespace in namespaces:
        resolver = next(entry for entry in resolver.url_patterns if getattr(entry, "namespace", None) == namespace)
    return inspect.unwrap(next(entry.callback for entry in walk(resolver.url_patterns) if entry.name == last))


def walk(patterns):
    for entry in patterns:
        if hasattr(entry, "url_patterns"):
            yield from walk(entry.url_patterns)
        else:
            yield entry


# Doors behind which a second one stands, or which only choose among what everybody may see. No answer can differ.
TWICE_GUARDED = {
    ("reporting.views.desk", "project", "administered_by", "Project"): "a link; its page has its own door",
    (
        "consortium.forms.organisations",
        "OrganisationFilters._in_network",
        "visible_to",
        "NetworkMembership",
    ): "the organisations that it narrows have their own door",
    ("consortium.views.members", "project_member", "visible_to", "Project"): "the member has its own door",
    ("consortium.views.members", "project_member", "visible_to", "MemberPaper"): "of the member that was let in",
    (
        "consortium.views.members",
        "project_member",
        "permitting",
        "ProjectMember",
    ): "buttons; their pages have their own doors",
    ("consortium.views.members", "member_paper_add", "editable_by", "MemberPaper"): "of the member that was let in",
    (
        "consortium.views.organisations",
        "organisation_page",
        "visible_to",
        "NetworkMembership",
    ): "of the organisation that was let in",
    ("consortium.views.organisations", "organisation_page", "employers_editable_by", "Organisation"): "a button",
    ("consortium.views.projects", "_in_mind", "administered_by", "Project"): "for who administers all",
    ("consortium.views.projects", "project_settings", "visible_to", "ProjectMember"): "of the project that was let in",
    ("consortium.views.operations", "operation", "visible_to", "ProjectMember"): "of the project that was let in",
    ("consortium.forms.projects", "FactsForm.__init__", "permitting", "Organisation"): "the page is the coordinator's",
    ("consortium.forms.projects", "FactsForm.__init__", "administered_by", "Project"): "the page is the coordinator's",
    ("consortium.forms.projects", "NewProjectForm.__init__", "administered_by", "Project"): "the same",
    ("consortium.forms.projects", "AddMembersForm.__init__", "permitting", "Organisation"): "the same",
    ("mobilities.filters", "FilterForm.__init__", "visible_to", "Goal"): "of the projects that are offered",
    ("consortium.views.wishes", "project_wishes", "visible_to", "WishRequest"): "the day of sending is no secret",
    ("consortium.views.wishes", "wish_request", "visible_to", "WishRequest"): "of the project that was let in",
    ("consortium.views.wishes", "wish_request", "visible_to", "ProjectMember"): "of the project that was let in",
    ("consortium.views.milestones", "project_milestones", "visible_to", "Milestone"): "of the project that was let in",
    ("consortium.views.sharing", "_open", "editable_by", "ProjectMember"): "of the project that was let in",
    (
        "consortium.views.organisations",
        "organisation_page",
        "visible_to",
        "Membership",
    ): "shown to who holds PEOPLE_VIEW",
    (
        "consortium.forms.people",
        "InvitationForm.__init__",
        "inviting",
        "Organisation",
    ): "the rule refuses a host as well",
    (
        "mobilities.views.mobilities",
        "mobility_new",
        "registering",
        "Organisation",
    ): "the form knows the own members alone",
    (
        "mobilities.views.mobilities",
        "mobility_new",
        "visible_to",
        "Project",
    ): "says whether any project is open, no more",
    ("mobilities.views.mobilities", "_shares", "visible_to", "Allocation"): "of the member that the form has let in",
    (
        "mobilities.views.participants",
        "SearchForm.__init__",
        "visible_to",
        "Organisation",
    ): "names of members are public",
    ("mobilities.views.participants", "participant", "visible_to", "Mobility"): "of the person who was let in",
    (
        "mobilities.views.participants",
        "participant",
        "editable_by",
        "Participant",
    ): "a button; its page has its own door",
    (
        "mobilities.forms.mobilities",
        "StartForm.__init__",
        "visible_to",
        "Project",
    ): "the member must belong to the project",
    ("consortium.views.hosts", "host_list", "visible_to", "Organisation"): "who holds the permission sees all hosts",
    ("consortium.views.merged", "successor", "visible_to", "MergedHost"): "the host that it leads to has its own door",
    ("consortium.views.hosts", "host_page", "hosts_editable_by", "Organisation"): "a button; its page has its own door",
    ("consortium.views.hosts", "know_host", "visible_to", "Organisation"): "who holds the permission sees all hosts",
    ("consortium.views.hosts", "judge_host", "visible_to", "Organisation"): "who holds the permission sees all hosts",
    ("consortium.views.hosts", "judge_host", "editable_by", "HostVerdict"): "of the member that was let in",
    ("consortium.forms.employers", "EmployerForm.known", "visible_to", "Organisation"): "all see the employers",
    ("mobilities.views.partnerships", "partner", "visible_to", "Organisation"): "all see hosts and employers",
    ("mobilities.forms.partnerships", "BeginForm.__init__", "visible_to", "Organisation"): "the same",
    (
        "mobilities.views.partnerships",
        "partnership",
        "editable_by",
        "PartnershipReview",
    ): "buttons; their pages have their own doors",
    ("consortium.forms.hosts", "HostForm.known", "visible_to", "Organisation"): "all see the hosts",
    (
        "consortium.forms.hosts",
        "FoundForm._offer_finders",
        "finding_hosts_for",
        "Organisation",
    ): "the rule asks as well",
    ("mobilities.forms.mobilities", "MobilityForm._offer_hosts", "visible_to", "Organisation"): "all see the hosts",
    ("mobilities.forms.registration", "RegistrationForm._people", "editable_by", "Participant"): "of the member let in",
    ("mobilities.views.rates", "rate_grants", "acceptable_by", "Mobility"): "who edits rates accepts every mobility",
    ("mobilities.views.handing_over", "hand_over", "visible_to", "Invitation"): "of the member that was let in",
    ("reporting.views.desk", "project", "visible_to", "Report"): "shown to who sees the whole project",
    ("reporting.views.start", "reading", "visible_to", "Mobility"): "of projects that the reader sees whole",
    ("reporting.views.desk", "project", "permitting", "Project"): "which of two public numbers stands first",
    ("reporting.views.budgets", "budget", "visible_to", "Report"): "of the project that was let in",
    ("reporting.views.grant_statements", "grant_statement", "visible_to", "Report"): "of the mobility that was let in",
    (
        "reporting.views.statements",
        "statement",
        "statement_orderable_by",
        "Organisation",
    ): "a button; its page has its own door",
    (
        "consortium.views.organisations",
        "organisation_page",
        "statement_visible_to",
        "Organisation",
    ): "a button; its page has its own door",
    ("reporting.views.start", "work", "of_contact", "Organisation"): "names of members are public",
    ("reporting.views.reports", "progress", "orderable_by", "Report"): "a button; its page has its own door",
    ("reporting.views.reports", "reports", "visible_to", "Project"): "narrows further what was let in",
    ("reporting.views.reports", "context_of", "orderable_by", "Report"): "a button; its page has its own door",
    ("reporting.forms.orders", "OrderForm.__init__", "reporting", "Project"): "who may order sees every project",
    ("mobilities.filters", "FilterForm.__init__", "visible_to", "Organisation"): "names of members are public",
    ("mobilities.forms.mobilities", "MobilityForm._clean_host", "visible_to", "Organisation"): "all see the hosts",
    ("mobilities.forms.mobilities", "MobilityForm._clean_days", "visible_to", "Mobility"): "of the person let in",
}
# A row of the table has one object: doors that matter for another one are noticed by a test of their own.
NOTICED_ELSEWHERE = {
    (
        "reporting.views.public",
        "project",
        "visible_to",
        "Project",
    ): "test_planned_project_is_not_public_but_shown_to_its_people",
    (
        "reporting.views.start",
        "work",
        "visible_to",
        "Project",
    ): "test_start_page_names_planned_projects_to_their_people_alone",
    (
        "consortium.views.organisations",
        "organisation_page",
        "visible_to",
        "ProjectMember",
    ): "test_page_of_a_member_names_planned_projects_to_their_people_alone",
    (
        "mobilities.filters",
        "FilterForm.__init__",
        "visible_to",
        "Project",
    ): "test_filters_of_mobilities_offer_planned_projects_to_their_people_alone",
    (
        "mobilities.filters",
        "MobilityFilters._by_category",
        "permitting",
        "Mobility",
    ): "test_traveller_is_shown_no_amounts_in_the_list",
}
MUTANTS = [mutant for mutant in DOORS if mutant.name not in {*TWICE_GUARDED, *NOTICED_ELSEWHERE}]

# Who is shut out meets an open door first.
SUSPECTS = [
    "contact_of_b",
    "outsider",
    "traveller_of_b",
    "fellow",
    "contact",
    "staff",
    "traveller",
    "former_contact",
    "auditor",
]
PARTS = 8  # for as many processes


def is_noticed(mutant, world):
    with mutants.planted(mutant):
        return any(has_faults(row, world) for row in rows_of(mutant))


def has_faults(row, world):
    with check.ready(row, world) as route:
        return any(route.try_cell(actor, method) for actor in SUSPECTS for method in ("get", "post"))


@pytest.mark.django_db
@pytest.mark.parametrize("part", range(PARTS))
def test_each_open_door_is_noticed(part, world):
    assert [str(mutant) for mutant in MUTANTS[part::PARTS] if not is_noticed(mutant, world)] == []


def test_mutants_are_many():
    print(
        f"n = {len(MUTANTS)} doors opened, one at a time; {len(DOORS) - len(MUTANTS)} more are guarded twice or noticed elsewhere"
    )
    assert len(MUTANTS) >= 40


def test_twice_guarded_doors_are_there():
    assert {mutant.name for mutant in DOORS} >= TWICE_GUARDED.keys() | NOTICED_ELSEWHERE.keys()
