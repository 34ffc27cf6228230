"""Is a mobility complete and eligible? One answer for forms, imports, the lifecycle and the page that lists what is missing.

`wrong` lists what can never be right, whatever is filled in later; `missing` what is still to be filled in before
the mobility can be submitted. Both take the goals beside the mobility, so that a form can ask before it saves.
"""

from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from consortium.models import Audience, Goal, GoalAudience, GoalKind, Programme
from consortium.permissions import NotAllowed
from mobilities import explanations, travel_distances
from mobilities.grants import FARTHEST_KM, NotGranted
from mobilities.models import CountryGroup, TravelDayLimit, TravelMode
from westum.base.formats import number

STAFF_COURSE = "SM-COUR-TRAIN"  # the one activity for which a course fee is paid


@dataclass(frozen=True)
class Shortfall:
    """A field of the mobility's form, and a sentence for the reader."""

    field: str
    sentence: str


class Incomplete(NotAllowed):
    """All that is wrong or missing, each sentence at its field."""

    def __init__(self, shortfalls):
        sentences = {}
        for shortfall in shortfalls:
            sentences.setdefault(shortfall.field, []).append(shortfall.sentence)
        super(NotAllowed, self).__init__(sentences)
        self.sentence = shortfalls[0].sentence


def wrong(mobility, goals, *, kept_km=None):
    """What contradicts the project or the activity type. Empty fields are no contradiction.

    `kept_km` is the distance with which the mobility was accepted: nobody has to give a reason for it again.
    """
    return [
        *_wrong_dates(mobility),
        *_wrong_host(mobility),
        *_wrong_activity(mobility),
        *_wrong_days(mobility),
        *_wrong_travel(mobility, kept_km),
        *_wrong_course(mobility),
        *_wrong_goals(mobility, goals),
    ]


def wrong_whoever_travels(mobility):
    """The part of `wrong` that needs no participant, for a form in which none is known yet."""
    return [
        *_wrong_dates(mobility),
        *_wrong_days(mobility),
        *_wrong_travel(mobility, None),
        *_wrong_course(mobility),
    ]


def missing(mobility, goals):
    """What a submitted mobility must have by the rules of its project."""
    found = []
    if mobility.activity_type is None:
        found.append(Shortfall("activity_type", _("Choose an activity.")))
    if mobility.receiving_organisation is None:
        found.append(Shortfall("receiving_organisation", _("Choose where the stay takes place.")))
    if mobility.start_date is None:
        found.append(Shortfall("start_date", _("Give the first day.")))
    if mobility.end_date is None:
        found.append(Shortfall("end_date", _("Give the last day.")))
    if mobility.travel_mode == TravelMode.GREEN and not mobility.green_is_declared:
        sentence = _("Green travel needs the traveller's declaration. Tick it, or choose plane or car.")
        found.append(Shortfall("green_is_declared", sentence))
    rule = getattr(mobility.project, "goal_rule", None)
    if rule and len(goals) < rule.min_focus_areas:
        found.append(
            Shortfall(
                "goals",
                ngettext("Choose at least one focus area.", "Choose at least %(n)s focus areas.", rule.min_focus_areas)
                % {"n": rule.min_focus_areas},
            )
        )
    return found


def _wrong_dates(mobility):
    starts_on, ends_on = mobility.project.period
    found = []
    if mobility.start_date and ends_on and not starts_on <= mobility.start_date <= ends_on:
        found.append(Shortfall("start_date", _outside(starts_on, ends_on)))
    if mobility.end_date and ends_on and not starts_on <= mobility.end_date <= ends_on:
        found.append(Shortfall("end_date", _outside(starts_on, ends_on)))
    return found


def _outside(starts_on, ends_on):
    return _("The project runs from %(first)s to %(last)s. Choose a day in between.") % {
        "first": date_format(starts_on, "DATE_FORMAT"),
        "last": date_format(ends_on, "DATE_FORMAT"),
    }


def _wrong_host(mobility):
    host, project = mobility.receiving_organisation, mobility.project
    if host is None:
        return []
    if host.country == mobility.participant.organisation.country:
        return [Shortfall("receiving_organisation", _("The stay takes place in another country. Choose a host there."))]
    if project.programme == Programme.KA122_VET and _is_third_country(host.country, project.call_year):
        sentence = _(
            "Only accredited projects (KA121) send people to countries outside the programme. Choose another host."
        )
        return [Shortfall("receiving_organisation", sentence)]
    return []


def _is_third_country(country, call_year):
    return CountryGroup.objects.filter(call_year=call_year, country_code=country, is_third_country=True).exists()


def _wrong_activity(mobility):
    activity, call_year = mobility.activity_type, mobility.project.call_year
    if activity is None:
        return []
    found = []
    if call_year and not activity.first_call <= call_year <= activity.last_call:
        found.append(_("The call of %(year)s does not fund this activity. Choose another one.") % {"year": call_year})
    audience = Audience.LEARNER if mobility.participant.is_learner else Audience.STAFF
    if activity.audience != audience:
        found.append(
            _("This activity is for staff. Choose one for learners.")
            if audience == Audience.LEARNER
            else _("This activity is for learners. Choose one for staff.")
        )
    return [Shortfall("activity_type", sentence) for sentence in found]


def _wrong_days(mobility):
    """Too short or too long for the activity. A stay that ends before it starts is refused by the table itself."""
    activity, days = mobility.activity_type, mobility.days
    if activity is None or days is None or days < 1:
        return []
    if activity.is_too_short(days):
        sentence = _("This activity takes at least %(least)s days; these are %(days)s. Choose a later day.")
    elif activity.is_too_long(days):
        sentence = _("This activity takes at most %(most)s days; these are %(days)s. Choose an earlier day.")
    else:
        return []
    return [Shortfall("end_date", sentence % {"least": activity.min_days, "most": activity.max_days, "days": days})]


def _wrong_travel(mobility, kept_km):
    """More days of travel than the call funds; a distance that cannot be, or that nobody has given a reason for."""
    found = []
    most = _most_travel_days(mobility) if mobility.travel_days else None
    if most is not None and mobility.travel_days > most:
        found.append(_not_granted("travel_days", most))
    written, places = mobility.distance_km, _between_places(mobility)
    if written is None:
        return found
    if written > FARTHEST_KM:
        found.append(_not_granted("distance", FARTHEST_KM))
    elif written not in (places, kept_km) and not mobility.distance_reason:
        if places is None:
            sentence = _("Write where this distance comes from.")
        else:
            sentence = _("Between the places it is %(km)s km. Write why the distance is another one.")
        found.append(Shortfall("distance_reason", sentence % {"km": number(places)}))
    return found


def _not_granted(reason, limit):
    return Shortfall(*explanations.refusal(NotGranted(reason, limit)))


def _most_travel_days(mobility):
    """At most so many days of travel are funded in the call; None while its table has not been entered."""
    modes = [mobility.travel_mode, TravelMode.STANDARD]  # a call without green travel has one number for all
    limits = TravelDayLimit.objects.filter(call_year=mobility.project.call_year, travel_mode__in=modes)
    most = dict(limits.values_list("travel_mode", "most_days"))
    return most.get(mobility.travel_mode, most.get(TravelMode.STANDARD))


def _between_places(mobility):
    host = mobility.receiving_organisation
    return host and travel_distances.between(mobility.sending_organisation, host)


def _wrong_course(mobility):
    asked, activity, days = mobility.course_fee_days, mobility.activity_type, mobility.days
    sentence = course_fee_refusal(fee_days=asked, activity=activity, days=days)
    return [Shortfall("course_fee_days", sentence)] if sentence else []


def course_fee_refusal(*, fee_days, activity, days):
    """A fee is paid for the days of a staff course, and for no more days than the stay has. Empty when it is so."""
    if not fee_days:
        return ""
    if activity is not None and activity.ec_code != STAFF_COURSE:
        return _("Only a course for staff has days with a course fee. Write 0 here.")
    if days is not None and fee_days > days > 0:
        return ngettext(
            "The stay has %(n)s day. Write at most as many days with a course fee.",
            "The stay has %(n)s days. Write at most as many days with a course fee.",
            days,
        ) % {"n": days}
    return ""


def _wrong_goals(mobility, goals):
    is_learner = mobility.participant.is_learner
    closed = GoalAudience.STAFF if is_learner else GoalAudience.LEARNERS
    with_parts = set(Goal.objects.filter(parent__in=goals).values_list("parent", flat=True)) if goals else set()
    found = []
    for goal in goals:
        if goal.project_id != mobility.project_id or goal.kind != GoalKind.FOCUS_AREA:
            sentence = _("“%(area)s” is no focus area of this project. Choose another one.")
        elif goal.pk in with_parts:
            sentence = _("“%(area)s” has parts. Choose one of them.")
        elif not goal.counts_mobilities:
            sentence = _("No mobilities count towards “%(area)s”. Choose another focus area.")
        elif goal.audience != closed:
            continue
        elif is_learner:
            sentence = _("“%(area)s” is for staff only. Choose another focus area.")
        else:
            sentence = _("“%(area)s” is for learners only. Choose another focus area.")
        found.append(Shortfall("goals", sentence % {"area": goal.title}))
    return found
