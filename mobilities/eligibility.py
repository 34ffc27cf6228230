"""Is a mobility complete and eligible? One answer for forms, imports, the lifecycle and the page that lists what is missing.

`wrong` lists what can never be right, whatever is filled in later; `missing` what is still to be filled in before
the mobility can be submitted. Both take the goals beside the mobility, so that a form can ask before it saves.
"""

from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from consortium.models import Audience, GoalAudience


@dataclass(frozen=True)
class Shortfall:
    """A field of the mobility's form, and a sentence for the reader."""

    field: str
    sentence: str


def wrong(mobility, goals):
    """What contradicts the project or the activity type. Empty fields are no contradiction."""
    return [*_wrong_dates(mobility), *_wrong_activity(mobility), *_wrong_goals(mobility, goals)]


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
    if mobility.start_date and starts_on and not starts_on <= mobility.start_date <= ends_on:
        found.append(Shortfall("start_date", _outside(starts_on, ends_on)))
    if mobility.end_date and starts_on and not starts_on <= mobility.end_date <= ends_on:
        found.append(Shortfall("end_date", _outside(starts_on, ends_on)))
    return found


def _outside(starts_on, ends_on):
    return _("The project runs from %(first)s to %(last)s. Choose a day in between.") % {
        "first": date_format(starts_on, "DATE_FORMAT"),
        "last": date_format(ends_on, "DATE_FORMAT"),
    }


def _wrong_activity(mobility):
    activity, days = mobility.activity_type, mobility.days
    if activity is None:
        return []
    found = []
    audience = Audience.LEARNER if mobility.participant.is_learner else Audience.STAFF
    if activity.audience != audience:
        found.append(
            Shortfall(
                "activity_type",
                _("This activity is for staff. Choose one for learners.")
                if audience == Audience.LEARNER
                else _("This activity is for learners. Choose one for staff."),
            )
        )
    if days and days > 0 and activity.min_days and days < activity.min_days:
        found.append(
            Shortfall(
                "end_date",
                _("This activity takes at least %(least)s days; these are %(days)s.")
                % {"least": activity.min_days, "days": days},
            )
        )
    if days and activity.max_days and days > activity.max_days:
        found.append(
            Shortfall(
                "end_date",
                _("This activity takes at most %(most)s days; these are %(days)s.")
                % {"most": activity.max_days, "days": days},
            )
        )
    return found


def _wrong_goals(mobility, goals):
    is_learner = mobility.participant.is_learner
    closed = GoalAudience.STAFF if is_learner else GoalAudience.LEARNERS
    return [
        Shortfall(
            "goals",
            (
                _("“%(area)s” is for staff only. Choose another focus area.")
                if is_learner
                else _("“%(area)s” is for learners only. Choose another focus area.")
            )
            % {"area": goal.title},
        )
        for goal in goals
        if goal.audience == closed
    ]
