"""How far a member and a host lie apart: the great circle on the earth as it is (WGS84), in whole kilometres one way."""

from westum.base.distances import in_km, in_whole_kilometres


def between(sending, receiving):
    """Whole kilometres between the places of two organisations; None where the place of one is not known."""
    if None in (sending.latitude, sending.longitude, receiving.latitude, receiving.longitude):
        return None
    one, other = ((place.latitude, place.longitude) for place in (sending, receiving))
    return in_whole_kilometres(in_km(one, other))


def follow_host(before, mobility):
    """Another host lies elsewhere: what was known of the way to the first one is forgotten, unless it was edited too."""
    is_new_host = before.receiving_organisation_id != mobility.receiving_organisation_id
    is_same_way = (before.distance_km, before.distance_reason) == (mobility.distance_km, mobility.distance_reason)
    if is_new_host and is_same_way:
        mobility.distance_km, mobility.distance_reason = None, ""
