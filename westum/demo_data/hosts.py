"""Receiving organisations that do not exist, in towns that do (places from GeoNames, CC BY 4.0)."""

from decimal import Decimal

from consortium.models import Organisation, OrganisationKind
from westum.base import files, history
from westum.demo_data import tales
from westum.demo_data.moments import months_from
from westum.demo_data.placement_papers import one_page

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


# Town → fields of work, languages, how many at a time, how it works with learning outcomes, the member that found it
# and for how many years from which year the agreement holds. What nobody would know yet is left empty.
PROFILES = {
    "Brno": ("071 061", "cs en", 6, "", "Skövde", None),
    "Leipzig": ("071 073", "de en", 8, "Lärandemålen skrivs i förväg i ett gemensamt formulär.", "Uddevalla", (-2, 5)),
    "Århus": (
        "091 092",
        "da en",
        4,
        "Handledaren bedömer varje vecka mot de mål som skolan har skickat.",
        "Borås",
        (-1, 3),
    ),
    "Tartu": ("101", "et en", 5, "", "Strömstad", None),
    "Málaga": ("101", "es en", 10, "Bedömningen skrivs på engelska efter varje praktikperiod.", "Lidköping", (-3, 4)),
    "Turku": (
        "091 092 101",
        "fi sv en",
        6,
        "Arbetar med ECVET sedan länge; bedömer mot nationella mål.",
        "Varberg",
        (-4, 3),
    ),
    "Nantes": ("101", "fr", 3, "", "Alingsås", None),
    "Plymouth": ("091", "en", None, "", "Lidköping", (-9, 4)),
    "Split": ("101", "hr en", 4, "", "Sotenäs", None),
    "Cork": ("091 092", "en", 6, "Lärandemålen gås igenom första dagen och sista dagen.", "Lidköping", (-1, 3)),
    "Bologna": ("072 081", "it en", 8, "", "Kunskapsförbundet Väst", (-2, 3)),
    "Sliema": ("101 104", "en mt", 12, "Skriver intyg med lärandemål för varje deltagare.", "Skövde", (-2, 4)),
    "Groningen": ("092", "nl en", None, "", "Orust", None),
    "Porto": (
        "091 092",
        "pt en",
        4,
        "Handledaren och skolan bedömer tillsammans, på video varje vecka.",
        "Lidköping",
        (-1, 3),
    ),
    "Maribor": ("071 061", "sl en de", 6, "", "Uddevalla", (-3, 3)),
}

# One that two members have entered, so that the coordinator finds something to make one of.
TWICE = {
    "name": "Exempel Ammattiopisto Turku (Åbo)",
    "city": "Åbo",
    "country": "FI",
    "latitude": "60.45148",
    "longitude": "22.26869",
    "capacity": 4,
}
FOUND_TWICE_BY = "Orust"
FILED = {"Turku", "Porto"}  # whose agreements are kept as files


def create_hosts(*, members, started_on):
    """The hosts by town. `members` are organisations by name."""
    rows = []
    for country, town, latitude, longitude, name in HOSTS:
        _fields, _languages, capacity, learning_outcomes, finder, agreement = PROFILES[town]
        rows.append(
            Organisation(
                kind=OrganisationKind.RECEIVING,
                name=f"{name}, {town}",
                city=town,
                country=country,
                latitude=Decimal(latitude),
                longitude=Decimal(longitude),
                capacity=capacity,
                learning_outcomes=f"Exempel: {learning_outcomes}" if learning_outcomes else "",
                found_by=members[finder],
                **_agreement(agreement, started_on, name if town in FILED else ""),
            )
        )
    hosts = {host.city: host for host in history.create_many(Organisation, rows, reason=tales.MADE_UP)}
    for town, host in hosts.items():
        _describe(host, *PROFILES[town][:2])
    double = Organisation(kind=OrganisationKind.RECEIVING, found_by=members[FOUND_TWICE_BY], **TWICE)
    history.create_many(Organisation, [double], reason=tales.MADE_UP)
    return hosts


def _agreement(years, started_on, filed_for=""):
    if years is None:
        return {}
    first = months_from(started_on, 12 * years[0])
    return {
        "agreed_on": first,
        "agreed_until": months_from(first, 12 * years[1]),
        "agreement_file": _paper(filed_for, first) if filed_for else None,
    }


def _paper(name, day):
    content = one_page([(18, f"Avtal {name}"), (11, f"Undertecknat {day:%Y-%m-%d}."), (9, "Påhittat exempel.")])
    return files.keep(content, name=f"avtal-{name.lower().replace(' ', '-')}.pdf", content_type="application/pdf")


def _describe(host, fields_of_work, languages):
    """One line of history for both lists."""
    host.skip_history_when_saving = True
    host.fields_of_work.set(fields_of_work.split())
    host.languages.set(languages.split())
    del host.skip_history_when_saving
    host._change_reason = tales.MADE_UP
    host.save()
