"""By which countries' rates a project can work out its grants. The app that has the rates tells it."""

from collections.abc import Callable, Iterable

from westum.base.formats import country
from westum.base.text import sort_key

_tellers: list[Callable[[], Iterable[str]]] = []


def told_by(teller):
    """For an app's `ready()`: `teller()` gives the codes of the countries of which there are day rates."""
    if teller not in _tellers:
        _tellers.append(teller)


def choices(*also):
    """Code and name of each country, and of those in `also`, in the order of their names."""
    codes = {code for teller in _tellers for code in teller()} | {code for code in also if code}
    return sorted(((code, country(code)) for code in codes), key=lambda choice: sort_key(choice[1]))
