from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from consortium import people
from consortium.forms.organisations import OrganisationFilters, OrganisationForm
from consortium.models import Membership, NetworkMembership, Organisation, ProjectMember
from consortium.permissions import Permission, requires
from consortium.views.merged import leads_on
from westum.base.history import lines_of
from westum.base.tokens import once


@require_safe
@requires(Permission.ORGANISATION_VIEW)
def organisation_list(request):
    filters = OrganisationFilters(request.GET, user=request.user)
    found = filters.narrow(Organisation.objects.visible_to(request.user)).in_order()
    context = {
        "filters": filters,
        "page": Paginator(found, 50).get_page(request.GET.get("page")),
        "may_edit": request.user.holds(Permission.ORGANISATION_EDIT),
    }
    return render(request, "consortium/organisations.html", context)


@require_safe
@leads_on
def organisation_page(request, pk):
    organisation = get_object_or_404(Organisation.objects.visible_to(request.user), pk=pk)
    if organisation.is_host:
        return redirect(organisation)
    in_projects = ProjectMember.objects.visible_to(request.user).filter(organisation=organisation)
    contacts = Membership.objects.visible_to(request.user).filter(organisation=organisation).contacts().valid_today()
    may_edit = request.user.holds(Permission.ORGANISATION_EDIT)
    may_invite = request.user.holds(Permission.PEOPLE_EDIT)
    context = {
        "organisation": organisation,
        "municipalities": ", ".join(map(str, organisation.municipalities.in_order())),
        "other_names": list(organisation.other_names.all()),
        "in_projects": in_projects.with_projects().newest_first(),
        "in_network": NetworkMembership.objects.visible_to(request.user)
        .filter(organisation=organisation)
        .newest_first(),
        "contacts": contacts.with_people().by_organisation(),
        "may_invite": may_invite,
        "acting": people.acting_contact() if may_invite else None,
        "has_statement": Organisation.objects.statement_visible_to(request.user).filter(pk=pk).exists(),
        "may_edit": may_edit,
        "may_edit_employer": organisation.is_partner
        and Organisation.objects.employers_editable_by(request.user).filter(pk=pk).exists(),
        "sees_partnerships": organisation.is_partner and request.user.holds(Permission.PARTNERSHIP_VIEW),
        "lines": lines_of(organisation, limit=20) if may_edit else [],
    }
    return render(request, "consortium/organisation.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.ORGANISATION_EDIT)
def organisation_new(request):
    form = OrganisationForm(
        request.POST if request.method == "POST" else None, instance=Organisation(), user=request.user
    )
    if request.method == "POST" and (answer := once(request, form, lambda: _save(request, form))):
        return answer
    return render(request, "consortium/organisation_form.html", {"form": form, "organisation": None})


@require_http_methods(["GET", "HEAD", "POST"])
def organisation_edit(request, pk):
    organisation = get_object_or_404(Organisation.objects.editable_by(request.user), pk=pk)
    name = organisation.name
    form = OrganisationForm(
        request.POST if request.method == "POST" else None, instance=organisation, user=request.user
    )
    if request.method == "POST" and (answer := once(request, form, lambda: _save(request, form))):
        return answer
    return render(
        request, "consortium/organisation_form.html", {"form": form, "organisation": organisation, "name": name}
    )


def _save(request, form):
    organisation = form.save()
    messages.success(request, _("%(organisation)s is saved.") % {"organisation": organisation})
    return redirect(organisation)
