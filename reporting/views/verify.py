from django.contrib.auth.decorators import login_not_required
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from reporting import haste, verification
from reporting.forms.codes import CodeForm


@login_not_required
@require_safe
def verify(request):
    form = CodeForm(request.GET) if "code" in request.GET else CodeForm()
    if form.is_bound and form.is_valid():
        return redirect("reporting:verify_code", code=form.cleaned_data["code"])
    return render(request, "reporting/verify.html", {"form": form})


@login_not_required
@require_safe
def verify_code(request, code):
    """What the paper is and whether it still holds; nothing of the people in it. Guessing codes is slowed down."""
    if haste.is_hasty(request, action="verify", times=30, seconds=60):
        return render(request, "reporting/verify_later.html", status=429)
    verdict = verification.find(code)
    if verdict is None:
        context = {"form": CodeForm(), "code": code[:20]}
        return render(request, "reporting/verify_unknown.html", context, status=404)
    return render(request, "reporting/verify_paper.html", {"verdict": verdict, "report": verdict.report})
