"""Distances on the earth: the shortest way between two points of the ellipsoid WGS84."""

from decimal import Decimal

from westum.base.money import round_half_up


def in_km(one, other):
    """Kilometres between two pairs of latitude and longitude, in degrees."""
    from geographiclib.geodesic import Geodesic  # 20 ms to import, which the start of the portal need not wait for

    (latitude, longitude), (other_latitude, other_longitude) = one, other
    way = Geodesic.WGS84.Inverse(
        float(latitude), float(longitude), float(other_latitude), float(other_longitude), Geodesic.DISTANCE
    )
    return way["s12"] / 1000


def in_whole_kilometres(distance):
    """Rounded half up: 499.6 km lies in the band that begins at 500."""
    return int(round_half_up(Decimal(distance), places=0))
