"""Distances on the earth: the shortest way between two points of the ellipsoid WGS84."""

from decimal import Decimal

from geographiclib.geodesic import Geodesic

from westum.base.money import round_half_up


def in_km(one, other):
    """Kilometres between two pairs of latitude and longitude, in degrees."""
    degrees = (float(angle) for point in (one, other) for angle in point)
    return Geodesic.WGS84.Inverse(*degrees, outmask=Geodesic.DISTANCE)["s12"] / 1000


def in_whole_kilometres(distance):
    """Rounded half up: 499.6 km lies in the band that begins at 500."""
    return int(round_half_up(Decimal(distance), places=0))
