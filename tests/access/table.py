"""Every route of the portal, and who may do what there: the one table of access.

`get` and `post` name who is let in; None means that nobody may use the method (405). Who is not let in is sent to the
log-in when anonymous, and else gets what `refused` says: 404, as if the row did not exist.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass

from django.core.files.uploadedfile import SimpleUploadedFile

from consortium import calendar_feeds, decisions, people, wishes
from consortium.models import AwardedLine, Decision, Invitation, Membership, ProjectText, ShareMove
from mobilities import grant_pages, grant_recalculations, rate_imports
from mobilities.forms.actions import RecalculationForm
from mobilities.models import CountryGroup, Mobility
from reporting import kinds
from reporting.models import Report
from tests import factories, factors
from tests.access.world import ACTORS, B
from westum.base import files
from westum.base.models import Letter

EVERYONE = frozenset(ACTORS)
NOT_LOGGED_IN = frozenset({"anonymous", "deactivated"})  # a deactivated user has no session any more
LOGGED_IN = EVERYONE - NOT_LOGGED_IN
ASSOCIATION = frozenset({"coordinator", "staff", "auditor"})
CONTACTS = frozenset({"contact", "contact_of_b"})


@dataclass(frozen=True)
class Row:
    name: str
    get: frozenset | None = None
    post: frozenset | None = None
    args: Callable = lambda world: []
    data: Callable = lambda world: {}
    refused: int = 404
    query: Callable = lambda world: ""
    done: int = 302  # the answer to a post that is let in
    got: int = 200
    blind: frozenset = frozenset()  # people for whom the page is the same whatever `more` adds
    more: Callable = lambda world: None
    hides: Callable = lambda world: {}  # actor → words that this page must not show to that actor


def who(names):
    found = frozenset(names.split())
    assert found <= EVERYONE, found - EVERYONE
    return found


def pk_of(make):
    return lambda world: [make(world).pk]


def a_mobility(state, **fields):
    return lambda world: [world.make(state, **fields).pk]


def queued(world):
    mobility = world.make("submitted", has_place=False)
    return [mobility.pk]


def with_rates_of_now(world):
    """Accepted while the rates were missing, which now are there."""
    factories.made_up_rates()
    return [world.make("accepted", distance_km=2356).pk]


def a_paper(world):
    return [world.make("completed").documents.first().pk]


def a_report(world, **fields):
    return factories.ReportFactory(project=world.project, requested_by=world.users["staff"], **fields)


def with_a_grant(world):
    """A stay of the traveller, of member A, whose grant is kept and has been printed."""
    mobility = world.make("accepted")
    factories.GrantLineFactory(mobility=mobility)
    factories.ReportFactory(kind="grant_statement", project=None, mobility=mobility, done=True)
    return [mobility.pk]


def a_failed_report(world):
    return [a_report(world, state="failed", reason="There was no room on the disk.").pk]


def a_code(world):
    return [a_report(world, done=True, code="WST-7K4M-92QX", snapshot=snapshot_of(world)).code]


def snapshot_of(world):
    return kinds.maker("participants").snapshot(world.project)


def an_invitation(world):
    return people.invite(
        invitation=Invitation(
            email="new@example.org", name="Nina Ny", language="en", organisation=world.member_a, role="contact"
        ),
        by=world.users["coordinator"],
    )


def invited_to_b(world):
    """Somebody who is about to become contact person of B."""
    people.invite(
        invitation=Invitation(
            email="nils@example.org", name="Nils Nylund", language="en", organisation=world.member_b, role="contact"
        ),
        by=world.users["coordinator"],
    )
    return []


def in_two_projects(world):
    """Member A, which is also in a project that the auditor does not audit."""
    factories.running_project(
        members=[world.member_a], owner=world.association, name_en="Another project", name_sv="Another project"
    )
    return [world.member_a.pk]


def with_a_statement(world):
    """Member A, whose statement over both projects has been ordered."""
    factories.ReportFactory(kind="statement", project=None, organisation=world.member_a)
    return in_two_projects(world)


def a_secret(world):
    """The secret of an open invitation, read from its mail."""
    an_invitation(world)
    body = Letter.objects.latest("pk").body
    return [body.split("/invitations/")[1].split("/")[0]]


def a_membership(world):
    return [world.users["contact"].memberships.get().pk]


def in_two_members(world):
    """The membership at A of somebody who is contact person of B as well."""
    user = factories.UserFactory(name="Tove Tvåfald", email="tove@example.org")
    factories.MembershipFactory(user=user, organisation=world.member_b)
    return [factories.MembershipFactory(user=user, organisation=world.member_a).pk]


def with_a_successor(world):
    """The contact person of A, where another one can take over."""
    user = factories.UserFactory(name="Siv Efterträdare", email="siv@example.org")
    factories.MembershipFactory(user=user, role="contact", organisation=world.member_a)
    return a_membership(world)


def the_successor(world):
    return Membership.objects.get(user__email="siv@example.org")


def a_decision(world):
    return {
        "starts_on": factories.day(-180),
        "ends_on": factories.day(700),
        "currency": "EUR",
        "follows": world.project.decision.pk,
        "places-short-learning": 1200,
        "places-job-shadowing": 1000,
    }


def an_amendment(world):
    """Which can be taken back: all that is shared out is covered by the agreement."""
    before = world.project.decision
    lines = [AwardedLine(activity_type=line.activity_type, places=line.places) for line in before.lines.all()]
    newest = Decision(starts_on=before.starts_on, ends_on=before.ends_on)
    decisions.enter(
        project=world.project, decision=newest, lines=lines, follows=before.pk, by=world.users["coordinator"]
    )
    return [world.project.slug, 2]


def with_the_paper(world):
    decision = world.project.decision
    decision.file = factories.files.keep(factories.PDF, name="agreement.pdf", content_type="application/pdf")
    decision.save()
    return [world.project.slug, decision.number]


def a_share(world):
    return [world.project.slug, world.project.members.get(organisation=world.member_a).pk, "short-learning"]


def a_share_of_money(world):
    factories.AwardedMoneyFactory(decision=world.project.decision)
    return [world.project.slug, world.project.members.get(organisation=world.member_a).pk, "travel", "whole-project"]


def numbers_of_shares(world):
    """What the form of the key sends when both members keep their ten places but for one."""
    members = world.project.members.order_by("pk")
    shares = ",".join(
        f"{member.pk}:{member.allocations.get(activity_type__key='short-learning').version}" for member in members
    )
    taken = {f"places-{member.pk}": 30 for member in members}
    return taken | {"reason": "By hand.", "seen": shares}


def a_move(world):
    members = world.project.members.order_by("organisation__name")
    return {
        "activity_type": "short-learning",
        "giver": members[0].pk,
        "receiver": members[1].pk,
        "places": 1,
        "reason": "More wanted.",
    }


def planned(world):
    """A project that both members are asked for their wishes in; B has answered, with its word in it."""
    project = factories.ProjectFactory(slug="planned", state="planned", call_year=2024, owner=world.association)
    for organisation in (world.member_a, world.member_b):
        member = factories.ProjectMemberFactory(project=project, organisation=organisation)
    wishes.answer(
        member=member,
        wishes={factories.ActivityTypeFactory(): (3, 14, f"{B} wish")},
        note="",
        by=world.users["contact_of_b"],
    )
    return project


def planned_slug(world):
    return [planned(world).slug]


def a_wish(world):
    project = planned(world)
    return [project.slug, project.members.get(organisation=world.member_a).pk]


def an_answer(world):
    return {"places-short-learning": 2, "days-short-learning": 14, "purpose-short-learning": "Care", "seen": 0}


def a_reopening(world):
    """A project that has ended, and the step that asks for a reason."""
    return [factories.ProjectFactory(slug="over", state="ended", owner=world.association).slug, "reopen"]


def new_member(world):
    """A planned project without members, and whom to add."""
    return [factories.ProjectFactory(slug="empty", state="planned", owner=world.association).slug]


def a_member_without_places(world):
    project = planned(world)
    return [project.slug, project.members.get(organisation=world.member_a).pk]


def a_host(world):
    """Found by member A, and it has received people of both members."""
    world.host.found_by = world.member_a
    world.host.save()
    return [world.host.pk]


def a_host_with_agreement(world):
    world.host.agreed_on = factories.day(-99)
    world.host.agreement_file = files.keep(factories.PDF, name="agreement.pdf", content_type="application/pdf")
    return a_host(world)


def a_host_twice(world):
    double = factories.OrganisationFactory(host=True, name="Casa Exemplo", found_by=world.member_b)
    return [world.host.pk, double.pk]


def new_host(world):
    """As the coordinator sends it; a contact person is not asked who has found it."""
    return {"name": "Casa Nova", "city": "Faro", "country": "PT", "found_by": world.member_a.pk}


def an_employer(world):
    return factories.OrganisationFactory(kind="employer", name="Almby omsorg", city="Almby", found_by=world.member_a)


def a_round(world, **fields):
    """Of member A with an employer that B has met too, with B's word in what it says."""
    partner = an_employer(world)
    of_a, of_b = (
        factories.PartnershipReviewFactory(organisation=member, partner=partner, agreed=f"{member} {word}", **fields)
        for member, word in ((world.member_a, "alone"), (world.member_b, B))
    )
    for review in (of_a, of_b):
        for side in ("school", "employer"):
            note = B if review == of_b else ""
            factories.PartnershipRatingFactory(review=review, side=side, note=note)
    return of_a


def an_empty_round(world):
    return factories.PartnershipReviewFactory(organisation=world.member_a, partner=an_employer(world))


def of_a_phase(world):
    return [a_round(world).pk, 1]


def a_text(world):
    texts = [
        ProjectText.objects.create(project=world.project, position=n, heading_sv=f"Syfte {n}", heading_en=f"Aim {n}")
        for n in (1, 2)
    ]
    return [world.project.slug, texts[1].pk]


def a_goal(world):
    """One that no mobility counts towards, behind two others."""
    goal = factories.GoalFactory(project=world.project, code="3", position=3)
    return [world.project.slug, goal.pk]


def an_esf_project(world):
    """Planned, of the Social Fund, with member A as its partner."""
    project = factories.ProjectFactory(
        slug="esf", programme="ESF+", call_year=None, state="planned", owner=world.association
    )
    factories.ProjectMemberFactory(project=project, organisation=world.member_a)
    return [project.slug]


def a_yearly_project(world):
    accreditation = factories.ProjectFactory(programme="KA120-VET", owner=world.association)
    factories.GoalFactory(project=accreditation)
    return [factories.ProjectFactory(slug="yearly", accreditation=accreditation, owner=world.association).slug]


def the_member(world):
    return world.project.members.get(organisation=world.member_a)


def a_member(world):
    """Member A with its contact person; those of B have theirs, and papers, too."""
    for organisation, user in ((world.member_a, "contact"), (world.member_b, "contact_of_b")):
        member = world.project.members.get(organisation=organisation)
        member.contact = world.users[user]
        member.save()
    factories.MemberPaperFactory(member=member, signed_by=f"{B} rector")
    return [world.project.slug, the_member(world).pk]


def project_of_members(world):
    return a_member(world)[:1]


def a_paper_of_a_member(world):
    paper = factories.MemberPaperFactory(member=the_member(world))
    return [world.project.slug, paper.member_id, paper.pk]


def in_the_network(world):
    row = factories.NetworkMembershipFactory(organisation=world.member_a)
    return [world.member_a.pk, row.pk]


def a_file(world):
    return SimpleUploadedFile("report.pdf", factories.PDF, content_type="application/pdf")


def for_member_a(world):
    return f"project={world.project.slug}&member={world.member_a.pk}"


def a_registration(world):
    return {"act": "draft", "group": "learner", "first_name": "Nils", "last_name": "Ny", "language": "sv"}


def more_of_others(world):
    """What concerns a contact person of member A in no number and no line: of B, of a project without A, and reports."""
    world.make_of_b("ongoing")
    hidden = factories.running_project(members=[world.member_b], owner=world.association)
    for project in (hidden, world.project):
        factories.ReportFactory(project=project, done=True)


def move_between_others(world):
    receiver = factories.ProjectMemberFactory(project=world.project, organisation=factories.OrganisationFactory())
    ShareMove.objects.create(
        giver=world.project.members.get(organisation=world.member_b),
        receiver=receiver,
        activity_type=world.project.decision.lines.first().activity_type,
        places=1,
        reason="They asked for it.",
    )


def more_elsewhere(world):
    """What concerns the auditor of the world's project in nothing."""
    hidden = factories.running_project(members=[world.member_b], owner=world.association)
    factories.ReportFactory(project=hidden, done=True)


def a_milestone(world):
    return [world.project.slug, factories.MilestoneFactory(project=world.project).pk]


def milestone_elsewhere(world):
    """In a project that neither member's contact person nor the auditor sees."""
    factories.MilestoneFactory(project=factories.running_project(owner=world.association))


def a_call(world):
    """A call year with rates."""
    factories.made_up_rates(call_year=2024)
    return [2024]


def a_rate(world):
    return ["group", CountryGroup.objects.get(call_year=a_call(world)[0], country_code="PT").pk]


def a_sheet(world):
    text = "Table,Receiving country,Country group\nCountry group,Finland,1\n"
    return {"file": SimpleUploadedFile("rates.csv", text.encode(), content_type="text/csv")}


def a_sheet_that_was_shown(world):
    sheet = {"columns": ["kind", "receiving_country", "country_group"], "lines": [[2, ["country_group", "FI", "1"]]]}
    return {"sheet": json.dumps(sheet), "seen": rate_imports.fingerprint(2024)}


def a_new_grant(world):
    """A call in which an accepted mobility has no grant yet, for its rates were entered later."""
    world.make("accepted", distance_km=900)
    return a_call(world)


def shown_of_a_grant(world):
    user = world.users["coordinator"]
    mobility = Mobility.objects.with_parties().with_grants().with_rights(user).latest("pk")
    form = RecalculationForm(shown=grant_pages.renewal(mobility, user), user=user)
    return {"reason": "The rates have come.", "seen": form.shown}


def chosen_for_a_grant(world):
    [one] = grant_recalculations.differences(Mobility.objects.all(), 2024)
    return {"chosen": f"{one.mobility.pk}:{one.now.amount_eur}", "reason": "The rates were entered late."}


def with_factors(world):
    """Whoever may have a second factor has one."""
    for actor in ASSOCIATION | CONTACTS:
        factors.give_app(world.users[actor])
    return []


def factor_of_the_contact(world):
    with_factors(world)
    return [factors.app_of(world.users["contact"]).pk]


def lost_by_the_contact(world):
    factors.give_app(world.users["contact"])
    return a_membership(world)


COORDINATOR = who("coordinator")
CONTACT = who("contact")
STAFF = who("coordinator staff")
OF_A = who("coordinator staff auditor contact")  # who reads member A's rows
EDITORS_OF_A = who("coordinator contact")
TRAVELLER_TOO = OF_A | who("traveller")

ROWS = [
    # The house
    Row("account_login", NOT_LOGGED_IN, EVERYONE, refused=302, data=lambda world: {"email": "x@example.org"}),
    Row(
        "account_request_login_code",
        NOT_LOGGED_IN,
        EVERYONE,
        refused=302,
        data=lambda world: {"email": "x@example.org"},
    ),
    Row("account_confirm_login_code", EVERYONE, EVERYONE, got=302),  # nobody has asked for a code
    Row("mfa_authenticate", EVERYONE, EVERYONE, got=302),  # nobody is on the way in
    Row("account_logout", LOGGED_IN, EVERYONE, refused=302),
    Row("set_language", None, EVERYONE, data=lambda world: {"language": "en"}),
    Row("health", EVERYONE, got=503),  # no worker runs in a test
    Row("styleguide", EVERYONE),
    # Public
    Row("reporting:start", EVERYONE, blind=who("auditor"), more=more_elsewhere),
    Row("reporting:projects", EVERYONE),
    Row("reporting:project", EVERYONE, args=lambda world: [world.project.slug]),
    Row("reporting:network", EVERYONE),
    Row("reporting:member", EVERYONE, args=lambda world: [world.member_a.pk]),
    Row("reporting:counted", EVERYONE),
    Row("reporting:privacy", EVERYONE),
    Row("reporting:accessibility", EVERYONE),
    Row("reporting:verify", EVERYONE),
    Row("reporting:verify_code", EVERYONE, args=a_code),
    # The desk
    Row("reporting:desk", ASSOCIATION | CONTACTS, blind=who("contact"), more=more_of_others),
    Row(
        "reporting:desk_project",
        ASSOCIATION | CONTACTS,
        blind=who("contact"),
        more=more_of_others,
        args=lambda world: [world.project.slug],
    ),
    Row("reporting:budget", ASSOCIATION, args=lambda world: [world.project.slug]),
    Row(
        "reporting:statement",
        OF_A,
        args=with_a_statement,
        hides=lambda world: {"auditor": {"Another project", Report.objects.get().get_absolute_url()}},
    ),
    Row(
        "reporting:order_statement",
        who("coordinator staff contact"),
        who("coordinator staff contact"),
        args=lambda world: [world.member_a.pk],
        data=lambda world: {"language": "sv"},
    ),
    Row("reporting:reports", ASSOCIATION, blind=who("auditor"), more=more_elsewhere),
    Row(
        "reporting:order_report",
        STAFF,
        STAFF,
        data=lambda world: {"kind": "participants", "project": world.project.slug, "language": "sv"},
    ),
    Row(
        "reporting:grant_statement",
        TRAVELLER_TOO,
        who("coordinator staff contact"),
        args=with_a_grant,
        data=lambda world: {"language": "sv"},
    ),
    Row("reporting:report", ASSOCIATION, args=pk_of(a_report)),
    Row("reporting:report_progress", ASSOCIATION, args=pk_of(a_report), got=302),
    Row("reporting:report_pdf", ASSOCIATION, args=lambda world: [a_report(world, done=True).pk]),
    Row("reporting:retry_report", None, STAFF, args=a_failed_report),
    # Who and for what
    Row(
        "consortium:decisions",
        ASSOCIATION | CONTACTS,
        args=lambda world: with_the_paper(world)[:1],
        hides=lambda world: {"contact": {"agreement.pdf"}},
    ),
    Row(
        "consortium:new_decision",
        COORDINATOR,
        COORDINATOR,
        args=lambda world: [world.project.slug],
        data=a_decision,
    ),
    Row(
        "consortium:edit_decision",
        COORDINATOR,
        COORDINATOR,
        args=lambda world: [world.project.slug, 1],
        data=lambda world: a_decision(world) | {"version": f"{world.project.decision.pk}.0"},
    ),
    Row(
        "consortium:remove_decision",
        COORDINATOR,
        COORDINATOR,
        args=an_amendment,
        data=lambda world: {"reason": "Entered in the wrong project.", "seen": decisions.newest(world.project).pk},
    ),
    Row("consortium:decision_file", ASSOCIATION, args=with_the_paper),
    Row(
        "consortium:project_new",
        COORDINATOR,
        COORDINATOR,
        data=lambda world: {
            "copied_from": world.project.pk,
            "name_sv": "Nytt",
            "name_en": "New",
            "programme": "KA121-VET",
            "owner": world.association.pk,
        },
    ),
    Row(
        "consortium:project_settings",
        COORDINATOR,
        COORDINATOR,
        args=lambda world: [world.project.slug],
        data=lambda world: {"name_en": "Another name"},
    ),
    Row(
        "consortium:project_step",
        COORDINATOR,
        COORDINATOR,
        args=a_reopening,
        data=lambda world: {"reason": "The agency asks once more."},
    ),
    Row(
        "consortium:members_add",
        COORDINATOR,
        COORDINATOR,
        args=new_member,
        data=lambda world: {"organisations": [world.member_a.pk]},
        hides=lambda world: {"coordinator": {world.host.name}},
    ),
    Row("consortium:goals", COORDINATOR, args=lambda world: a_goal(world)[:1]),
    Row(
        "consortium:goal_new",
        COORDINATOR,
        COORDINATOR,
        args=lambda world: [world.project.slug],
        data=lambda world: {"code": "7", "title_sv": "Mat", "title_en": "Food"},
    ),
    Row("consortium:goal_edit", COORDINATOR, COORDINATOR, args=a_goal, data=lambda world: {"text_en": "To learn."}),
    Row("consortium:goal_move", None, COORDINATOR, args=a_goal, data=lambda world: {"direction": "up"}),
    Row("consortium:goal_delete", COORDINATOR, COORDINATOR, args=a_goal),
    Row(
        "consortium:goal_rule",
        COORDINATOR,
        COORDINATOR,
        args=lambda world: [world.project.slug],
        data=lambda world: {"min_focus_areas": 2},
    ),
    Row("consortium:goals_inherit", None, COORDINATOR, args=a_yearly_project),
    Row(
        "consortium:operation",
        COORDINATOR,
        COORDINATOR,
        args=an_esf_project,
        data=lambda world: {"period": "2021-2027"},
    ),
    Row("consortium:texts", COORDINATOR, args=lambda world: a_text(world)[:1]),
    Row(
        "consortium:text_new",
        COORDINATOR,
        COORDINATOR,
        args=lambda world: [world.project.slug],
        data=lambda world: {"heading_sv": "Syfte", "heading_en": "Aim"},
    ),
    Row("consortium:text_edit", COORDINATOR, COORDINATOR, args=a_text, data=lambda world: {"text_en": "To learn."}),
    Row("consortium:text_move", None, COORDINATOR, args=a_text, data=lambda world: {"direction": "up"}),
    Row("consortium:text_delete", COORDINATOR, COORDINATOR, args=a_text),
    Row("consortium:member_remove", COORDINATOR, COORDINATOR, args=a_member_without_places),
    Row("consortium:project_remove", COORDINATOR, COORDINATOR, args=new_member),
    Row(
        "consortium:members",
        ASSOCIATION | CONTACTS,
        args=project_of_members,
        hides=lambda world: {
            "contact": {world.member_b.name},
            "auditor": {world.users["contact"].name, world.users["contact_of_b"].name},
        },
    ),
    Row(
        "consortium:members_export",
        ASSOCIATION | CONTACTS,
        args=lambda world: [*project_of_members(world), "csv"],
        hides=lambda world: {
            "contact": {world.member_b.name},
            "auditor": {world.users["contact"].name, world.users["contact_of_b"].name},
        },
    ),
    Row(
        "consortium:member",
        OF_A,
        args=a_member,
        hides=lambda world: {"auditor": {world.users["contact"].name}},
    ),
    Row(
        "consortium:member_edit",
        COORDINATOR,
        COORDINATOR,
        args=a_member,
        data=lambda world: {"role": "member", "stands_for_status": "verified"},
        hides=lambda world: {"coordinator": {world.users["contact_of_b"].name}},  # answers for nothing at A
    ),
    Row(
        "consortium:member_paper_add",
        COORDINATOR,
        COORDINATOR,
        args=lambda world: [*a_member(world), "mandate"],
        data=lambda world: {"signed_on": factories.day(-1), "signed_by": "Rut Rektor", "file": a_file(world)},
    ),
    Row("consortium:member_paper", OF_A, args=a_paper_of_a_member),
    Row(
        "consortium:member_paper_end",
        COORDINATOR,
        COORDINATOR,
        args=a_paper_of_a_member,
        data=lambda world: {"ended_on": factories.day(-1), "reason": "They left."},
    ),
    Row(
        "consortium:network_join",
        COORDINATOR,
        COORDINATOR,
        args=lambda world: [world.member_a.pk],
        data=lambda world: {"joined_on": factories.day(-9)},
    ),
    Row(
        "consortium:network_membership",
        COORDINATOR,
        COORDINATOR,
        args=in_the_network,
        data=lambda world: {"left_on": factories.day(-1)},
    ),
    Row(
        "consortium:shares",
        ASSOCIATION | CONTACTS,
        blind=who("contact"),
        more=move_between_others,
        args=lambda world: [world.project.slug],
        hides=lambda world: {"contact": {world.member_b.name}},
    ),
    Row(
        "consortium:share",
        OF_A,
        COORDINATOR,
        args=a_share,
        data=lambda world: {"places": 12, "reason": "More wanted."},
    ),
    Row(
        "consortium:budget_share",
        OF_A,
        COORDINATOR,
        args=a_share_of_money,
        data=lambda world: {"amount": 12, "reason": "More wanted."},
        hides=lambda world: {"contact": {"10\N{NO-BREAK SPACE}000", "10,000"}},  # what the project was awarded
    ),
    Row("consortium:move_places", COORDINATOR, COORDINATOR, args=lambda world: [world.project.slug], data=a_move),
    Row(
        "consortium:share_out",
        COORDINATOR,
        COORDINATOR,
        args=lambda world: [world.project.slug],
        query=lambda world: "activity=short-learning&key=hand",
        data=numbers_of_shares,
    ),
    Row(
        "consortium:wishes",
        ASSOCIATION - who("auditor") | CONTACTS,  # the auditor is bound to another project
        args=planned_slug,
        hides=lambda world: {"contact": {world.member_b.name}},
    ),
    Row("consortium:wish", EDITORS_OF_A, EDITORS_OF_A, args=a_wish, data=an_answer),
    Row("consortium:decline_wish", None, EDITORS_OF_A, args=a_wish, data=lambda world: {"seen": 0}),
    Row(
        "consortium:ask_wishes",
        COORDINATOR,
        COORDINATOR,
        args=planned_slug,
        data=lambda world: {"answer_by": factories.day(20)},
    ),
    Row("consortium:remind_wishes", COORDINATOR, COORDINATOR, args=planned_slug),
    Row(
        "consortium:wish_request",
        STAFF,
        COORDINATOR,
        args=planned_slug,
        data=lambda world: {"sent_on": factories.day(0)},
    ),
    Row("consortium:me", LOGGED_IN, LOGGED_IN, data=lambda world: {"phone": "070-123 45 67"}),
    # Who has no second factor yet changes nothing by these pages with a wrong code, and nobody need confirm.
    Row("consortium:second_factor", ASSOCIATION | CONTACTS),
    Row(
        "consortium:second_factor_app",
        ASSOCIATION | CONTACTS,
        ASSOCIATION | CONTACTS,
        data=lambda world: {"code": "wrong"},
        done=200,
    ),
    Row(
        "consortium:second_factor_passkey",
        ASSOCIATION | CONTACTS,
        ASSOCIATION | CONTACTS,
        data=lambda world: {"name": "Key", "credential": "{}"},
        done=200,
    ),
    Row("consortium:recovery_codes", ASSOCIATION | CONTACTS, ASSOCIATION | CONTACTS, args=with_factors, got=302),
    Row(
        "consortium:second_factor_confirm",
        ASSOCIATION | CONTACTS,
        ASSOCIATION | CONTACTS,
        args=with_factors,
        data=lambda world: {"code": "wrong"},
        done=200,
    ),
    Row("consortium:second_factor_take_away", CONTACT, CONTACT, args=factor_of_the_contact, got=302),
    Row("consortium:reset_second_factor", COORDINATOR, COORDINATOR, args=lost_by_the_contact),
    Row("consortium:milestones", ASSOCIATION | CONTACTS, args=lambda world: [world.project.slug]),
    Row(
        "consortium:milestone_new",
        COORDINATOR,
        COORDINATOR,
        args=lambda world: [world.project.slug],
        data=lambda world: {"name_sv": "Rapport", "name_en": "Report", "kind": "other", "due_on": factories.day(9)},
    ),
    Row("consortium:milestone_edit", COORDINATOR, COORDINATOR, args=a_milestone, data=lambda world: {"kind": "claim"}),
    Row("consortium:milestone_mark", None, COORDINATOR, args=a_milestone, data=lambda world: {"done": "yes"}),
    Row("consortium:milestone_delete", COORDINATOR, COORDINATOR, args=a_milestone),
    Row(
        "consortium:all_milestones",
        ASSOCIATION | CONTACTS,
        blind=who("auditor"),
        more=milestone_elsewhere,
    ),
    Row(
        "consortium:calendar_address",
        ASSOCIATION | CONTACTS,
        ASSOCIATION | CONTACTS,
        data=lambda world: {"act": "revoke"},
    ),
    Row("consortium:calendar_feed", EVERYONE, args=lambda world: [calendar_feeds.make(user=world.users["contact"])]),
    Row(
        "consortium:people",
        who("coordinator staff contact contact_of_b"),
        args=invited_to_b,
        hides=lambda world: {"contact": {"Nils Nylund", world.users["contact_of_b"].name}},
    ),
    Row(
        "consortium:invite",
        COORDINATOR,
        COORDINATOR,
        data=lambda world: {
            "name": "Nina Ny",
            "email": "nina@example.org",
            "language": "en",
            "role": "contact",
            "organisation": world.member_a.pk,
        },
        hides=lambda world: {"coordinator": {world.host.name}},  # nobody is invited to a host
    ),
    Row(
        "mobilities:hand_over",
        COORDINATOR,
        COORDINATOR,
        args=with_a_successor,
        data=lambda world: {"successor": the_successor(world).pk, "ends_access": "on"},
        hides=lambda world: {"coordinator": {world.users["contact_of_b"].name}},  # takes over nothing at A
    ),
    Row(
        "consortium:person",
        who("coordinator staff contact"),
        args=in_two_members,
        hides=lambda world: {"contact": {world.member_b.name}},
    ),
    Row(
        "consortium:change_membership",
        COORDINATOR,
        COORDINATOR,
        args=a_membership,
        data=lambda world: {"to_date": factories.day(60), "reason": "Leaves in spring."},
    ),
    Row("consortium:end_membership", COORDINATOR, COORDINATOR, args=a_membership),
    Row("consortium:withdraw_invitation", None, COORDINATOR, args=pk_of(an_invitation)),
    Row("consortium:accept_invitation", EVERYONE, NOT_LOGGED_IN, args=a_secret, refused=200),
    Row(
        "consortium:organisations",
        ASSOCIATION | CONTACTS,
        hides=lambda world: {"contact": {world.member_b.name}},
    ),
    Row(
        "consortium:organisation",
        OF_A,
        args=in_two_projects,
        hides=lambda world: {"auditor": {world.users["contact"].name, "Another project"}},
    ),
    Row(
        "consortium:organisation_new",
        COORDINATOR,
        COORDINATOR,
        data=lambda world: {"kind": "member", "name": "Nyby lärcentrum", "country": "SE"},
    ),
    Row(
        "consortium:organisation_edit",
        COORDINATOR,
        COORDINATOR,
        args=lambda world: [world.member_a.pk],
        data=lambda world: {"city": "Almby"},
    ),
    Row(
        "consortium:employer_new",
        COORDINATOR | CONTACTS,
        COORDINATOR | CONTACTS,
        data=lambda world: {"name": "Nyby bygg", "city": "Nyby", "found_by": world.member_a.pk},
    ),
    Row(
        "consortium:employer_edit",
        EDITORS_OF_A,
        EDITORS_OF_A,
        args=pk_of(an_employer),
        data=lambda world: {"city": "Nyby"},
    ),
    Row("consortium:places", LOGGED_IN, query=lambda world: "q=Cork"),
    Row("consortium:hosts", ASSOCIATION | CONTACTS),
    Row("consortium:host", ASSOCIATION | CONTACTS, args=a_host),
    Row("consortium:host_new", COORDINATOR | CONTACTS, COORDINATOR | CONTACTS, data=new_host),
    Row(
        "consortium:host_edit",
        EDITORS_OF_A,
        EDITORS_OF_A,
        args=a_host,
        data=lambda world: {"city": "Braga", "country": "PT"},
    ),
    Row("consortium:host_agreement", ASSOCIATION | CONTACTS, args=a_host_with_agreement),
    Row("consortium:host_same", COORDINATOR, args=lambda world: [world.host.pk]),
    Row(
        "consortium:merge_hosts",
        COORDINATOR,
        COORDINATOR,
        args=a_host_twice,
        data=lambda world: {"name": world.host.pk, "seen": "0 0"},
    ),
    Row(
        "consortium:know_host",
        None,
        COORDINATOR | CONTACTS,
        args=lambda world: [world.host.pk],
        data=lambda world: {"knows": "yes"},
    ),
    Row(
        "consortium:judge_host",
        EDITORS_OF_A,
        EDITORS_OF_A,
        args=lambda world: [world.host.pk, world.member_a.pk],
        data=lambda world: {"would_use_again": "True", "note": "They take good care."},
    ),
    # How the cooperation with a partner is going
    Row(
        "mobilities:partners",
        STAFF | CONTACTS,
        args=lambda world: a_round(world) and [],
        hides=lambda world: {"contact": {world.member_b.name}},
    ),
    Row(
        "mobilities:partner",
        STAFF | CONTACTS,
        args=lambda world: [a_round(world).partner_id],
        hides=lambda world: {"contact": {world.member_b.name}},
    ),
    Row(
        "mobilities:partnership_new",
        COORDINATOR | CONTACTS,
        COORDINATOR | CONTACTS,
        data=lambda world: {"member": world.member_a.pk, "partner": world.host.pk, "held_on": factories.day(0)},
        hides=lambda world: {"contact": {world.member_b.name}},
    ),
    Row("mobilities:partnership", STAFF | who("contact"), args=pk_of(a_round)),
    Row(
        "mobilities:partnership_phase",
        EDITORS_OF_A,
        EDITORS_OF_A,
        args=of_a_phase,
        data=lambda world: {"score-school-1": 5},
    ),
    Row(
        "mobilities:partnership_finish",
        EDITORS_OF_A,
        EDITORS_OF_A,
        args=pk_of(a_round),
        data=lambda world: {
            "held_on": factories.day(0),
            "school_function": "Teacher",
            "employer_function": "Head of the unit",
        },
    ),
    Row(
        "mobilities:partnership_reopen",
        EDITORS_OF_A,
        EDITORS_OF_A,
        args=lambda world: [a_round(world, closed=True).pk],
        data=lambda world: {"reason": "A slip of the pen."},
    ),
    Row("mobilities:partnership_discard", None, EDITORS_OF_A, args=pk_of(an_empty_round)),
    Row("mobilities:partnership_paper", STAFF | who("contact"), args=pk_of(a_round)),
    Row("mobilities:partnership_export", STAFF | who("contact"), args=lambda world: [a_round(world).pk, "csv"]),
    # By which rates grants are worked out
    Row("mobilities:rates", LOGGED_IN, args=lambda world: a_call(world) and []),
    Row("mobilities:rate_year", LOGGED_IN, args=a_call),
    Row("mobilities:rate_row", LOGGED_IN, args=a_rate, hides=lambda world: {"traveller": {"History"}}),
    Row("mobilities:rate_change", COORDINATOR, COORDINATOR, args=a_rate, data=lambda world: {"source": "Annex IV"}),
    Row("mobilities:rate_remove", COORDINATOR, COORDINATOR, args=a_rate, data=lambda world: {"reason": "Twice."}),
    Row(
        "mobilities:rate_add",
        COORDINATOR,
        COORDINATOR,
        args=lambda world: [*a_call(world), "group"],
        data=lambda world: {"country_code": "FI", "group": "1"},
    ),
    Row("mobilities:rate_copy", COORDINATOR, COORDINATOR, args=lambda world: [a_call(world)[0] + 1]),
    Row("mobilities:rate_import", COORDINATOR, COORDINATOR, args=a_call, data=a_sheet, done=200),
    Row("mobilities:rate_take_in", None, COORDINATOR, args=a_call, data=a_sheet_that_was_shown),
    Row("mobilities:rate_grants", COORDINATOR, COORDINATOR, args=a_new_grant, data=chosen_for_a_grant),
    Row("mobilities:rate_export", LOGGED_IN, args=lambda world: [*a_call(world), "csv"]),
    Row("mobilities:rate_days_of", COORDINATOR, COORDINATOR, args=a_call, data=lambda world: {"country": "ES"}),
    Row(
        "mobilities:rate_days",
        COORDINATOR,
        COORDINATOR,
        args=lambda world: [*a_call(world), "SE"],
        data=lambda world: {"rate-staff-1": "77", "source": "Annex IV", "reason": "A slip"},
    ),
    Row(
        "mobilities:rate_series",
        COORDINATOR,
        COORDINATOR,
        args=lambda world: [*a_call(world), "travel"],
        data=lambda world: {"standard-0": "77", "source": "Annex IV", "reason": "A slip"},
    ),
    # The journey
    Row("mobilities:mobilities", LOGGED_IN),
    Row("mobilities:export", who("coordinator staff contact contact_of_b"), args=lambda world: ["csv"]),
    Row(
        "mobilities:mobility_new",
        who("coordinator contact"),
        who("coordinator contact"),
        data=a_registration,
        query=for_member_a,
    ),
    Row(
        "mobilities:mobility_new_grant",
        None,
        who("coordinator contact"),
        data=a_registration,
        query=for_member_a,
        done=200,
    ),
    Row("mobilities:mobility", TRAVELLER_TOO, args=a_mobility("ongoing")),
    Row("mobilities:mobility_edit", EDITORS_OF_A, EDITORS_OF_A, args=a_mobility("draft")),
    Row("mobilities:mobility_edit_grant", None, EDITORS_OF_A, args=a_mobility("draft"), done=200),
    Row(
        "mobilities:recalculate",
        COORDINATOR,
        COORDINATOR,
        args=with_rates_of_now,
        data=shown_of_a_grant,
    ),
    Row("mobilities:submit", EDITORS_OF_A, EDITORS_OF_A, args=a_mobility("draft")),
    Row(
        "mobilities:send_back",
        COORDINATOR,
        COORDINATOR,
        args=a_mobility("submitted"),
        data=lambda world: {"comment": "When?"},
    ),
    Row("mobilities:accept", COORDINATOR, COORDINATOR, args=a_mobility("submitted")),
    Row("mobilities:give_place", COORDINATOR, COORDINATOR, args=queued),
    Row(
        "mobilities:withdraw",
        EDITORS_OF_A,
        EDITORS_OF_A,
        args=a_mobility("submitted"),
        data=lambda world: {"reason": "Ill."},
    ),
    Row(
        "mobilities:cancel",
        EDITORS_OF_A,
        EDITORS_OF_A,
        args=a_mobility("accepted"),
        data=lambda world: {"reason": "Ill."},
    ),
    Row(
        "mobilities:funder",
        STAFF,
        STAFF,
        args=a_mobility("accepted"),
        data=lambda world: {"funder_state": "complete", "funder_id": "1"},
    ),
    Row("mobilities:close", COORDINATOR, COORDINATOR, args=a_mobility("reported", funder_state="complete")),
    Row("mobilities:document", TRAVELLER_TOO, args=a_paper),
    Row(
        "mobilities:document_add",
        EDITORS_OF_A,
        EDITORS_OF_A,
        args=a_mobility("ongoing"),
        data=lambda world: {"kind": "attendance", "file": a_file(world)},
    ),
    Row(
        "mobilities:placement_report",
        EDITORS_OF_A | who("traveller"),
        EDITORS_OF_A | who("traveller"),
        args=a_mobility("completed"),
        data=lambda world: {"file": a_file(world), "learned": "Much."},
    ),
    Row(
        "mobilities:review",
        EDITORS_OF_A,
        EDITORS_OF_A,
        args=a_mobility("completed", placement_report="submitted"),
        data=lambda world: {"act": "accept"},
    ),
    Row("mobilities:calculator", LOGGED_IN),
    Row("mobilities:participants", who("coordinator staff auditor contact contact_of_b")),
    Row("mobilities:participant", OF_A, args=lambda world: [world.make("draft").participant_id]),
    Row(
        "mobilities:participant_edit",
        EDITORS_OF_A,
        EDITORS_OF_A,
        args=lambda world: [world.traveller.pk],
        data=lambda world: {"phone": "1"},
    ),
    Row("mobilities:participant_access", EDITORS_OF_A, EDITORS_OF_A, args=lambda world: [world.traveller.pk]),
]
