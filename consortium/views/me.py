from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from consortium import people, second_factors
from consortium.forms.me import MyDetailsForm
from consortium.models import User
from westum.base import languages
from westum.base.tokens import once


@require_http_methods(["GET", "HEAD", "POST"])
def my_details(request):
    """One's own name, phone and language: whoever logs in may change them, and nobody else's."""
    me = User.objects.get(pk=request.user.pk)  # the header goes on showing the name that is saved
    form = MyDetailsForm(request.POST if request.method == "POST" else None, instance=me, user=request.user)
    if request.method == "POST" and (answer := once(request, form, lambda: _save(request, form))):
        return languages.remember(answer, form.cleaned_data["language"]) if form.is_valid() else answer
    context = {
        "form": form,
        "is_traveller": not request.user.rights,
        "has_second_factor": second_factors.has(request.user),
    }
    return render(request, "consortium/me.html", context)


def _save(request, form):
    form.instance._change_reason = people.CHANGED_OWN_DETAILS
    me = form.save()
    with translation.override(me.language):  # that of the page which follows
        messages.success(request, _("Your details are saved."))
    return redirect("consortium:me")
