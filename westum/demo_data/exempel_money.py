"""The money of the invented project `exempel`: whole amounts for each place, so that a reader can follow them.

Nothing here is a rate of any call; the project, its award and its shares are examples.
"""

from datetime import timedelta
from decimal import Decimal

from consortium.budget_shares import GAVE_MONEY
from consortium.models import ActivityType, AwardedLine, BudgetCategory, BudgetShare
from westum.base import history
from westum.demo_data import tales
from westum.demo_data.exempel import AWARDED, COURSE, LONG, SHADOWING, SHARES, SHORT
from westum.demo_data.moments import at

# Category, activity type (None: the whole project), what a place is awarded, what a member gets of it for each place.
LINES = [
    ("organisational_support", None, 300, 150),
    ("travel", None, 320, 320),
    ("individual_support", SHORT, 1200, 1200),
    ("individual_support", LONG, 5200, 5200),
    ("individual_support", SHADOWING, 760, 760),
    ("individual_support", COURSE, 740, 740),
    ("linguistic_support", None, 60, 60),
    ("course_fees", COURSE, 400, 400),
    ("inclusion_organisation", None, 40, 40),
]


def award(*, project, people):
    """The lines of money of the project's decision."""
    decision = project.decision
    moment, by = at(decision.starts_on - timedelta(5), 10), people.coordinator
    kinds = {kind.key: kind for kind in ActivityType.objects.in_call(decision.project.call_year)}
    categories = {category.key: category for category in BudgetCategory.objects.all()}
    lines = [
        AwardedLine(
            decision=decision,
            category=categories[category],
            activity_type=kinds[activity] if activity else None,
            amount=_of_places(AWARDED, activity, awarded),
        )
        for category, activity, awarded, _given in LINES
    ]
    tales.save([tales.Tale(line, tales.MADE_UP, moment, by) for line in lines])


def share_out(scene):
    """The members' shares, a day after those of the places, and the lines' counters."""
    moment = at(scene.project.period[0] + timedelta(2), 10)
    lines = {
        (line.category.key, line.activity_type.key if line.activity_type else None): line
        for line in AwardedLine.objects.filter(decision=scene.project.decision, amount__isnull=False).select_related(
            "category", "activity_type"
        )
    }
    told = []
    for name, row in SHARES.items():
        places = dict(zip(AWARDED, row, strict=True))
        for category, activity, _awarded, given in LINES:
            if amount := _of_places(places, activity, given):
                line = lines[category, activity]
                share = BudgetShare(
                    member=scene.members[name],
                    category=line.category,
                    activity_type=line.activity_type,
                    currency=line.currency,
                    amount=amount,
                )
                line.amount_shared += amount
                told.append(tales.Tale(share, GAVE_MONEY, moment, scene.people.coordinator))
    tales.save(told)
    history.update_many(AwardedLine, list(lines.values()), ["amount_shared"], reason=tales.MADE_UP)


def _of_places(places, activity, each):
    """So much for each place of the activity type, or of all of them."""
    return Decimal(each) * (places[activity] if activity else sum(places.values()))
