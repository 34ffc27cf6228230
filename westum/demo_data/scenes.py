"""A project with everybody and everything that its invented journeys need at hand."""

import random
from dataclasses import dataclass
from functools import cached_property

from consortium.models import ActivityType, Organisation, Project, ProjectMember
from mobilities.models import Participant
from westum.demo_data.names import Strangers
from westum.demo_data.people import People


@dataclass
class Scene:
    """`members` are found by name, `hosts` by town, `activities` by key. `rng` is seeded, so all is the same each time."""

    project: Project
    people: People
    hosts: dict[str, Organisation]
    strangers: Strangers
    rng: random.Random

    @cached_property
    def members(self):
        rows = ProjectMember.objects.filter(project=self.project).select_related("organisation")
        return {member.organisation.name: member for member in rows.prefetch_related("municipalities")}

    @cached_property
    def activities(self):
        return {activity.key: activity for activity in ActivityType.objects.in_call(self.project.call_year)}

    @cached_property
    def areas(self):
        """The focus areas by code."""
        return {goal.code: goal for goal in self.project.goals.focus_areas()}

    def somebody(self, *, member, group, language="sv"):
        """A new participant of that member, not saved yet. One in fifteen has no e-mail address."""
        first, last, email, phone = self.strangers.next()
        return Participant(
            organisation=self.members[member].organisation,
            first_name=first,
            last_name=last,
            email=email if self.rng.random() > 1 / 15 else "",
            phone=phone,
            group=group,
            language=language,
            home_municipality=self.rng.choice([*self.members[member].municipalities.all()] * 4 + [None]),
        )
