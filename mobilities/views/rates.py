"""The tables of annex IV: read by everybody who is logged in, edited by the coordinator."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from consortium import activity_types
from consortium.forms.people import ConfirmForm
from consortium.models import ActivityType
from consortium.permissions import NotAllowed, Permission, requires
from mobilities import grant_recalculations, rate_edits, rate_imports, rate_sheets, rate_tables
from mobilities.forms.rates import (
    FORMS,
    CalculateForm,
    DayRatesForm,
    RemoveForm,
    SendingCountryForm,
    SeriesForm,
    SheetForm,
    TakeInForm,
)
from mobilities.models import CountryGroup, Mobility, TravelDayLimit, UnitCost
from mobilities.rate_books import Table
from mobilities.rate_series import find as find_series
from mobilities.rate_series import of_call, slug_of
from mobilities.rate_tables import CALL_YEARS, HOME, KINDS
from westum.base import countries, sheets
from westum.base.history import lines_of
from westum.base.tokens import once, say_refusal

PAGE = 50
ADDED_BY_ITSELF = {"cost": UnitCost, "group": CountryGroup, "travel-days": TravelDayLimit}
# Rows that follow on each other go with the others of their table, so that no gap is left.
ONE_BY_ONE = {Table.DAY_RATES, Table.OTHER, Table.COUNTRY_GROUPS, Table.TRAVEL_DAYS}


@require_safe
def rate_list(request):
    """The call years that have rows."""
    found = rate_tables.load(CALL_YEARS)
    years = [
        {
            "tables": tables,
            "missing": sum(gap.count for gap in tables.gaps()),
            "unverified": len(tables.unverified),
        }
        for tables in reversed(found.values())
        if tables.rows
    ]
    may_edit = request.user.holds(Permission.RATE_EDIT)
    empty = [call_year for call_year, tables in found.items() if not tables.rows] if may_edit else []
    return render(request, "mobilities/rates.html", {"years": years, "empty": empty, "may_edit": may_edit})


@require_safe
def rate_year(request, call_year):
    """The tables of a call beside those of the call before."""
    _known(call_year)
    found = rate_tables.load([call_year - 1, call_year])
    tables, before = found[call_year], found[call_year - 1]
    sending = sorted({*tables.sending_countries, *before.sending_countries})
    chosen = request.GET.get("country", "")
    country = chosen if chosen in sending else HOME
    may_edit = request.user.holds(Permission.RATE_EDIT)
    context = {
        "tables": tables,
        "before": before.call_year if before.rows else None,
        "sections": list(rate_tables.sections(tables, before, country)),
        "gaps": list(tables.gaps(country)),
        "country": country,
        "countries": sending,
        "series": list(of_call(call_year)) if may_edit else [],
        "earlier": call_year - 1 if call_year - 1 in CALL_YEARS else None,
        "later": call_year + 1 if call_year + 1 in CALL_YEARS else None,
        "may_edit": may_edit,
        "copied_from": rate_edits.latest_before(call_year) if may_edit and not tables.rows else None,
        "formats": sheets.LABELS.items() if tables.rows else [],
        "removed": rate_tables.removed(call_year) if request.user.rights else [],
    }
    return render(request, "mobilities/rates_year.html", context)


def _known(call_year):
    if call_year not in CALL_YEARS:
        raise Http404


def _row(kind, pk):
    if kind not in KINDS:
        raise Http404
    return get_object_or_404(KINDS[kind].objects.all(), pk=pk)


@require_safe
def rate_row(request, kind, pk):
    """One row: what it says, whence, how sure that is, and who has changed it; of a removed one what it said last."""
    if kind not in KINDS:
        raise Http404
    row = KINDS[kind].objects.filter(pk=pk).first()
    is_there = row is not None
    row = row or rate_tables.last_of(KINDS[kind], pk)
    if row is None:
        raise Http404
    context = _context_of(row, request.GET.get("country", "")) | {
        "value": rate_tables.value_of(row),
        "bounds": rate_tables.bounds_of(row),
        "is_third_country": isinstance(row, CountryGroup) and row.is_third_country,
        "lines": lines_of(row) if request.user.rights else [],
        "is_there": is_there,
        "may_edit": is_there and request.user.holds(Permission.RATE_EDIT),
        "may_remove": rate_tables.table_of(row) in ONE_BY_ONE,
        "series": slug_of(row),
    }
    return render(request, "mobilities/rates_row.html", context)


def _context_of(row, came_from=""):
    """What each page of a row says of it; the country from whose rates one came leads back to them."""
    table = rate_tables.table_of(row)
    call_year = row.last_call if isinstance(row, ActivityType) else row.call_year
    names = rate_tables.names_of_activities(call_year) if table == Table.ORGANISATIONAL else {}
    sending = row.sending_country if table == Table.DAY_RATES else came_from
    query = f"?country={sending}" if sending != HOME and sending in countries.names() else ""
    return {
        "row": row,
        "kind": rate_tables.KIND_OF[type(row)],
        "case": rate_tables.case_of(row, names),
        "table": rate_tables.NAMES[table],
        "is_activity": isinstance(row, ActivityType),
        "sending_country": row.sending_country if isinstance(row, UnitCost) else "",
        "call_year": call_year,
        "place": f"{reverse('mobilities:rate_year', args=[call_year])}{query}#{rate_tables.anchor(row)}",
    }


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.RATE_EDIT)
def rate_change(request, kind, pk):
    row = _row(kind, pk)
    context = _context_of(row)
    form = FORMS[type(row)](request.POST if request.method == "POST" else None, instance=row, user=request.user)

    def change():
        reason = form.cleaned_data["reason"]
        if isinstance(form.instance, ActivityType):
            activity_types.change(activity_type=form.instance, reason=reason, by=request.user)
        else:
            confirmed = form.is_confirmed
            rate_edits.change(row=form.instance, reason=reason, is_confirmed=confirmed, by=request.user)
        messages.success(request, _("%(row)s is saved.") % {"row": context["case"]})
        return redirect(context["place"])

    if request.method == "POST" and (answer := once(request, form, change)):
        return answer
    return render(request, "mobilities/rates_change.html", context | {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.RATE_EDIT)
def rate_add(request, call_year, kind):
    """A row that no other row follows on: another unit cost, a country, a way of travelling."""
    _known(call_year)
    if kind not in ADDED_BY_ITSELF:
        raise Http404
    row = ADDED_BY_ITSELF[kind](call_year=call_year)
    form = FORMS[type(row)](request.POST if request.method == "POST" else None, instance=row, user=request.user)

    def add():
        rate_edits.add(row=form.instance, by=request.user)
        added = _context_of(form.instance)
        messages.success(request, _("%(row)s is saved.") % {"row": added["case"]})
        return redirect(added["place"])

    if request.method == "POST" and (answer := once(request, form, add)):
        return answer
    return render(request, "mobilities/rates_add.html", {"form": form, "call_year": call_year, "kind": kind})


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.RATE_EDIT)
def rate_remove(request, kind, pk):
    """Ask first, and why."""
    row = _row(kind, pk)
    if rate_tables.table_of(row) not in ONE_BY_ONE:
        raise Http404
    context = _context_of(row)
    form = RemoveForm(request.POST if request.method == "POST" else None, user=request.user)

    def remove():
        rate_edits.remove(row=row, reason=form.cleaned_data["reason"], by=request.user)
        messages.success(request, _("%(row)s is removed.") % {"row": context["case"]})
        return redirect("mobilities:rate_year", context["call_year"])

    if request.method == "POST" and (answer := once(request, form, remove)):
        return answer
    return render(
        request,
        "mobilities/rates_remove.html",
        context | {"form": form, "value": rate_tables.value_of(row)},
    )


# A whole call


@require_safe
def rate_export(request, call_year, format):  # noqa: A002 (the word in the address)
    _known(call_year)
    if format not in sheets.FORMATS:
        raise Http404
    table = rate_sheets.table_of(call_year)
    return sheets.as_attachment(table, format=format, name=_("rates-of-call-%(year)s") % {"year": call_year})


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.RATE_EDIT)
def rate_import(request, call_year):
    """Read a sheet and show what it would change; nothing is saved yet."""
    _known(call_year)
    is_sent = request.method == "POST"
    form = SheetForm(request.POST if is_sent else None, request.FILES if is_sent else None, user=request.user)
    if is_sent and form.is_valid():
        sheet = {"columns": form.columns, "lines": form.lines}
        seen = rate_imports.fingerprint(call_year)
        take_in = TakeInForm(initial={"sheet": sheet, "seen": seen}, user=request.user)
        return _shown_plan(request, call_year, rate_imports.plan(call_year, form.columns, form.lines), take_in)
    return render(request, "mobilities/rates_import.html", {"form": form, "call_year": call_year})


def _shown_plan(request, call_year, plan, form):
    context = {"form": form, "call_year": call_year, "plan": plan}
    context |= {what: plan.of(what) for what in ("new", "changed", "same", "wrong")}
    return render(request, "mobilities/rates_import_plan.html", context)


@require_POST
@requires(Permission.RATE_EDIT)
def rate_take_in(request, call_year):
    """Save what was shown, as a whole."""
    _known(call_year)
    form = TakeInForm(request.POST, user=request.user)

    def take_in():
        plan = rate_imports.plan(call_year, *form.cleaned_data["sheet"])
        if not plan.may_be_saved:
            raise NotAllowed(_("This is not what was shown. Choose the file anew."))
        seen = form.cleaned_data["seen"]
        count = rate_edits.take_in(call_year=call_year, rows=plan.rows, seen=seen, by=request.user)
        said = ngettext("%(n)s row is imported.", "%(n)s rows are imported.", count)
        messages.success(request, said % {"n": count})
        return redirect("mobilities:rate_year", call_year)

    if answer := once(request, form, take_in):
        return answer
    say_refusal(request, form)
    for field in form.hidden_fields():
        for sentence in field.errors:
            messages.error(request, sentence)
    return redirect("mobilities:rate_import", call_year)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.RATE_EDIT)
def rate_copy(request, call_year):
    """Begin a call without rates with those of an earlier one; asks first."""
    _known(call_year)
    from_year = rate_edits.latest_before(call_year)
    if from_year is None:
        raise Http404
    form = ConfirmForm(request.POST if request.method == "POST" else None, user=request.user)

    def copy():
        copied = rate_edits.copy_year(call_year=call_year, from_year=from_year, by=request.user)
        said = ngettext("%(n)s row is copied. Verify it.", "%(n)s rows are copied. Verify each of them.", copied)
        messages.success(request, said % {"n": copied})
        return redirect("mobilities:rate_year", call_year)

    if request.method == "POST" and (answer := once(request, form, copy)):
        return answer
    context = {"form": form, "call_year": call_year, "from_year": from_year}
    return render(request, "mobilities/rates_copy.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.RATE_EDIT)
def rate_grants(request, call_year):
    """Mobilities whose kept grant differs from what the tables give now, to calculate chosen ones anew."""
    _known(call_year)
    found = grant_recalculations.differences(Mobility.objects.acceptable_by(request.user), call_year)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    open_ones = [one for one in page if one.may_be_calculated]
    sent = request.POST if request.method == "POST" else None
    form = CalculateForm(sent, differences=open_ones, user=request.user)

    def calculate():
        reason = form.cleaned_data["reason"]
        count = grant_recalculations.calculate_anew(mobilities=form.mobilities, reason=reason, by=request.user)
        said = ngettext("%(n)s grant is calculated anew.", "%(n)s grants are calculated anew.", count)
        messages.success(request, said % {"n": count})
        return redirect("mobilities:rate_grants", call_year)

    if request.method == "POST" and (answer := once(request, form, calculate)):
        return answer
    context = {"form": form, "call_year": call_year, "page": page, "may_calculate": bool(open_ones)}
    return render(request, "mobilities/rates_grants.html", context)


# Whole tables


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.RATE_EDIT)
def rate_days_of(request, call_year):
    """Of which country day rates are to be entered."""
    _known(call_year)
    form = SendingCountryForm(request.POST if request.method == "POST" else None, user=request.user)
    if request.method == "POST" and form.is_valid():
        return redirect("mobilities:rate_days", call_year, form.cleaned_data["country"])
    return render(request, "mobilities/rates_days_of.html", {"form": form, "call_year": call_year})


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.RATE_EDIT)
def rate_days(request, call_year, country):
    """All day rates from one country at once."""
    _known(call_year)
    if country not in countries.names():
        raise Http404
    tables = rate_tables.load([call_year])[call_year]
    sent = request.POST if request.method == "POST" else None
    form = DayRatesForm(sent, tables=tables, country=country, user=request.user)
    query = "" if country == HOME else f"?country={country}"
    place = f"{reverse('mobilities:rate_year', args=[call_year])}{query}#{rate_tables.place_of(Table.DAY_RATES)}"

    def enter():
        saved = rate_edits.enter_day_rates(
            call_year=call_year,
            sending_country=country,
            amounts=form.amounts,
            evidence=form.evidence,
            seen=form.cleaned_data["seen"],
            by=request.user,
        )
        _say_how_many(request, saved)
        return redirect(place)

    if request.method == "POST" and (answer := once(request, form, enter)):
        return answer
    context = {"form": form, "call_year": call_year, "country": country, "place": place, "tables": tables}
    return render(request, "mobilities/rates_days.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.RATE_EDIT)
def rate_series(request, call_year, series):
    """A table whose rows follow on each other, as a whole."""
    _known(call_year)
    series = find_series(call_year, series)
    if series is None:
        raise Http404
    form = SeriesForm(request.POST if request.method == "POST" else None, series=series, user=request.user)
    place = f"{reverse('mobilities:rate_year', args=[call_year])}#{rate_tables.place_of(series.table)}"

    def enter():
        saved = rate_edits.enter_series(
            series=series,
            parts=form.parts,
            evidence=form.evidence,
            seen=form.cleaned_data["seen"],
            by=request.user,
        )
        _say_how_many(request, saved)
        return redirect(place)

    if request.method == "POST" and (answer := once(request, form, enter)):
        return answer
    context = {"form": form, "call_year": call_year, "series": series, "place": place}
    return render(request, "mobilities/rates_series.html", context)


def _say_how_many(request, saved):
    if saved:
        said = ngettext(
            "The table is saved: %(n)s row has changed.", "The table is saved: %(n)s rows have changed.", saved
        )
        messages.success(request, said % {"n": saved})
    else:
        messages.info(request, _("The table was like this already. Nothing has changed."))
