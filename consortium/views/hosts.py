"""The bank of hosts: who receives participants from this consortium, and who knows them."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from consortium import host_ties, hosts
from consortium.forms.hosts import HostFilters, HostForm, VerdictForm
from consortium.models import HostVerdict, Organisation
from consortium.permissions import Permission, requires
from westum.base.history import lines_of
from westum.base.tokens import once

PAGE = 25


@require_safe
@requires(Permission.ORGANISATION_VIEW)
def host_list(request):
    bank = Organisation.objects.visible_to(request.user).hosts()
    filters = HostFilters(request.GET, hosts=bank)
    found = host_ties.loaded(filters.narrow(bank)).in_order()
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    host_ties.count(page.object_list)
    context = {
        "filters": filters,
        "page": page,
        "may_add": request.user.holds(Permission.HOST_EDIT),
        "sees_people": request.user.holds(Permission.PEOPLE_VIEW),
    }
    return render(request, "consortium/hosts.html", context)


@require_safe
def host_page(request, pk):
    host = get_object_or_404(host_ties.loaded(Organisation.objects.visible_to(request.user).hosts()), pk=pk)
    host_ties.count([host])
    may_edit = Organisation.objects.hosts_editable_by(request.user).filter(pk=pk).exists()
    context = {
        "host": host,
        "other_names": list(host.other_names.all()),
        "experiences": host_ties.experiences(host, request.user),
        "knows_it": any(known.user_id == request.user.pk for known in host.known_by),
        "may_know": request.user.holds(Permission.HOST_EDIT),
        "sees_people": request.user.holds(Permission.PEOPLE_VIEW),
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


@require_POST
@requires(Permission.HOST_EDIT)
def know_host(request, pk):
    """ "I know them", or no longer, by one press; pressed twice it is the same."""
    host = get_object_or_404(Organisation.objects.visible_to(request.user).hosts(), pk=pk)
    if request.POST.get("knows") == "no":
        hosts.know_no_longer(host=host, by=request.user)
        messages.success(request, _("You no longer stand among those who know this host."))
    else:
        hosts.know(host=host, by=request.user)
        messages.success(request, _("Your colleagues see now that you know this host."))
    return redirect(host)


@require_http_methods(["GET", "HEAD", "POST"])
def judge_host(request, pk, member):
    """Would the member use this host again? Asked when a stay of its participants has ended."""
    host = get_object_or_404(Organisation.objects.visible_to(request.user).hosts(), pk=pk)
    member = get_object_or_404(Organisation.objects.permitting(request.user, Permission.HOST_EDIT), pk=member)
    given = HostVerdict.objects.editable_by(request.user).filter(host=host, organisation=member).first()
    form = VerdictForm(
        request.POST if request.method == "POST" else None,
        instance=given or HostVerdict(host=host, organisation=member),
        user=request.user,
    )
    if request.method == "POST" and (answer := once(request, form, lambda: _judge(request, form))):
        return answer
    context = {"host": host, "member": member, "form": form, "lines": lines_of(given) if given else []}
    return render(request, "consortium/host_verdict.html", context)


def _judge(request, form):
    verdict = hosts.judge(verdict=form.instance, by=request.user)
    messages.success(request, _("What %(member)s says of the host is saved.") % {"member": verdict.organisation})
    return redirect(verdict.host)
