"""The addresses of a host that was merged with another one lead to the one that stays."""

from functools import wraps

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from consortium.models import MergedHost


def leads_on(view):
    """Where the view finds no host of the number `pk`, the answer is the host that it became, for who may see that."""

    @wraps(view)
    def guarded(request, pk, **rest):
        try:
            return view(request, pk, **rest)
        except Http404:
            host = successor(pk, request.user)
            if host is None:
                raise
            if request.method == "POST":
                sentence = _(
                    "The host was merged with another one meanwhile. Nothing was saved. Here is the one that stays."
                )
                messages.warning(request, sentence)
            return redirect(host)

    return guarded


def successor(number, user):
    """The host into which the one of this number was merged, or None."""
    merged = MergedHost.objects.visible_to(user).filter(number=number).select_related("host").first()
    return merged and merged.host
