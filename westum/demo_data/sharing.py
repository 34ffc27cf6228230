"""The members' shares of a project's places, and how the journeys take and free them."""

from consortium.models import Allocation, AwardedLine
from consortium.shares import FREED_A_PLACE, TOOK_A_PLACE, awarded_lines
from westum.base import history
from westum.demo_data import tales


def share_out(scene, table, *, moment):
    """Give the members their places. `table` has places by activity key for each member's name.

    Returns the shares, not saved yet, by organisation and activity type.
    """
    shares = {}
    for name, places_by_activity in table.items():
        member = scene.members[name]
        for key, places in places_by_activity.items():
            activity = scene.activities[key]
            share = Allocation(member=member, activity_type=activity, places=places)
            shares[member.organisation_id, activity.pk] = tales.Tale(
                share, tales.MADE_UP, moment, scene.people.coordinator
            )
    lines = list(awarded_lines(scene.project).select_related("activity_type"))
    for line in lines:
        line.places_shared = sum(places.get(line.activity_type.key, 0) for places in table.values())
    history.update_many(AwardedLine, lines, ["places_shared"], reason=tales.MADE_UP)
    return shares


def follow(shares, journeys):
    """Let the shares' counters follow the journeys in the order in which these took and freed their places."""
    moves = []
    for journey in journeys:
        held = False
        for stage in journey.stages:
            if stage.has_place != held:
                held = stage.has_place
                moves.append((stage._history_date, len(moves), stage))
    for moment, _order, stage in sorted(moves):
        share = shares[stage.sending_organisation_id, stage.activity_type_id]
        share.happens(
            TOOK_A_PLACE if stage.has_place else FREED_A_PLACE,
            moment,
            stage._history_user,
            places_taken=share.row.places_taken + (1 if stage.has_place else -1),
        )
