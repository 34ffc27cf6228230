"""Receiving organisations that do not exist, in towns that do (places from GeoNames, CC BY 4.0)."""

from decimal import Decimal

from consortium.models import Organisation, OrganisationKind
from westum.base import history
from westum.demo_data import tales

# Country, town, latitude and longitude, name.
HOSTS = [
    ("CZ", "Brno", "49.19522", "16.60796", "Exempel Škola"),
    ("DE", "Leipzig", "51.33962", "12.37129", "Exempel Berufsschule"),
    ("DK", "Århus", "56.15674", "10.21076", "Exempel Erhvervsskole"),
    ("EE", "Tartu", "58.38062", "26.72509", "Exempel Kutsekool"),
    ("ES", "Málaga", "36.72016", "-4.42034", "Exempel Hotel Escuela"),
    ("FI", "Turku", "60.45148", "22.26869", "Exempel Ammattiopisto"),
    ("FR", "Nantes", "47.21725", "-1.55336", "Exempel École hôtelière"),
    ("GB", "Plymouth", "50.37153", "-4.14305", "Exempel College"),
    ("HR", "Split", "43.50891", "16.43915", "Exempel Hotelska škola"),
    ("IE", "Cork", "51.89797", "-8.47061", "Exempel Care Home"),
    ("IT", "Bologna", "44.49381", "11.33875", "Exempel Istituto professionale"),
    ("MT", "Sliema", "35.91247", "14.50175", "Exempel Training Centre"),
    ("NL", "Groningen", "53.21917", "6.56667", "Exempel Zorgcentrum"),
    ("PT", "Porto", "41.14850", "-8.61097", "Exempel Lar de idosos"),
    ("SI", "Maribor", "46.55583", "15.64593", "Exempel Srednja šola"),
]


def create_hosts():
    """The hosts by town."""
    rows = [
        Organisation(
            kind=OrganisationKind.RECEIVING,
            name=f"{name}, {town}",
            city=town,
            country=country,
            latitude=Decimal(latitude),
            longitude=Decimal(longitude),
        )
        for country, town, latitude, longitude, name in HOSTS
    ]
    return {host.city: host for host in history.create_many(Organisation, rows, reason=tales.MADE_UP)}
