"""Participants: who they are, their journeys, their way in."""

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers

from consortium.models import Organisation
from consortium.permissions import Permission, requires
from mobilities import next_steps, participants
from mobilities.filters import sees_one_member
from mobilities.forms.participants import ParticipantForm
from mobilities.models import Mobility, Participant
from westum.base import history
from westum.base.forms import PlainForm
from westum.base.text import fold
from westum.base.tokens import once

PAGE = 50


class SearchForm(forms.Form):
    q = forms.CharField(
        label=gettext_lazy("Search"),
        required=False,
        max_length=100,
        widget=forms.SearchInput(attrs={"placeholder": gettext_lazy("Name or e-mail")}),
    )
    member = forms.ModelChoiceField(
        label=gettext_lazy("Member"), required=False, queryset=None, empty_label=gettext_lazy("All members")
    )

    def __init__(self, data, *, user):
        super().__init__(data)
        self.fields["member"].queryset = Organisation.objects.visible_to(user).members().in_order()
        if sees_one_member(user):
            del self.fields["member"]

    def narrow(self, people):
        """What nobody knows narrows nothing."""
        self.is_valid()
        for word in fold(self.cleaned_data.get("q")).split():
            people = people.filter(search__contains=word)
        member = self.cleaned_data.get("member")
        return people.filter(organisation=member) if member else people


@require_safe
@requires(Permission.PARTICIPANT_VIEW)
@vary_on_headers("HX-Request")
def participant_list(request):
    form = SearchForm(request.GET, user=request.user)
    people = form.narrow(Participant.objects.visible_to(request.user).select_related("organisation").in_order())
    page = Paginator(people, PAGE).get_page(request.GET.get("page"))
    template = "mobilities/participant_list.html" + ("#results" if request.htmx else "")
    context = {
        "search": form,
        "is_narrowed": any(form.cleaned_data.values()),
        "page": page,
        "may_register": request.user.holds(Permission.MOBILITY_EDIT),
    }
    return render(request, template, context)


@require_safe
def participant(request, pk):
    people = Participant.objects.visible_to(request.user).select_related("organisation", "home_municipality", "user")
    person = get_object_or_404(people, pk=pk)
    rows = Mobility.objects.visible_to(request.user).filter(participant=person).with_parties().order_by("-start_date")
    mobilities = list(next_steps.with_steps(rows))
    for mobility in mobilities:
        mobility.steps = next_steps.steps_of(mobility, request.user)
    context = {
        "participant": person,
        "mobilities": mobilities,
        "may_edit": Participant.objects.editable_by(request.user).filter(pk=pk).exists(),
        "history": history.lines_of(person),
        "crumbs": _crumbs(person),
    }
    return render(request, "mobilities/participant.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def participant_edit(request, pk):
    person = get_object_or_404(Participant.objects.editable_by(request.user), pk=pk)
    form = ParticipantForm(request.POST or None, instance=person, user=request.user)

    def save():
        participants.change(participant=form.instance, by=request.user)
        messages.success(request, _("The changes are saved."))
        return person

    if request.method == "POST" and (response := once(request, form, save)):
        return response
    context = {"form": form, "participant": person, "crumbs": _crumbs(person, _("Change"))}
    return render(request, "mobilities/participant_form.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def participant_access(request, pk):
    person = get_object_or_404(Participant.objects.editable_by(request.user), pk=pk)
    form = PlainForm(request.POST or None, user=request.user)

    def give():
        participants.open_access(participant=person, by=request.user)
        messages.success(request, _("A mail that tells how to log in is on its way."))
        return person

    if request.method == "POST" and (response := once(request, form, give)):
        return response
    context = {"form": form, "participant": person, "crumbs": _crumbs(person, _("Give access"))}
    return render(request, "mobilities/participant_access.html", context)


def _crumbs(person, *more):
    way = [(_("Participants"), reverse("mobilities:participants")), (str(person), person.get_absolute_url())]
    way += [(label, "") for label in more]
    return [*way[:-1], (way[-1][0], "")]
