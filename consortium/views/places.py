"""Towns while one types: for all who are logged in, since it has nothing of anybody's."""

import re

from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from westum.base.place_fields import Asked, told_apart

LONGEST = 80
NAME = re.compile(r"[a-z][a-z0-9_-]{0,40}")


@require_safe
@cache_control(private=True, max_age=3600)
def search(request):
    """The part of a form below the field `name`: towns that begin as `q`, or as its own fields or those named by `of`."""
    given = request.GET
    name = given.get("name", "") if NAME.fullmatch(given.get("name", "")) else "place"
    town, _comma, country = given.get("of", f"{name}_town,{name}_country").partition(",")
    asked = Asked(
        given.get("q", given.get(town, ""))[:LONGEST], given.get("country", given.get(country, "")), given.get(name, "")
    )
    context = {
        "name": name,
        "asked": asked,
        "places": told_apart(asked.found),
        "may_be_none": "of" in given,
    }
    return render(request, "components/place_choices.html", context)
