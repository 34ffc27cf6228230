from allauth.account.utils import perform_login
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from consortium import people, person_history, responsible_contacts, second_factors
from consortium.forms.people import ConfirmForm, InvitationForm, MembershipForm, PeopleFilters
from consortium.models import Invitation, Membership, User
from consortium.permissions import NotAllowed, Permission, Role, requires
from westum.base.formats import day, listed
from westum.base.tokens import once


@require_safe
@requires(Permission.PEOPLE_VIEW)
def people_list(request):
    """Who has access, by organisation, and who has been invited."""
    filters = PeopleFilters(request.GET)
    found = filters.narrow(Membership.objects.visible_to(request.user)).with_people().by_organisation()
    may_edit = request.user.holds(Permission.PEOPLE_EDIT)
    if may_edit:
        found = found.with_second_factors()
    invitations = Invitation.objects.visible_to(request.user).waiting().with_names().newest_first()
    context = {
        "filters": filters,
        "page": Paginator(found, 50).get_page(request.GET.get("page")),
        "invitations": invitations,
        "may_edit": may_edit,
        "without_contact": people.members_without_contact() if may_edit else [],
    }
    return render(request, "consortium/people.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.PEOPLE_EDIT)
def invite(request):
    if request.method == "POST":
        form = InvitationForm(request.POST, user=request.user)
        answer = once(request, form, lambda: _invite(request, form))
        if answer:
            return answer
    else:
        # The address may say whom one had in mind: ?organisation=12&role=contact
        form = InvitationForm(
            initial={name: request.GET[name] for name in ("organisation", "role") if name in request.GET},
            user=request.user,
        )
    return render(request, "consortium/invite.html", {"form": form})


def _invite(request, form):
    invitation = people.invite(invitation=form.instance, by=request.user)
    messages.success(
        request,
        _("The invitation is on its way to %(email)s. It works until %(day)s.")
        % {"email": invitation.email, "day": day(invitation.expires_at)},
    )
    return redirect("consortium:people")


@require_safe
@requires(Permission.PEOPLE_VIEW)
def person(request, pk):
    """One person, met through a membership that the reader sees: how to reach them, and what they may do where."""
    membership = get_object_or_404(Membership.objects.visible_to(request.user).with_people(), pk=pk)
    memberships = Membership.objects.visible_to(request.user).filter(user=membership.user_id).with_people()
    memberships = list(memberships.newest_first())
    may_edit = request.user.holds(Permission.PEOPLE_EDIT)
    context = {
        "membership": membership,
        "person": membership.user,
        "memberships": memberships,
        "may_edit": may_edit,
        "has_second_factor": may_edit and second_factors.has(membership.user),
        "is_asked_of": may_edit and second_factors.is_asked_of(membership.user),
        "is_own": membership.user_id == request.user.pk,
        "lines": person_history.lines_of(membership.user, memberships),
    }
    return render(request, "consortium/person.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def change_membership(request, pk):
    membership = get_object_or_404(Membership.objects.editable_by(request.user).not_over().with_people(), pk=pk)
    is_last_contact = people.is_last_contact(membership)  # before the form writes on it what was sent
    form = MembershipForm(request.POST if request.method == "POST" else None, instance=membership, user=request.user)
    if request.method == "POST" and (answer := once(request, form, lambda: _change(request, form))):
        return answer
    context = {
        "form": form,
        "membership": membership,
        "is_last_contact": is_last_contact,
        "is_own": membership.user_id == request.user.pk,
    }
    return render(request, "consortium/change_membership.html", context)


def _change(request, form):
    said = {name: form.cleaned_data[name] for name in ("role", "project", "from_date", "to_date", "reason")}
    changed = people.change_membership(membership=form.instance, version=form.version_seen, by=request.user, **said)
    messages.success(
        request,
        _("%(person)s is now %(role)s for %(organisation)s.")
        % {
            "person": changed.user,
            "role": changed.get_role_display(),
            "organisation": changed.organisation,
        },
    )
    return redirect("/" if changed.user_id == request.user.pk else changed)


@require_http_methods(["GET", "HEAD", "POST"])
def end_membership(request, pk):
    """Ask first, then end somebody's access."""
    membership = get_object_or_404(Membership.objects.editable_by(request.user).not_over().with_people(), pk=pk)
    form = ConfirmForm(request.POST if request.method == "POST" else None, user=request.user)
    if request.method == "POST" and (answer := once(request, form, lambda: _end(request, membership))):
        return answer
    context = {
        "form": form,
        "membership": membership,
        "moves_up": _moves_up(membership),
        "is_last_contact": people.is_last_contact(membership),
        "is_own": membership.user_id == request.user.pk,
    }
    return render(request, "consortium/end_membership.html", context)


def _moves_up(membership):
    """Sentences on who becomes the responsible contact person, and in which projects."""
    if membership.role != Role.CONTACT:
        return []
    return [
        _("%(deputy)s becomes the responsible contact person in %(projects)s.")
        % {"deputy": deputy, "projects": listed([project.name for project in projects])}
        if deputy
        else _("Nobody is then the responsible contact person in %(projects)s.")
        % {"projects": listed([project.name for project in projects])}
        for deputy, projects in responsible_contacts.to_move_up(membership).items()
    ]


def _end(request, membership):
    moves_up = _moves_up(membership)
    people.end_membership(membership=membership, by=request.user)
    ended = _("%(person)s no longer has access for %(organisation)s.")
    sentences = [ended % {"person": membership.user, "organisation": membership.organisation}, *moves_up]
    messages.success(request, " ".join(sentences))
    return redirect("/" if membership.user_id == request.user.pk else "consortium:people")


@require_POST
def withdraw_invitation(request, pk):
    invitation = get_object_or_404(Invitation.objects.editable_by(request.user), pk=pk)
    try:
        people.withdraw_invitation(invitation=invitation, by=request.user)
    except NotAllowed as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, _("The invitation of %(name)s no longer works.") % {"name": invitation.name})
    return redirect("consortium:people")


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def accept_invitation(request, secret):
    """The page to which the mail leads. Only a button accepts: mail programs open addresses on their own."""
    response = _answer_to(request, people.find_invitation(secret))
    response["Cache-Control"] = "no-store"
    # The secret stands in the address. With "no-referrer" browsers send forms with `Origin: null`, which CSRF refuses.
    response["Referrer-Policy"] = "strict-origin"
    return response


def _answer_to(request, invitation):
    if invitation is None:
        return render(request, "consortium/invitation_closed.html", {"invitation": None}, status=404)
    is_invited_person = request.user.is_authenticated and request.user.email.lower() == invitation.email.lower()
    if invitation.accepted_at and is_invited_person:
        return redirect("/")  # a second click on the button
    if not invitation.is_open:
        return render(request, "consortium/invitation_closed.html", {"invitation": invitation}, status=410)
    refusal = ""
    if request.method == "POST" and (is_invited_person or not request.user.is_authenticated):
        try:
            return _accept(request, invitation)
        except ValidationError as refused:
            refusal = " ".join(refused.messages)
    context = {
        "invitation": invitation,
        "is_somebody_else": request.user.is_authenticated and not is_invited_person,
        "refusal": refusal,
    }
    return render(request, "consortium/invitation.html", context)


def _accept(request, invitation):
    """Accept, and let in who is new. Who had an account logs in as always: a mail that was passed on opens none."""
    has_account = User.objects.filter(email__iexact=invitation.email).exists()
    user = people.accept_invitation(invitation=invitation)
    if request.user.is_authenticated:
        messages.success(request, _("You have accepted the invitation."))
        return redirect("/")
    if has_account:
        messages.success(request, _("You have accepted the invitation. Log in with your address as always."))
        return redirect("account_login")
    with translation.override(user.language):  # that of the page which the log-in leads to
        welcome = _("Welcome to Westum! From now on you log in with %(email)s and a code.") % {"email": user.email}
    messages.success(request, welcome)
    return perform_login(request, user, redirect_url="/")
