"""How a school and a partner judge their cooperation: the list of partners, the rounds with one, and one round."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from consortium.models import Organisation
from consortium.permissions import Permission, requires
from consortium.views.merged import leads_on
from mobilities import partners, partnership_figures, partnership_sheets, partnerships
from mobilities.forms.partnerships import BeginForm, DiscardForm, FinishForm, PartnerFilters, PhaseForm, ReopenForm
from mobilities.models import PartnershipPhase, PartnershipReview, Score
from westum.base import sheets
from westum.base.history import lines_of
from westum.base.tokens import once, say_refusal

PAGE = 25


@require_safe
@requires(Permission.PARTNERSHIP_VIEW)
def partner_list(request):
    """Whom the own member works with, or all members: the latest round, its means, and when the next one is due."""
    members = partners.members_of(request.user)
    filters = PartnerFilters(request.GET, members=members)
    page = Paginator(filters.narrow(partners.pairs(request.user)), PAGE).get_page(request.GET.get("page"))
    context = {
        "filters": filters,
        "page": page,
        "pairs": partners.with_means(page.object_list),
        "phases": PartnershipPhase.objects.all(),
        "of_many": len(members) > 1,
        "may_edit": request.user.holds(Permission.PARTNERSHIP_EDIT),
        "may_add": request.user.holds(Permission.HOST_EDIT),
    }
    return render(request, "mobilities/partners.html", context)


@require_safe
@requires(Permission.PARTNERSHIP_VIEW)
@leads_on
def partner(request, pk):
    """The rounds with one partner, of the own member or of all."""
    partner = get_object_or_404(Organisation.objects.visible_to(request.user).partners(), pk=pk)
    reviews = PartnershipReview.objects.visible_to(request.user).filter(partner=partner)
    context = {
        "partner": partner,
        "by_member": partners.rounds_by_member(reviews),
        "phases": PartnershipPhase.objects.all(),
        "may_edit": request.user.holds(Permission.PARTNERSHIP_EDIT),
    }
    return render(request, "mobilities/partner.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.PARTNERSHIP_EDIT)
def partnership_new(request):
    form = BeginForm(
        request.POST if request.method == "POST" else None,
        initial={name: request.GET.get(name) for name in ("member", "partner")},
        user=request.user,
    )

    def begin():
        asked = form.cleaned_data
        member = asked.get("member") or form.only_member
        return partnerships.begin(member=member, partner=asked["partner"], held_on=asked["held_on"], by=request.user)

    if request.method == "POST" and (answer := once(request, form, begin)):
        return answer
    return render(request, "mobilities/partnership_new.html", {"form": form})


@require_safe
def partnership(request, pk):
    """One round: what both sides say, where they differ, and what has changed since the last one."""
    review = get_object_or_404(PartnershipReview.objects.visible_to(request.user).with_parties(), pk=pk)
    last, found = _compared(review)
    may_edit = PartnershipReview.objects.editable_by(request.user).filter(pk=pk).exists()
    context = {
        "review": review,
        "last": last,
        "found": found,
        "lines": [line for row in found for line in row.lines],
        "wide": [line for row in found for line in row.lines if line.is_wide],
        "chart": partnership_figures.chart_of_gaps(found),
        "charts": partnership_figures.charts_of_change(found) if last else [],
        "may_edit": may_edit,
        "may_reopen": may_edit and not review.is_open and partnerships.is_latest(review),
        "is_empty": not review.ratings.all(),
        "discard_form": DiscardForm(user=request.user),
        "formats": sheets.LABELS.items(),
        "history": lines_of(review, limit=20) if may_edit else [],
    }
    return render(request, "mobilities/partnership.html", context)


def _compared(review):
    """The round before, and the phases with what both rounds say."""
    last = partnerships.before(review)
    found = partnership_figures.compare(
        PartnershipPhase.objects.prefetch_related("statements"),
        partnerships.answers(review),
        partnerships.answers(last),
        had_round_before=last is not None,
    )
    return last, found


@require_http_methods(["GET", "HEAD", "POST"])
def partnership_phase(request, pk, number):
    """Both sides' answers to one phase; each is saved by itself."""
    review = get_object_or_404(PartnershipReview.objects.editable_by(request.user).with_parties(), pk=pk)
    phases = list(PartnershipPhase.objects.prefetch_related("statements"))
    phase = next((phase for phase in phases if phase.number == number), None)
    if phase is None:
        raise Http404
    if not review.is_open and request.method != "POST":
        return _is_closed(request, review)
    form = PhaseForm(request.POST if request.method == "POST" else None, review=review, phase=phase, user=request.user)

    def answer_phase():
        partnerships.answer(
            review=review, phase=phase, given=form.answers, seen=form.cleaned_data["seen"], by=request.user
        )
        messages.success(request, _("%(phase)s is saved.") % {"phase": phase})
        coming = next((later for later in phases if later.number > number), None)
        if "stop" in request.POST:
            return review
        if coming is None:
            return redirect("mobilities:partnership_finish", review.pk)
        return redirect("mobilities:partnership_phase", review.pk, coming.number)

    if request.method == "POST" and (answer := once(request, form, answer_phase)):
        return answer
    context = {"review": review, "phase": phase, "of": len(phases), "form": form, "scale": Score}
    return render(request, "mobilities/partnership_phase.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def partnership_finish(request, pk):
    """Who answered, what was agreed, when next: saved, or saved and closed."""
    review = get_object_or_404(PartnershipReview.objects.editable_by(request.user).with_parties(), pk=pk)
    if not review.is_open and request.method != "POST":
        return _is_closed(request, review)
    _last, found = _compared(review)
    form = FinishForm(request.POST if request.method == "POST" else None, instance=review, user=request.user)

    def finish():
        if "save" in request.POST:
            partnerships.amend(review=form.instance, by=request.user)
            messages.success(request, _("The round is saved, and still open."))
        else:
            partnerships.close(review=form.instance, by=request.user)
            messages.success(request, _("The round is closed. The next one will show it beside."))
        return form.instance

    if request.method == "POST" and (answer := once(request, form, finish)):
        return answer
    lines = [line for row in found for line in row.lines]
    unanswered = {
        "school": sum(line.school.score is None for line in lines),
        "employer": sum(line.employer.score is None for line in lines),
    }
    return render(
        request, "mobilities/partnership_finish.html", {"review": review, "form": form, "unanswered": unanswered}
    )


def _is_closed(request, review):
    messages.info(request, _("This round is closed. Open it again if something must be corrected."))
    return redirect(review)


@require_http_methods(["GET", "HEAD", "POST"])
def partnership_reopen(request, pk):
    review = get_object_or_404(PartnershipReview.objects.editable_by(request.user).with_parties(), pk=pk)
    form = ReopenForm(request.POST if request.method == "POST" else None, user=request.user)

    def reopen():
        partnerships.reopen(review=review, reason=form.cleaned_data["reason"], by=request.user)
        messages.success(request, _("The round is open again."))
        return review

    if request.method == "POST" and (answer := once(request, form, reopen)):
        return answer
    return render(request, "mobilities/partnership_reopen.html", {"review": review, "form": form})


@require_POST
def partnership_discard(request, pk):
    """Remove a round that was begun by mistake, by one press."""
    review = get_object_or_404(PartnershipReview.objects.editable_by(request.user), pk=pk)
    form = DiscardForm(request.POST, user=request.user)
    partner = review.partner_id

    def discard():
        partnerships.discard(review=review, by=request.user)
        messages.success(request, _("The round is removed."))
        return redirect("mobilities:partner", partner)

    if answer := once(request, form, discard):
        return answer
    say_refusal(request, form)
    return redirect(review)


@require_safe
def partnership_paper(request, pk):
    """The round as an empty form for the meeting, with last time's answers where there are some."""
    review = get_object_or_404(PartnershipReview.objects.visible_to(request.user).with_parties(), pk=pk)
    last, found = _compared(review)
    return render(
        request,
        "mobilities/partnership_paper.html",
        {"review": review, "last": last, "found": found, "scale": Score},
    )


@require_safe
def partnership_export(request, pk, format):  # noqa: A002 (the word in the address)
    if format not in sheets.FORMATS:
        raise Http404
    review = get_object_or_404(PartnershipReview.objects.visible_to(request.user).with_parties(), pk=pk)
    _last, found = _compared(review)
    return sheets.as_attachment(
        partnership_sheets.table_of(review, found),
        format=format,
        name=_("cooperation-round-%(n)s") % {"n": review.number},
    )
