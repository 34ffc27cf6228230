"""Employers at home: added by whoever works with one, for all members."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from consortium import employers
from consortium.forms.employers import EmployerForm
from consortium.models import Organisation
from consortium.permissions import Permission, requires
from westum.base.tokens import once


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.HOST_EDIT)
def employer_new(request):
    form = EmployerForm(request.POST if request.method == "POST" else None, instance=Organisation(), user=request.user)
    if request.method == "POST" and (answer := once(request, form, lambda: _keep(request, form, employers.add))):
        return answer
    return render(request, "consortium/employer_form.html", {"form": form, "employer": None})


@require_http_methods(["GET", "HEAD", "POST"])
def employer_edit(request, pk):
    employer = get_object_or_404(Organisation.objects.employers_editable_by(request.user), pk=pk)
    name = employer.name
    form = EmployerForm(request.POST if request.method == "POST" else None, instance=employer, user=request.user)
    if request.method == "POST" and (answer := once(request, form, lambda: _keep(request, form, employers.change))):
        return answer
    return render(request, "consortium/employer_form.html", {"form": form, "employer": employer, "name": name})


def _keep(request, form, verb):
    employer = verb(employer=form.instance, other_names=form.cleaned_data["other_names"], by=request.user)
    messages.success(request, _("%(organisation)s is saved.") % {"organisation": employer})
    return redirect(employer)
