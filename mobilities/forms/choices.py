"""How the forms of a mobility name what one may choose, and what the page's script must know about each choice."""

import re

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext

from consortium.models import GoalAudience
from mobilities.eligibility import STAFF_COURSE
from westum.base import countries
from westum.base.text import fold


def host_label(host):
    """Name, town and country; a name that has the town in it says it once."""
    words = f" {re.sub(r'\W+', ' ', fold(host.name))} "
    city = "" if f" {fold(host.city)} " in words else host.city
    return ", ".join(part for part in (host.name, city, countries.names().get(host.country)) if part)


def person_label(person):
    """Two persons of one name differ by what follows it."""
    return f"{person}, {person.email or person.get_group_display()}"


def activity_label(activity):
    if activity.min_days and activity.max_days:
        days = {"name": activity.name, "least": activity.min_days, "most": activity.max_days}
        return gettext("%(name)s, %(least)s–%(most)s days") % days
    return activity.name


def focus_area_label(goal):
    if goal.audience == GoalAudience.EVERYONE:
        return f"{goal.code} {goal.title}"
    return f"{goal.code} {goal.title} ({goal.get_audience_display()})"


def capitalise(field):
    """Choices that stand alone, as on a button, begin with a capital."""
    field.choices = [(value, capfirst(label)) for value, label in field.choices if value]


def day_input():
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


class GroupedSelect(forms.Select):
    """Each person says to the script whether learners' or staff's focus areas are open."""

    def create_option(self, name, value, *args, **kwargs):
        option = super().create_option(name, value, *args, **kwargs)
        if value:
            option["attrs"]["data-group"] = value.instance.group
        return option


class Activities(forms.Select):
    """Staff courses say that they are some: only they have days with a course fee."""

    def create_option(self, name, value, *args, **kwargs):
        option = super().create_option(name, value, *args, **kwargs)
        if value and value.instance.ec_code == STAFF_COURSE:
            option["attrs"]["data-course"] = True
        return option


class FocusAreas(forms.CheckboxSelectMultiple):
    """Each area that is not open to everyone says to the script to whom it is."""

    def create_option(self, name, value, *args, **kwargs):
        option = super().create_option(name, value, *args, **kwargs)
        if value.instance.audience != GoalAudience.EVERYONE:
            option["attrs"]["data-audience"] = value.instance.audience
        return option
