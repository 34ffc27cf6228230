"""What pages show of a mobility's grant: planned, as accepted, by the real days, and what a new calculation would change."""

from django.urls import reverse
from django.utils.translation import gettext as _

from consortium import people
from consortium.models import ProjectState
from consortium.permissions import Permission
from mobilities import grant_changes, grant_history, grant_recalculations, mobility_grants
from mobilities.models import GrantPhase, MobilityState, TravelMode
from mobilities.models.states import COMPLETED_OR_LATER, OFF
from mobilities.rate_books import Category
from mobilities.rate_tables import where_missing
from westum.base.formats import day, money, number


def shown(grant, mobility, user, *, form_url=""):
    """A grant with what `mobilities/grant.html` says beside it: whose rates they are, and who enters what is missing.

    `form_url` is where the reader adds facts that are lacking; on the form itself there is none.
    """
    may_enter = user.holds(Permission.RATE_EDIT)
    return {
        "grant": grant,
        "example_of": mobility_grants.example_of(mobility, grant),
        "rates_url": where_missing(grant.missing) if grant.missing else "",
        "may_enter": may_enter,
        "form_url": form_url,
        "coordinator": people.acting_contact() if grant.missing and not may_enter else None,
    }


def planned(mobility, user, *, form_url=""):
    """By the facts of the mobility as they stand, saved or as a form has them."""
    grant = mobility_grants.foreseen(mobility)
    found = {"distance": distance(mobility), "band": band(grant), "green_is_open": _green_is_open(mobility)}
    return shown(grant, mobility, user, form_url=form_url) | found


def planned_by(form):
    """The same beside a form: what it would refuse stands in the place of the sum."""
    found = planned(form.instance, form.user)
    found["distance"] = distance(form.instance, kept_km=form.kept_km)
    found["is_without_distance"] = [shortfall.field for shortfall in found["grant"].lacking] == ["distance_km"]
    found["refusals"] = [refusal for refusal in form.refusals if refusal not in found["grant"].lacking]
    return found


def _green_is_open(mobility):
    return mobility.travel_mode == TravelMode.GREEN and not mobility.green_is_declared


def distance(mobility, *, kept_km=None):
    """The way one way in words, with where it comes from; empty where it is not known.

    `kept_km` is the distance with which it was accepted: between the places as they lay then.
    """
    km = mobility_grants.distance_of(mobility)
    if km is None:
        return ""
    words = {"km": number(km), "reason": mobility.distance_reason}
    if mobility.distance_reason:
        return _("%(km)s km one way, corrected: %(reason)s") % words
    if km not in (kept_km, mobility_grants.distance_between(mobility)):
        return _("%(km)s km one way, as written") % words
    return _("%(km)s km one way, between the places of member and host") % words


def band(grant):
    """The distance band by which travel is paid; empty where none is."""
    about = next((step.about for line in grant.lines for step in line.steps if "km_from" in step.about), None)
    if about is None:
        return ""
    words = {"first": number(about["km_from"]), "last": number(about["km_to"])}
    if about["km_to"] is None:
        return _("Distance band: from %(first)s km on") % words
    return _("Distance band: %(first)s to %(last)s km") % words


def of_mobility(mobility, user, events=()):
    """The section of the mobility's page, with the `grant_history` of its lines. Empty for what was withdrawn."""
    if mobility.state == MobilityState.WITHDRAWN or not mobility.project.is_erasmus:
        return {}
    if mobility.accepted_at is None:
        return {"planned": planned(mobility, user, form_url=_form_url(mobility, mobility.may_edit))}
    accepted = mobility_grants.kept(mobility, GrantPhase.ACCEPTED)
    found = {
        "accepted": shown(accepted, mobility, user),
        "told": grant_history.told(mobility, events),
        "accepted_name": accepted_name(events),
        "is_off": mobility.state in OFF,
    }
    if mobility.state in COMPLETED_OR_LATER:
        actual = mobility_grants.kept(mobility, GrantPhase.ACTUAL)
        found["actual"] = shown(actual, mobility, user)
        found["changes"] = changes(accepted, actual)
    return found | _renewal(mobility, user, is_unknown=not accepted.is_known)


def accepted_name(events):
    """What the accepted grant is called: it is no longer what was accepted when it has been calculated anew."""
    if renewals := grant_history.renewals(events):
        return _("As accepted, calculated anew on %(day)s") % {"day": day(renewals[-1].at)}
    return _("As accepted")


def changes(before, after):
    """How two grants differ: the rows by category and the sums; None where one of them is not known."""
    if not (before.is_known and after.is_known):
        return None
    rows = grant_changes.between(before.lines, after.lines)
    return {
        "rows": [row for row in rows if row.category != Category.INCLUSION_ORGANISATION],
        "organisation": [row for row in rows if row.category == Category.INCLUSION_ORGANISATION],
        "before_eur": before.own_eur,
        "after_eur": after.own_eur,
        "difference": grant_changes.signed(after.own_eur - before.own_eur),
        "is_same": all(row.before_eur == row.after_eur for row in rows),
    }


def _renewal(mobility, user, *, is_unknown):
    """To who may calculate anew, when that gives other amounts; where there are none, to everybody what keeps them away."""
    found = {"renewal": renewal(mobility, user)}
    if is_unknown and not found["renewal"] and mobility.state not in OFF:
        hindrance = mobility_grants.renewal_of(mobility).hindrance
        form_url = _form_url(mobility, mobility.may_accept)
        found["hindered"] = shown(hindrance, mobility, user, form_url=form_url) if hindrance else None
    return found


def renewal(mobility, user):
    """What the user would change by calculating anew, a row for each phase: its name, both sums, and what differs.

    Empty where nothing would change, something is missing, or the user may not.
    """
    if not grant_recalculations.is_open_for(mobility, user):
        return []
    renewal = mobility_grants.renewal_of(mobility)
    if not (renewal.is_possible and renewal.changes):
        return []
    return [
        {
            "name": GrantPhase(phase).label,
            "before_eur": old.own_eur,
            "after_eur": new.own_eur,
            "organisation": (old.organisation_eur or 0, new.organisation_eur),
            "changes": grant_changes.between(old.lines, new.lines) if old.is_known else [],
        }
        for phase, (old, new) in renewal.phases.items()
    ]


def _form_url(mobility, may_change):
    return reverse("mobilities:mobility_edit", args=[mobility.pk]) if may_change else ""


def before_acceptance(mobility):
    """To who is about to accept: which amount is kept then, or why there is none."""
    if mobility.project.state == ProjectState.ENDED or not mobility.project.is_erasmus:
        return ""
    grant = mobility_grants.worked_out(mobility)
    if grant.is_known:
        words = {"amount": money(grant.own_eur, "EUR"), "organisation": money(grant.organisation_eur, "EUR")}
        if grant.organisation_eur:
            return _("The grant of %(amount)s, and %(organisation)s to the organisation, are kept with it.") % words
        return _("The grant of %(amount)s is kept with it.") % words
    return _("It is accepted without amounts: %(why)s") % {"why": grant.hindrances[0].sentence}
