"""The calculator: what a stay would be granted, for all who are logged in. Nothing is saved."""

from django.shortcuts import render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from consortium.permissions import Permission
from mobilities import calculator
from mobilities.forms.calculator import CalculatorForm


@require_safe
@vary_on_headers("HX-Request", "HX-Target")
def calculator_page(request):
    form = CalculatorForm(request.GET, user=request.user)
    form.is_valid()
    if request.htmx:
        form.keep_quiet()
    difference = calculator.difference(form.outcomes)
    context = {
        "form": form,
        "table": form.table,
        "difference": difference,
        "less": -difference if difference else 0,
        "may_edit_rates": request.user.holds(Permission.RATE_EDIT),
    }
    part = "#result" if request.htmx and request.htmx.target == "result" else ""
    return render(request, "mobilities/calculator.html" + part, context)
