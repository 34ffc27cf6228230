"""The verbs of a mobility's life, one page each: what happens, what it needs to know, and the button.

The mobility's own page has the same buttons where nothing needs to be written; both post here.
"""

from copy import copy

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from mobilities import funder_state, grant_pages, grant_recalculations, lifecycle, pages
from mobilities.forms.actions import CommentForm, FunderForm, ReasonForm, RecalculationForm
from mobilities.models import Mobility
from westum.base.forms import PlainForm
from westum.base.tokens import once


def _answer(request, mobility, form, act, *, title, button, text="", done="", told=None, tone="", **more):
    """Do it once and go back to the mobility, or show the page with what is missing.

    The message is `done`, or what `told` makes of the mobility as it stands then: a level and a sentence.
    """

    def act_and_tell():
        changed = act(form.cleaned_data)
        messages.add_message(request, *(told(changed) if told else (messages.SUCCESS, done)))
        return mobility

    if request.method == "POST" and (response := once(request, form, act_and_tell)):
        return response
    context = {
        "form": form,
        "mobility": mobility,
        "title": title,
        "text": text,
        "button": button,
        "tone": tone,
        "crumbs": pages.crumbs(mobility, title),
        "facts": pages.facts(mobility),
    } | more
    return render(request, "mobilities/action.html", context)


def _not_now(request, mobility):
    """Somebody was faster, or the link is old: the mobility's page shows how it stands."""
    messages.info(request, _("This is not possible now. Below you see how the mobility stands."))
    return redirect(mobility)


def _is_shown(request, mobility, verb):
    """A form that was sent goes to the rule, which has the sentence; for a page that is only opened we look first."""
    return request.method == "POST" or lifecycle.allows(mobility, verb)


@require_http_methods(["GET", "HEAD", "POST"])
def submit(request, pk):
    mobility = get_object_or_404(Mobility.objects.editable_by(request.user).with_parties(), pk=pk)
    if not _is_shown(request, mobility, "submit"):
        return _not_now(request, mobility)
    return _answer(
        request,
        mobility,
        PlainForm(request.POST or None, user=request.user),
        lambda data: lifecycle.submit(mobility=mobility, by=request.user),
        title=_("Submit the mobility"),
        text=_("It takes a place of your share. The coordinator reads it and accepts it or sends it back."),
        button=_("Submit"),
        told=pages.told_of_submission,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def send_back(request, pk):
    mobility = get_object_or_404(Mobility.objects.acceptable_by(request.user).with_parties(), pk=pk)
    if not _is_shown(request, mobility, "send_back"):
        return _not_now(request, mobility)
    return _answer(
        request,
        mobility,
        CommentForm(request.POST or None, user=request.user),
        lambda data: lifecycle.send_back(mobility=mobility, comment=data["comment"], by=request.user),
        title=_("Send the mobility back"),
        text=pages.what_sending_back_does(mobility),
        button=_("Send back"),
        done=_("The mobility is a draft again, and a mail is on its way."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def give_place(request, pk):
    mobility = get_object_or_404(Mobility.objects.acceptable_by(request.user).with_parties(), pk=pk)
    if not _is_shown(request, mobility, "give_place"):
        return _not_now(request, mobility)
    return _answer(
        request,
        mobility,
        PlainForm(request.POST or None, user=request.user),
        lambda data: lifecycle.give_place(mobility=mobility, by=request.user),
        title=_("Give the mobility a place"),
        text=_("It takes a free place of the member's share, also before others who have waited longer."),
        button=_("Give a place"),
        done=_("The mobility has a place now."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def accept(request, pk):
    mobility = get_object_or_404(Mobility.objects.acceptable_by(request.user).with_parties(), pk=pk)
    if not _is_shown(request, mobility, "accept"):
        return _not_now(request, mobility)
    return _answer(
        request,
        mobility,
        PlainForm(request.POST or None, user=request.user),
        lambda data: lifecycle.accept(mobility=mobility, by=request.user),
        title=_("Accept the mobility"),
        text=_("The participant gets a mail that tells how to log in, if there is an e-mail address."),
        button=_("Accept"),
        done=_("The mobility is accepted."),
        planned=grant_pages.planned(mobility, request.user) if mobility.project.is_erasmus else None,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def recalculate(request, pk):
    rows = Mobility.objects.acceptable_by(request.user).with_parties().with_grants().with_rights(request.user)
    mobility = get_object_or_404(rows, pk=pk)
    renewal = grant_pages.renewal(mobility, request.user)
    if request.method != "POST" and not renewal:
        return _not_now(request, mobility)
    return _answer(
        request,
        mobility,
        RecalculationForm(request.POST or None, shown=renewal, user=request.user),
        lambda data: grant_recalculations.calculate_anew(mobilities=[mobility], reason=data["reason"], by=request.user),
        title=_("Calculate the grant anew"),
        text=_("The present rates take the place of those that the grant is kept with."),
        button=_("Calculate anew"),
        done=_("The grant is calculated anew."),
        renewal=renewal,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request, pk):
    mobility = get_object_or_404(Mobility.objects.editable_by(request.user).with_parties(), pk=pk)
    if not _is_shown(request, mobility, "withdraw"):
        return _not_now(request, mobility)
    return _answer(
        request,
        mobility,
        ReasonForm(request.POST or None, user=request.user),
        lambda data: lifecycle.withdraw(mobility=mobility, reason=data["reason"], by=request.user),
        title=_("Withdraw the mobility"),
        text=_("Its place becomes free at once. A withdrawn mobility stays in the list and cannot be taken up again."),
        button=_("Withdraw"),
        tone="danger",
        done=_("The mobility is withdrawn."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request, pk):
    mobility = get_object_or_404(Mobility.objects.editable_by(request.user).with_parties(), pk=pk)
    if not _is_shown(request, mobility, "cancel"):
        return _not_now(request, mobility)
    return _answer(
        request,
        mobility,
        ReasonForm(request.POST or None, user=request.user),
        lambda data: lifecycle.cancel(mobility=mobility, reason=data["reason"], by=request.user),
        title=_("Cancel the trip"),
        text=pages.what_cancelling_does(mobility),
        button=_("Cancel the trip"),
        tone="danger",
        done=_("The mobility is cancelled."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def funder(request, pk):
    mobility = get_object_or_404(Mobility.objects.funder_state_by(request.user).with_parties(), pk=pk)
    if request.method != "POST" and funder_state.refusal(mobility):
        return _not_now(request, mobility)
    return _answer(
        request,
        mobility,
        FunderForm(request.POST or None, user=request.user, instance=copy(mobility)),
        lambda data: funder_state.record(mobility=mobility, by=request.user, version=mobility.version, **data),
        title=_("In the funder's system"),
        text=_("Before the trip it must be entered there, or nobody gets the Commission's participant report."),
        button=_("Save"),
        done=_("The funder's number is noted."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def close(request, pk):
    mobility = get_object_or_404(Mobility.objects.acceptable_by(request.user).with_parties(), pk=pk)
    if not _is_shown(request, mobility, "close"):
        return _not_now(request, mobility)
    return _answer(
        request,
        mobility,
        PlainForm(request.POST or None, user=request.user),
        lambda data: lifecycle.close(mobility=mobility, by=request.user),
        title=_("Close the mobility"),
        text=_("All is reported and the funder's system agrees. After this nobody can change it."),
        button=_("Close"),
        done=_("The mobility is closed."),
    )
