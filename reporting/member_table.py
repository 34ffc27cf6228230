"""The members of a project with their places and mobilities: one row a member, as many queries for fifty as for one."""

from dataclasses import dataclass

from consortium import contacts
from consortium.models import ProjectMember, User
from reporting import figures
from reporting.figures import Tally
from westum.base.text import sort_key


@dataclass(frozen=True)
class Row:
    """A member, or the sum of several. `places` and `taken` are None where no share has been given."""

    member: ProjectMember | None
    places: int | None
    taken: int | None
    tallies: dict[str, Tally]
    url: str = ""
    contact: User | None = None  # who has access today
    sees_contact: bool = False

    @property
    def left(self):
        return None if self.places is None else self.places - self.taken

    @property
    def is_full(self):
        return bool(self.places) and self.left == 0

    @property
    def registered(self):
        return self.tallies["registered"].all

    @property
    def accepted(self):
        return self.tallies["accepted"].all

    @property
    def completed(self):
        return self.tallies["completed"].all

    @property
    def bar(self):
        """The bar of taken places: those of accepted mobilities, and the others."""
        accepted = min(self.accepted, self.taken or 0)
        return [{"value": accepted, "look": "sea"}, {"value": (self.taken or 0) - accepted, "look": "shoal"}]


COLUMNS = ("places", "taken", "left", "registered", "accepted", "completed")


def rows(project, members, mobilities, *, user):
    """The rows of `members` (a queryset of ProjectMember in scope of the user) over `mobilities` (in scope as well)."""
    members = list(members.select_related("organisation", "contact").in_order())
    places, taken = figures.places(members), figures.places_taken(members)
    tallies = figures.counted(mobilities, "sending_organisation")
    with_access, known = contacts.of_members(members), contacts.known_to(user)
    return [
        Row(
            member=member,
            places=places[member.pk].all if member.pk in places else None,
            taken=taken[member.pk].all if member.pk in taken else None,
            tallies=tallies.get(member.organisation_id, figures.nothing()),
            url=figures.rows_url(project.slug, member=member.organisation_id),
            contact=member.contact if member.contact in with_access.get(member.organisation_id, ()) else None,
            sees_contact=member.organisation_id in known,
        )
        for member in members
    ]


def total(found):
    """The sum under the table; places are unstated while no member has a share."""
    stated = [row for row in found if row.places is not None]
    return Row(
        member=None,
        places=sum(row.places for row in stated) if stated else None,
        taken=sum(row.taken for row in stated) if stated else None,
        tallies=figures.total(row.tallies for row in found),
    )


def ordered(found, order):
    """The rows by a column's name, "-" before it for the largest first. Unknown names change nothing: they stand by name."""
    column, falls = order.removeprefix("-"), order.startswith("-")
    if column == "name":
        return sorted(found, key=lambda row: sort_key(row.member.organisation.name), reverse=falls)
    if column not in COLUMNS:
        return found
    # What is not stated stands last in both directions.
    known = [row for row in found if getattr(row, column) is not None]
    return sorted(known, key=lambda row: getattr(row, column), reverse=falls) + [
        row for row in found if getattr(row, column) is None
    ]
