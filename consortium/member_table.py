"""The members of a project with who answers for them, their papers and places, and what each of them still lacks."""

from dataclasses import dataclass
from datetime import date

from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from consortium import contacts
from consortium.models import MemberPaper, MemberPaperKind, ProjectMember, User
from westum.base import sheets
from westum.base.text import fold, sort_key


class Lack(models.TextChoices):
    CONTACT = "contact", _("no responsible contact person")
    LOGIN = "login", _("contact person has never logged in")
    MANDATE = "mandate", _("no mandate")
    AGREEMENT = "agreement", _("no agreement")


PERSONAL = {Lack.LOGIN}  # said to those alone who may know the person


@dataclass(frozen=True)
class Row:
    """`contact` and `deputy` are those who have access today; `places` is None where no share has been given.

    `sees_people` says whether the reader may know who they are.
    """

    member: ProjectMember
    contact: User | None
    deputy: User | None
    papers: dict[str, MemberPaper]
    municipalities: list
    places: int | None
    taken: int | None
    lacks: list[Lack]
    sees_people: bool

    @property
    def mandate(self):
        """The day on which the mandate in force was signed."""
        return self._signed(MemberPaperKind.MANDATE)

    @property
    def agreement(self):
        """The day on which the agreement in force was signed."""
        return self._signed(MemberPaperKind.AGREEMENT)

    def _signed(self, kind):
        return self.papers[kind].signed_on if kind in self.papers else None

    def says(self, word):
        """Is the folded word in what the row says of the member, its people left aside?"""
        names = [self.member.organisation.name, self.member.printed_name, *map(str, self.municipalities)]
        return any(word in fold(name) for name in names)


def rows(members, *, user):
    """The rows of `members` (a queryset in scope of the user), by name. As many queries for fifty as for one."""
    members = list(members.with_municipalities().with_people().with_papers().prefetch_related("allocations").in_order())
    with_access = {
        organisation: {user.pk for user in users} for organisation, users in contacts.of_members(members).items()
    }
    known = contacts.known_to(user)
    return [
        _row(member, with_access.get(member.organisation_id, set()), member.organisation_id in known)
        for member in members
    ]


def _row(member, with_access, sees_people):
    contact, deputy = (user if user and user.pk in with_access else None for user in (member.contact, member.deputy))
    papers = {paper.kind: paper for paper in member.papers.all() if paper.ended_on is None}
    shares = list(member.allocations.all())
    lacks = {
        Lack.CONTACT: contact is None,
        Lack.LOGIN: contact is not None and contact.last_login is None,
        Lack.MANDATE: MemberPaperKind.MANDATE not in papers,
        Lack.AGREEMENT: MemberPaperKind.AGREEMENT not in papers,
    }
    return Row(
        member=member,
        contact=contact,
        deputy=deputy,
        papers=papers,
        municipalities=list(member.municipalities.all()),
        places=sum(share.places for share in shares) if shares else None,
        taken=sum(share.places_taken for share in shares) if shares else None,
        lacks=[lack for lack, is_so in lacks.items() if is_so and (sees_people or lack not in PERSONAL)],
        sees_people=sees_people,
    )


# Name in the address → what the rows are sorted by.
ORDERS = {
    "name": lambda row: sort_key(row.member.organisation.name),
    "role": lambda row: row.member.role,
    "contact": lambda row: (row.contact is None, sort_key(str(row.contact)) if row.contact and row.sees_people else ()),
    "mandate": lambda row: row.mandate or date.max,
    "agreement": lambda row: row.agreement or date.max,
    "places": lambda row: -1 if row.places is None else row.places,
    "missing": lambda row: len(row.lacks),
}


def ordered(found, order):
    """By a name of ORDERS, with "-" before it the other way round. Names that nobody knows change nothing."""
    key = ORDERS.get(order.removeprefix("-"))
    return sorted(found, key=key, reverse=order.startswith("-")) if key else found


def sheet(found, *, title, with_people):
    """The rows as a sheet; who may take persons out has columns for them, filled where the reader may know them."""
    columns = {
        gettext("Member"): lambda row: row.member.organisation.name,
        gettext("Name as printed"): lambda row: row.member.printed_name,
        gettext("Role"): lambda row: capfirst(row.member.get_role_display()),
        gettext("Stands for"): lambda row: ", ".join(map(str, row.municipalities)),
    }
    if with_people:
        columns |= {
            gettext("Contact person"): lambda row: str(row.contact or "") if row.sees_people else "",
            gettext("E-mail"): lambda row: row.contact.email if row.contact and row.sees_people else "",
            gettext("Deputy"): lambda row: str(row.deputy or "") if row.sees_people else "",
        }
    columns |= {
        gettext("Mandate signed on"): lambda row: row.mandate,
        gettext("Agreement signed on"): lambda row: row.agreement,
        gettext("Places"): lambda row: row.places,
        gettext("Taken"): lambda row: row.taken,
        gettext("Missing"): lambda row: ", ".join(str(lack.label) for lack in row.lacks),
    }
    return sheets.Table(title, list(columns), [[cell(row) for cell in columns.values()] for row in found])
