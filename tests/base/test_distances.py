import pytest

from westum.base.distances import in_km, in_whole_kilometres

UDDEVALLA, CORK, PORTO = (58.34784, 11.9424), (51.89797, -8.47061), (41.14961, -8.61099)


def test_the_way_is_that_of_the_ellipsoid():
    """A quarter of the way around along the equator, and along a meridian, as geodesy knows them."""
    assert round(in_km((0, 0), (0, 90)), 3) == 10018.754
    assert round(in_km((0, 0), (90, 0)), 3) == 10001.966


def test_the_way_there_is_the_way_back():
    assert in_km(UDDEVALLA, CORK) == pytest.approx(in_km(CORK, UDDEVALLA))
    assert in_km(PORTO, PORTO) == 0


@pytest.mark.parametrize(("km", "whole"), [("499.4", 499), ("499.5", 500), (499.6, 500), (0, 0), ("0.49", 0)])
def test_whole_kilometres_are_rounded_half_up(km, whole):
    assert in_whole_kilometres(km) == whole
