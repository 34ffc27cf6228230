"""Pages that tell how things are here, and change with a release only."""

from django.contrib.auth.decorators import login_not_required
from django.shortcuts import render
from django.views.decorators.http import require_safe

from reporting import figures


@login_not_required
@require_safe
def counted(request):
    context = {"approved_meaning": figures.APPROVED_MEANING, "sets": figures.SETS, "small": figures.SMALL}
    return render(request, "reporting/counted.html", context)


@login_not_required
@require_safe
def privacy(request):
    return render(request, "reporting/privacy.html")


@login_not_required
@require_safe
def accessibility(request):
    return render(request, "reporting/accessibility.html")
