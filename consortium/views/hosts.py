"""The bank of hosts: who receives participants from this consortium, and who knows them."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from consortium import hosts
from consortium.forms.hosts import HostFilters, HostForm
from consortium.models import Organisation
from consortium.permissions import Permission, requires
from westum.base.history import lines_of
from westum.base.tokens import once

PAGE = 25


@require_safe
@requires(Permission.ORGANISATION_VIEW)
def host_list(request):
    bank = Organisation.objects.visible_to(request.user).hosts()
    filters = HostFilters(request.GET, hosts=bank)
    found = filters.narrow(bank).for_the_bank().in_order()
    context = {
        "filters": filters,
        "page": Paginator(found, PAGE).get_page(request.GET.get("page")),
        "may_add": request.user.holds(Permission.HOST_EDIT),
    }
    return render(request, "consortium/hosts.html", context)


@require_safe
def host_page(request, pk):
    host = get_object_or_404(Organisation.objects.visible_to(request.user).hosts().for_the_bank(), pk=pk)
    may_edit = Organisation.objects.hosts_editable_by(request.user).filter(pk=pk).exists()
    context = {
        "host": host,
        "other_names": list(host.other_names.all()),
        "may_edit": may_edit,
        "lines": lines_of(host, limit=20) if may_edit else [],
    }
    return render(request, "consortium/host.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.HOST_EDIT)
def host_new(request):
    form = HostForm(request.POST if request.method == "POST" else None, instance=Organisation(), user=request.user)
    if request.method == "POST" and (answer := once(request, form, lambda: _keep(request, form, hosts.add))):
        return answer
    return render(request, "consortium/host_form.html", {"form": form, "host": None})


@require_http_methods(["GET", "HEAD", "POST"])
def host_edit(request, pk):
    host = get_object_or_404(Organisation.objects.hosts_editable_by(request.user), pk=pk)
    name = host.name
    form = HostForm(request.POST if request.method == "POST" else None, instance=host, user=request.user)
    if request.method == "POST" and (answer := once(request, form, lambda: _keep(request, form, hosts.change))):
        return answer
    return render(request, "consortium/host_form.html", {"form": form, "host": host, "name": name})


def _keep(request, form, verb):
    """Add or change the host by the rule, and say so."""
    host = verb(
        host=form.instance,
        **{name: form.cleaned_data[name] for name in ("fields_of_work", "languages", "other_names")},
        by=request.user,
    )
    messages.success(request, _("%(organisation)s is saved.") % {"organisation": host})
    return redirect(host)
