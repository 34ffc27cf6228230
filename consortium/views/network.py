from django.contrib import messages
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from consortium import network
from consortium.forms.network import NetworkMembershipForm
from consortium.models import NetworkMembership, Organisation
from westum.base.tokens import once


@require_http_methods(["GET", "HEAD", "POST"])
def network_join(request, pk):
    organisation = get_object_or_404(Organisation.objects.editable_by(request.user).members(), pk=pk)
    return _form(request, NetworkMembership(organisation=organisation))


@require_http_methods(["GET", "HEAD", "POST"])
def network_membership(request, pk, membership):
    """Its first and last day; giving it a last day is how it ends."""
    rows = NetworkMembership.objects.editable_by(request.user).select_related("organisation")
    return _form(request, get_object_or_404(rows, organisation=pk, pk=membership))


def _form(request, membership):
    is_new = membership._state.adding
    form = NetworkMembershipForm(
        request.POST if request.method == "POST" else None, instance=membership, user=request.user
    )

    def save():
        network.keep(membership=form.instance, by=request.user)
        messages.success(request, _("The membership of the network is saved."))
        return membership.organisation

    if request.method == "POST" and (answer := once(request, form, save)):
        return answer
    context = {"form": form, "organisation": membership.organisation, "is_new": is_new}
    return render(request, "consortium/network_membership.html", context)
