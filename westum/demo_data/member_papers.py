"""The mandates and agreements of the members of `exempel`, with some missing and one replaced."""

from datetime import timedelta

from consortium.members import ADDED_PAPER, REPLACED_PAPER
from consortium.models import MemberPaper, MemberPaperKind
from westum.base import files
from westum.demo_data import tales
from westum.demo_data.moments import at
from westum.demo_data.placement_papers import one_page

SIGNERS = ["Astrid Exempelhed, rektor", "Bo Provström, förvaltningschef", "Carina Utkastberg, verksamhetschef"]
MISSING = {
    MemberPaperKind.MANDATE: {"Färgelanda"},
    MemberPaperKind.AGREEMENT: {"Färgelanda", "Sotenäs", "Varberg"},
}
REPLACED = "Uddevalla"  # signed a mandate, and another one when its school had a new head
TITLES = {MemberPaperKind.MANDATE: "Fullmakt", MemberPaperKind.AGREEMENT: "Avtal"}


def create(members, *, signed_from, by):
    """Papers signed in the weeks from `signed_from` on."""
    told = []
    for kind, missing in MISSING.items():
        for number, member in enumerate(members):
            name = member.organisation.name
            if name in missing:
                continue
            day = signed_from + timedelta(3 * number)
            if kind == MemberPaperKind.MANDATE and name == REPLACED:
                told.append(_paper(member, kind, day, SIGNERS[0], by))
                day += timedelta(60)
                told[-1].happens(REPLACED_PAPER, at(day + timedelta(1), 10), by, ended_on=day)
            told.append(_paper(member, kind, day, SIGNERS[number % len(SIGNERS)], by))
    tales.save(told)


def _paper(member, kind, day, signer, by):
    moment = at(day + timedelta(1), 10)
    title = f"{TITLES[kind]} {member.organisation.name}"
    content = one_page([(18, title), (11, f"Undertecknat {day:%Y-%m-%d} av {signer}."), (9, "Påhittat exempel.")])
    stored = files.keep(content, name=f"{title.lower().replace(' ', '-')}.pdf", content_type="application/pdf")
    stored.created_at = moment
    stored.save(update_fields=["created_at"])
    paper = MemberPaper(
        member=member, kind=kind, signed_on=day, signed_by=signer, file=stored, added_at=moment, added_by=by
    )
    return tales.Tale(paper, ADDED_PAPER, moment, by)
