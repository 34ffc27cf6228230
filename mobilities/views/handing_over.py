"""A contact person hands over. The page stands here because it counts the journeys' open steps."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from consortium import handing_over, responsible_contacts
from consortium.forms.handing_over import HandOverForm
from consortium.models import Invitation, Membership
from mobilities import next_steps
from westum.base.tokens import once


@require_http_methods(["GET", "HEAD", "POST"])
def hand_over(request, pk):
    """Show what changes hands, ask who takes over, and do it in one step."""
    contacts = Membership.objects.editable_by(request.user).valid_today().contacts().with_people()
    membership = get_object_or_404(contacts, pk=pk)
    successors = handing_over.successors(membership).with_people().by_organisation()
    form = HandOverForm(request.POST if request.method == "POST" else None, successors=successors, user=request.user)
    if request.method == "POST" and (answer := once(request, form, lambda: _hand_over(request, membership, form))):
        return answer
    context = {
        "membership": membership,
        "form": form,
        "has_successors": successors.exists(),
        "members": responsible_contacts.answered_for_by(membership).with_projects().newest_first(),
        "steps": next_steps.of_contacts(membership.organisation),
        "invitations": Invitation.objects.visible_to(request.user)
        .filter(organisation=membership.organisation_id)
        .waiting()
        .newest_first(),
    }
    return render(request, "mobilities/hand_over.html", context)


def _hand_over(request, membership, form):
    asked = form.cleaned_data
    handing_over.hand_over(membership=membership, **asked, by=request.user)
    words = {"person": asked["successor"].user, "former": membership.user, "organisation": membership.organisation}
    if asked["ends_access"]:
        sentence = _("%(person)s has taken over for %(organisation)s, and the access of %(former)s has ended.")
    else:
        sentence = _("%(person)s has taken over for %(organisation)s. %(former)s still has access.")
    messages.success(request, sentence % words)
    return redirect("consortium:people")
