"""Two rounds with a host and two with an employer at home, of the member whose contact person logs in."""

from datetime import timedelta

from consortium.models import Organisation, OrganisationKind
from mobilities.models import PartnershipRating, PartnershipReview, PartnershipStatement, Side
from westum.demo_data import tales
from westum.demo_data.moments import at, months_from
from westum.demo_data.people import CONTACT_OF

EMPLOYERS = {"Lidköping": ("Exempel Omsorg, Lidköping", "Lidköping"), "Borås": ("Exempel Verkstad, Borås", "Borås")}
NO_ANSWER = "-"
# Scores of the statements in order, "-" for none: the school's, the workplace's. The second round is the later one.
HOST_ROUNDS = [("323 434 322 2-3", "434 333 212 33-"), ("434 444 433 334", "434 443 313 434")]
EMPLOYER_ROUNDS = [("432 343 323 433", "212 323 234 4-3"), ("433 444 --- ---", "323 342 --- ---")]
NOTES = {
    (Side.SCHOOL, 4): "Exempel: vi mejlar varje vecka nu.",
    (Side.EMPLOYER, 7): "Exempel: vi vill vara med när kursen planeras.",
    (Side.EMPLOYER, 6): "Exempel: två praktikanter i taget räcker.",
}


def create(*, members, hosts, people, started_on):
    """`members` are found by name, `hosts` by town."""
    by = people.contacts
    found = [
        tales.Tale(
            Organisation(kind=OrganisationKind.EMPLOYER, name=name, city=town, found_by=members[member]),
            tales.MADE_UP,
            at(months_from(started_on, -16), 10),
            by[member],
        )
        for member, (name, town) in EMPLOYERS.items()
    ]
    tales.save(found)
    rounds = [
        *_rounds(members[CONTACT_OF], hosts["Porto"], HOST_ROUNDS, by[CONTACT_OF], started_on),
        *_rounds(members[CONTACT_OF], found[0].row, EMPLOYER_ROUNDS, by[CONTACT_OF], started_on, is_open=True),
        *_rounds(members["Borås"], found[1].row, HOST_ROUNDS[:1], by["Borås"], started_on),
    ]
    tales.save([tale for tale, _scores in rounds])
    statements = list(PartnershipStatement.objects.all())
    ratings = []
    for tale, scores in rounds:
        for side, line in zip((Side.SCHOOL, Side.EMPLOYER), scores, strict=True):
            given = line.replace(" ", "")
            for statement, score in zip(statements, given, strict=True):
                if score != NO_ANSWER:
                    ratings.append(_rating(tale.row, statement, side, int(score), by=tale.stages[0]._history_user))
    tales.save(ratings)


def _rounds(member, partner, rounds, by, started_on, *, is_open=False):
    """The tales of the rounds, a year between them; the last one is open when `is_open`."""
    for number, scores in enumerate(rounds, 1):
        held_on = months_from(started_on - timedelta(20), 12 * (number - len(rounds)))
        review = PartnershipReview(organisation=member, partner=partner, number=number, held_on=held_on)
        tale = tales.Tale(review, tales.MADE_UP, at(held_on, 13), by)
        if not (is_open and number == len(rounds)):
            tale.happens(
                "closed the round",
                at(held_on, 15),
                by,
                school_function="yrkeslärare",
                employer_function="enhetschef",
                agreed="Exempel: vi planerar nästa period tillsammans och ses en gång i månaden.",
                next_on=months_from(held_on, 12 if number < len(rounds) else 6),
                closed_at=at(held_on, 15),
                closed_by=by,
            )
        yield tale, scores


def _rating(review, statement, side, score, *, by):
    note = NOTES.get((side, statement.number), "") if review.number == 2 else ""
    rating = PartnershipRating(review=review, statement=statement, side=side, score=score, note=note)
    return tales.Tale(rating, tales.MADE_UP, at(review.held_on, 14), by)
