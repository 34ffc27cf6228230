"""The notes of `fixtures/unit_costs.json`, so that pages show them in the reader's language."""

from django.utils.translation import gettext_noop

NOTES = [
    gettext_noop("below 100 km: no travel grant"),
    gettext_noop("first call with a band below 100 km"),
    gettext_noop("single university source; check against the 2017 annex"),
    gettext_noop("Spanish annex prints 0-99; EC form prints 10-99"),
    gettext_noop("no green amount"),
    gettext_noop("low-emission travel expected as the rule below 500 km"),
    gettext_noop("standard amount only from an unofficial calculator; green amount not found"),
    gettext_noop("green 56 seen in a 2026 form; standard 28 carried over"),
    gettext_noop("carried over from 2024"),
    gettext_noop("both seen in a 2026 form"),
    gettext_noop("same figures in adult and school sectors; VET annex itself not found"),
    gettext_noop("counter runs per activity type"),
    gettext_noop(
        "participant going to a third country not associated; read as replacing the activity rate; X- codes are local, not EC codes"
    ),
    gettext_noop(
        "VET figures not found; other sectors: 125 in a youth form of call 2026, 400 then 230 in HE call 2024"
    ),
    gettext_noop("no course-fee category in VET"),
    gettext_noop("cap per participant in the project"),
    gettext_noop("HE 2024, sport 2025, youth 2026; VET guide text not seen"),
    gettext_noop("max 3 persons per visit"),
    gettext_noop("youth form of call 2026"),
    gettext_noop("learners only; staff preparation is paid from organisational support"),
    gettext_noop("not for staff below 31 days"),
    gettext_noop("in addition"),
    gettext_noop(
        "one day before and one day after the activity; one Finnish VET provider allowed two before and two after"
    ),
    gettext_noop("carried over"),
    gettext_noop(
        "a 2026 form suggests that the number of extra green days depends on the distance band (4 in total for 500-1999 km)"
    ),
]
