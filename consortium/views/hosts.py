"""The bank of hosts: who receives participants from this consortium, and who knows them."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from consortium import host_facts, host_merges, host_ties, hosts, look_alikes
from consortium.forms.hosts import HostFilters, HostForm, MergeForm, SameHostForm, VerdictForm
from consortium.models import HostVerdict, Organisation
from consortium.permissions import NotAllowed, Permission, requires
from consortium.views.merged import leads_on, successor
from westum.base import files
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
        "sees_partnerships": request.user.holds(Permission.PARTNERSHIP_VIEW),
        "sees_people": request.user.holds(Permission.PEOPLE_VIEW),
    }
    return render(request, "consortium/hosts.html", context)


@require_safe
@leads_on
def host_page(request, pk):
    bank = Organisation.objects.visible_to(request.user).hosts()
    host = get_object_or_404(host_ties.loaded(bank).select_related("agreement_file"), pk=pk)
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
        "may_merge": request.user.holds(Permission.ORGANISATION_EDIT),
        "sees_partnerships": request.user.holds(Permission.PARTNERSHIP_VIEW),
        "lines": lines_of(host, limit=20) if may_edit else [],
    }
    return render(request, "consortium/host.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.HOST_EDIT)
def host_new(request):
    form = _host_form(request, Organisation())
    if request.method == "POST" and (answer := once(request, form, lambda: _keep(request, form, hosts.add))):
        return answer
    return render(request, "consortium/host_form.html", {"form": form, "host": None})


@require_safe
@leads_on
def host_agreement(request, pk):
    """The signed agreement as a file, for all who see the bank of hosts."""
    bank = Organisation.objects.visible_to(request.user).hosts().select_related("agreement_file")
    return files.as_attachment(get_object_or_404(bank, pk=pk, agreement_file__isnull=False).agreement_file)


@require_http_methods(["GET", "HEAD", "POST"])
@leads_on
def host_edit(request, pk):
    host = get_object_or_404(Organisation.objects.hosts_editable_by(request.user), pk=pk)
    name = host.name
    form = _host_form(request, host)
    if request.method == "POST" and (answer := once(request, form, lambda: _keep(request, form, hosts.change))):
        return answer
    return render(request, "consortium/host_form.html", {"form": form, "host": host, "name": name})


def _host_form(request, host):
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    return HostForm(*sent, instance=host, user=request.user)


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
@leads_on
@requires(Permission.HOST_EDIT)
def know_host(request, pk):
    """ "I know them", or no longer, by one press; pressed twice it is the same."""
    host = get_object_or_404(Organisation.objects.visible_to(request.user).hosts(), pk=pk)
    try:
        if request.POST.get("knows") == "no":
            hosts.know_no_longer(host=host, by=request.user)
            messages.success(request, _("You no longer stand among those who know this host."))
        else:
            hosts.know(host=host, by=request.user)
            messages.success(request, _("Your colleagues see now that you know this host."))
    except NotAllowed as refusal:  # merged away in this moment: its page leads on
        messages.warning(request, refusal.sentence)
    return redirect(host)


@require_http_methods(["GET", "HEAD", "POST"])
@leads_on
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


@require_safe
@leads_on
def host_same(request, pk):
    """Which other row of the bank is the same host? Those of a like name are offered, all others can be searched."""
    bank = Organisation.objects.editable_by(request.user).hosts()
    host = get_object_or_404(bank, pk=pk)
    others = bank.exclude(pk=pk).in_order()
    form = SameHostForm(request.GET)
    context = {
        "host": host,
        "form": form,
        "look_alikes": look_alikes.of(host, others.with_names()),
        "page": Paginator(form.found(others), PAGE).get_page(request.GET.get("page")) if form.words else None,
    }
    return render(request, "consortium/host_same.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@leads_on
def merge_hosts(request, pk, other):
    """Both rows side by side; the coordinator says which values stay, and makes one host of them."""
    bank = host_ties.loaded(Organisation.objects.editable_by(request.user).hosts()).select_related("agreement_file")
    found = list(bank.prefetch_related("other_names", "municipalities").filter(Q(pk=pk) | Q(pk=other)))
    if len(found) != 2:
        if host := successor(other, request.user):
            return redirect(host)
        raise Http404
    stays, goes = host_merges.in_order(*host_ties.count(found))
    form = MergeForm(request.POST if request.method == "POST" else None, stays=stays, goes=goes, user=request.user)

    def merge():
        host = host_merges.merge(one=stays, other=goes, kept=form.kept, by=request.user)
        messages.success(request, _("The two are one host now. Look through what stands here."))
        return redirect(host)

    if request.method == "POST" and (answer := once(request, form, merge)):
        return answer
    context = {
        "form": form,
        "host": stays if stays.pk == pk else goes,
        "pair": [stays, goes],
        "headings": host_merges.headings(stays, goes),
        "facts": host_facts.compared(stays, goes),
        "told": host_merges.told(goes),
        "doubts": host_merges.doubts(stays, goes),
        "refusal": host_merges.refusal(stays, goes),
    }
    return render(request, "consortium/merge_hosts.html", context)
