"""Who logs in: the association's people, and one or two contact persons a member."""

from dataclasses import dataclass
from datetime import date, timedelta

from consortium.models import Membership, User
from consortium.people import CHANGED, ENDED
from consortium.permissions import Role
from westum.base import phones
from westum.demo_data import tales
from westum.demo_data.moments import at
from westum.demo_data.names import PHONES, address_of

CONTACT_OF = "Lidköping"  # the member of contact@example.org and participant@example.org
LEARNER = ("Noor", "Provgren", "participant@example.org")  # home again, and owes the placement report
CONTACTS = {
    "Alingsås": "Gunnel Mallberg",
    "Borås": "Čedomir Exempelöv",
    "Essunga": "Pär Skissö",
    "Färgelanda": "Märta Övningsberg",
    "Kunskapsförbundet Väst": "Zeynep Testström",
    "Lidköping": "Erik Skissgren",
    "Orust": "Viveka Provåker",
    "Skövde": "Håkan Utkastström",
    "Sotenäs": "Maj-Britt Mönsterås",
    "Strömstad": "Søren Dæmisson",
    "Uddevalla": "Jelena Primerčić",
    "Varberg": "Björn Förslagsén",
}
# Second contact persons, who are deputies.
DEPUTIES = {
    "Borås": "Inga-Lill Provdal",
    "Lidköping": "Ahmed Mallström",
    "Skövde": "Petra Utkastsdotter",
    "Uddevalla": "Göran Förslagsfors",
}
NEVER_HERE = {"Sotenäs", "Strömstad"}  # members whose contact persons have not logged in yet
FORMER = ("Borås", "Annika Provström", date(2015, 5, 4), date(2024, 6, 14))  # a contact person who has left
FIRST_DAY = date(2015, 3, 2)


@dataclass(frozen=True)
class People:
    """`contacts` and `deputies` are found by the name of their member."""

    coordinator: User
    staff: User
    auditor: User
    contacts: dict[str, User]
    deputies: dict[str, User]
    former: User

    def names(self):
        """Of all whom this module names, so that no stranger is called the same."""
        users = [self.coordinator, self.staff, self.auditor, self.former]
        users += [*self.contacts.values(), *self.deputies.values()]
        return {user.name for user in users} | {" ".join(LEARNER[:2])}


def create_people(started_on):
    coordinator = new_user(
        "coordinator@example.org",
        "Sara Exempelsson",
        FIRST_DAY,
        by=None,
        phone=PHONES[0],
        seen_on=started_on - timedelta(1),
    )
    others = {
        "staff": new_user(
            "staff@example.org",
            "Elias Testlund",
            date(2016, 1, 11),
            by=coordinator.row,
            seen_on=started_on - timedelta(1),
        ),
        "auditor": new_user(
            "auditor@example.org", "Ulrika Beispielmann", started_on - timedelta(20), by=coordinator.row
        ),
    }
    contacts = {
        member: new_user(
            "contact@example.org" if member == CONTACT_OF else address_of("contact", member),
            name,
            date(2015, 5, 4),
            by=coordinator.row,
            phone=phone,
        )
        for (member, name), phone in zip(CONTACTS.items(), PHONES[1:], strict=False)
    }
    deputies = {
        member: new_user(address_of("deputy", member), name, date(2021, 9, 6), by=coordinator.row)
        for member, name in DEPUTIES.items()
    }
    for number, (member, tale) in enumerate([*contacts.items(), *deputies.items()]):
        if member not in NEVER_HERE:
            tale.row.last_login = at(started_on - timedelta(1 + number), 8)
    _member, name, joined_on, left_on = FORMER
    former = new_user(address_of(name), name, joined_on, by=coordinator.row, seen_on=left_on)
    tales.save([coordinator])
    tales.save([*others.values(), *contacts.values(), *deputies.values(), former])
    return People(
        coordinator=coordinator.row,
        **{role: tale.row for role, tale in others.items()},
        contacts={member: tale.row for member, tale in contacts.items()},
        deputies={member: tale.row for member, tale in deputies.items()},
        former=former.row,
    )


def new_user(email, name, joined_on, *, by, language="sv", phone="", seen_on=None):
    """The tale of a new user; nobody has a password."""
    user = User(
        email=email,
        name=name,
        phone=phones.international(phone),
        language=language,
        joined_at=at(joined_on, 9),
        last_login=at(seen_on, 8) if seen_on else None,
    )
    user.set_unusable_password()
    return tales.Tale(user, "opened the account", user.joined_at, by)


def create_memberships(people, *, association, members, audited, started_on):
    """What lets them in. `members` are organisations by name; the auditor sees the project `audited` for half a year."""
    rows = [
        Membership(user=people.coordinator, organisation=association, role=Role.COORDINATOR),
        Membership(user=people.staff, organisation=association, role=Role.STAFF, to_date=date(2016, 12, 31)),
        *(
            Membership(user=user, organisation=members[name], role=Role.CONTACT)
            for who in (people.contacts, people.deputies)
            for name, user in who.items()
        ),
        Membership(
            user=people.auditor,
            organisation=association,
            role=Role.AUDITOR,
            project=audited,
            to_date=started_on + timedelta(180),
        ),
    ]
    for row in rows:
        row.from_date = row.user.joined_at.date()
    made = {row.user: tales.Tale(row, "gave the access", row.user.joined_at, people.coordinator) for row in rows}
    member, _name, joined_on, left_on = FORMER
    former = Membership(user=people.former, organisation=members[member], role=Role.CONTACT, from_date=joined_on)
    made[people.former] = tales.Tale(former, "gave the access", people.former.joined_at, people.coordinator)
    made[people.former].happens(
        ENDED, at(left_on, 16), people.coordinator, ended_at=at(left_on, 16), ended_by=people.coordinator
    )
    made[people.staff].happens(
        f"{CHANGED}\nTjänsten är numera tillsvidare.", at(date(2016, 12, 12), 10), people.coordinator, to_date=None
    )
    tales.save(list(made.values()))
