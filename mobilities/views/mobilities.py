"""The list of mobilities, one mobility, and the form that registers and changes one."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from consortium.models import Allocation, Organisation, Project
from consortium.permissions import NotAllowed, Permission
from mobilities import funder_state, grant_pages, lifecycle, next_steps, pages, places, registration
from mobilities.filters import MobilityFilters
from mobilities.forms.actions import FunderForm
from mobilities.forms.mobilities import MobilityForm, StartForm
from mobilities.forms.registration import RegistrationForm
from mobilities.models import Mobility, MobilityState
from westum.base import sheets
from westum.base.tokens import once

PAGE = 50
NOT_NOW = gettext_lazy("This mobility cannot be changed now.")


@require_safe
@vary_on_headers("HX-Request")
def mobility_list(request):
    filters = MobilityFilters(request.GET, user=request.user)
    seen = places.with_queue_numbers(Mobility.objects.visible_to(request.user).with_parties())
    rows = filters.narrow(next_steps.with_steps(seen))
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    for mobility in page:
        mobility.steps = next_steps.steps_of(mobility, request.user)
        mobility.amount_eur = (filters.amounts or {}).get(mobility.pk)
    template = "mobilities/mobility_list.html" + ("#results" if request.htmx else "")
    context = {
        "filters": filters,
        "headings": filters.headings(),
        "formats": sheets.LABELS.items(),
        "page": page,
        "may_filter": bool(request.user.rights),  # a traveller has one or two journeys
        "may_register": request.user.holds(Permission.MOBILITY_EDIT),
        "may_export": request.user.holds(Permission.EXPORT_PERSONS),
    }
    return render(request, template, context)


@require_safe
def mobility(request, pk):
    rows = Mobility.objects.visible_to(request.user).with_parties().with_grants().with_rights(request.user)
    row = get_object_or_404(next_steps.with_steps(rows), pk=pk)
    if not row.may_see_all:
        return render(request, "mobilities/journey_page.html", pages.of_traveller(row))
    return render(request, "mobilities/mobility.html", pages.of_mobility(row, request.user) | {"funder": _funder(row)})


def _funder(row):
    may_note = row.may_note_funder and not funder_state.refusal(row)
    return FunderForm(instance=row) if may_note else None


@require_http_methods(["GET", "HEAD", "POST"])
def mobility_new(request):
    if not Organisation.objects.registering(request.user).exists():
        raise Http404
    start, chosen = _start(request)
    if chosen is None:
        open_projects = Project.objects.visible_to(request.user).registering().exists()
        return render(request, "mobilities/mobility_start.html", {"form": start, "open_projects": open_projects})
    project, member = chosen
    form = RegistrationForm(
        request.POST or None,
        instance=Mobility(project=project, sending_organisation=member),
        initial={"participant": request.GET.get("participant")},
        user=request.user,
        complete=_hands_in(request),
    )

    def register():
        row = registration.register(
            mobility=form.instance,
            goals=form.cleaned_data["goals"],
            person=form.person,
            host=form.host,
            submit=_hands_in(request),
            by=request.user,
        )
        _tell(request, row, is_news=True)
        return row

    if request.POST.get("instead"):
        form.choose_instead(request.POST["instead"])
    elif request.method == "POST" and (response := once(request, form, register)):
        return response
    crumbs = [(_("Mobilities"), reverse("mobilities:mobilities")), (_("Register a mobility"), "")]
    which = urlencode({"project": project.slug, "member": member.pk})
    grant_url = f"{reverse('mobilities:mobility_new_grant')}?{which}"
    context = {"form": form, "crumbs": crumbs, "grant_url": grant_url} | _beside_the_form(request, form)
    return render(request, "mobilities/mobility_form.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def mobility_edit(request, pk):
    row = get_object_or_404(Mobility.objects.editable_by(request.user).with_parties().with_rights(request.user), pk=pk)
    may_change = pages.may_change(row)
    if request.method != "POST" and not may_change:
        messages.info(request, NOT_NOW)
        return redirect(row)
    form = MobilityForm(request.POST or None, instance=row, user=request.user, complete=_hands_in(request))
    is_draft = lifecycle.allows(row, "submit")
    had_place = row.has_place

    def save():
        if not may_change:  # what was typed while somebody else went on stays on the page
            raise NotAllowed(NOT_NOW)
        saved = registration.change(
            mobility=form.instance,
            goals=form.cleaned_data["goals"],
            host=form.host,
            submit=is_draft and _hands_in(request),
            by=request.user,
        )
        _tell(request, saved, is_news=is_draft or saved.has_place != had_place)
        return saved

    if request.method == "POST" and (response := once(request, form, save)):
        return response
    context = {
        "form": form,
        "mobility": row,
        "is_draft": is_draft,
        "grant_url": reverse("mobilities:mobility_edit_grant", args=[row.pk]),
        "crumbs": [
            (_("Mobilities"), reverse("mobilities:mobilities")),
            (str(row), row.get_absolute_url()),
            (_("Change"), ""),
        ],
    } | _beside_the_form(request, form)
    return render(request, "mobilities/mobility_form.html", context)


def _start(request):
    """The first form of a registration, and the project and member that are chosen by it."""
    start = StartForm(request.GET, user=request.user, handed_in=request.method == "POST")
    if start.has_error("member", "invalid_choice"):
        raise Http404  # nobody registers for a member by guessing its number, nor for another one in its stead
    return start, start.chosen()


@require_POST
def mobility_new_grant(request):
    """The planned grant of what is being written. Nothing is saved."""
    chosen = _start(request)[1]
    if chosen is None:  # also for who registers nothing anywhere, and so has no member to choose
        raise Http404
    project, member = chosen
    draft = Mobility(project=project, sending_organisation=member)
    return _planned(request, RegistrationForm(request.POST, instance=draft, user=request.user))


@require_POST
def mobility_edit_grant(request, pk):
    """The same for a mobility that is being changed."""
    row = get_object_or_404(Mobility.objects.editable_by(request.user).with_parties(), pk=pk)
    return _planned(request, MobilityForm(request.POST, instance=row, user=request.user))


def _planned(request, form):
    form.full_clean()
    context = {"form": form, "planned": grant_pages.planned_by(form), "is_answer": True}
    return render(request, "mobilities/grant_planned.html", context)


def _hands_in(request):
    """The first button of the form hands in; the others save a draft, or only choose a person."""
    return request.method == "POST" and request.POST.get("act") != "draft" and "instead" not in request.POST


def _tell(request, row, *, is_news):
    """How it stands now, when that is new; else only that the changes are kept."""
    if lifecycle.allows(row, "submit"):
        messages.success(request, _("The draft is saved. Nobody else has to do anything yet."))
    elif is_news and row.state == MobilityState.SUBMITTED:
        messages.add_message(request, *pages.told_of_submission(row))
    else:
        messages.success(request, _("The changes are saved."))


def _beside_the_form(request, form):
    """What one wants to see while filling it in: the grant, the member's places, and what the project's goals ask for."""
    if form.is_bound and form._errors is None:
        form.full_clean()
    project, member = form.instance.project, form.instance.sending_organisation
    rule = getattr(project, "goal_rule", None)
    return {
        "project": project,
        "member": member,
        "shares": _shares(request, project, member),
        "least": rule.min_focus_areas if rule else 0,
        "overarching": list(project.goals.overarching()),
        "planned": grant_pages.planned_by(form) if project.is_erasmus else None,
    }


def _shares(request, project, member):
    shares = Allocation.objects.visible_to(request.user).filter(member__project=project, member__organisation=member)
    shares = list(shares.select_related("activity_type").order_by("activity_type"))
    for share in shares:
        share.bar = [{"value": share.places_taken}]
    return shares
