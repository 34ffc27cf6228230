"""Towns while one types: for all who are logged in, since it has nothing of anybody's."""

import re

from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from westum.base import place_index
from westum.base.place_fields import Asked, told_apart

LONGEST = 80
NAME = re.compile(r"[a-z][a-z0-9_-]{0,40}")


@require_safe
@cache_control(private=True, max_age=3600)
def search(request):
    """The part of a form below the field `name`: the towns that begin as `q`, or as what its field has."""
    given = request.GET
    name = given.get("name", "") if NAME.fullmatch(given.get("name", "")) else "place"
    town, country = (given.get(f"{name}_{part}", "") for part in ("town", "country"))
    asked = Asked(given.get("q", town)[:LONGEST], given.get("country", country), given.get(name, ""))
    places = told_apart(place_index.search(asked.town, country=asked.country))
    return render(request, "components/place_choices.html", {"name": name, "asked": asked, "places": places})
