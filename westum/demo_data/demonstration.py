"""All of it, in order."""

import random

from consortium.models import Organisation
from westum.demo_data import (
    accreditation,
    cooperation,
    due,
    exempel,
    exempel_journeys,
    exempel_money,
    host_bank,
    ka1_2015,
    wishing,
)
from westum.demo_data.hosts import create_hosts
from westum.demo_data.names import Strangers
from westum.demo_data.people import create_memberships, create_people


def create(*, started_on):
    """Needs the fixtures. The caller opens the transaction: a demonstration is whole or not there."""
    association = Organisation.objects.get(pk=1)
    members = {organisation.name: organisation for organisation in Organisation.objects.members()}
    people = create_people(started_on)
    strangers = Strangers(random.Random("people"), except_for=people.names())
    hosts = create_hosts(members=members, started_on=started_on)
    project = exempel.create_project(association=association, people=people, started_on=started_on)
    exempel_money.award(project=project, people=people)
    create_memberships(people, association=association, members=members, audited=project, started_on=started_on)
    ka1_2015.create_journeys(people=people, hosts=hosts, strangers=strangers)
    exempel_journeys.create_journeys(
        project=project,
        people=people,
        hosts={town: host for town, host in hosts.items() if host.country != "GB"},
        strangers=strangers,
        started_on=started_on,
    )
    host_bank.create(hosts=hosts, people=people, started_on=started_on)
    cooperation.create(members=members, hosts=hosts, people=people, started_on=started_on)
    wishing.create(
        last=project,
        accreditation=accreditation.create(association=association, people=people, started_on=started_on),
        people=people,
        association=association,
        started_on=started_on,
    )
    due.create(people=people, started_on=started_on)
