"""Rounds in which a school and a partner look at their cooperation: begun, filled in, closed, opened again.

A writer locks the review's row, then the partner's, so that a pair has one open round and its rounds follow in time.
When two hosts become one their rounds become one row of rounds.
"""

import hashlib

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop, ngettext

from consortium import host_merges, hosts
from consortium.models import Organisation
from consortium.permissions import NotAllowed, Permission
from mobilities.models import PartnershipRating, PartnershipReview, Side
from westum.base import formats
from westum.base.forms import Changed

BEGUN = gettext_noop("began a round")
ANSWERED = gettext_noop("filled in answers")
AMENDED = gettext_noop("changed the facts of the round")
CLOSED = gettext_noop("closed the round")
REOPENED = gettext_noop("opened the round again")
DISCARDED = gettext_noop("removed the empty round")
FOLLOWED = gettext_noop("moved the round to the row of the host that stays")
COUNTED_ANEW = gettext_noop("counted the rounds anew, because two rows of the host became one")
OUT_OF_THE_WAY = 1000  # above each number that a pair reaches

SILENT = {
    Side.SCHOOL: gettext_lazy("The school has answered no statement yet. Fill in its answers first."),
    Side.EMPLOYER: gettext_lazy("The workplace has answered no statement yet. Fill in its answers first."),
}


def rounds(member, partner):
    return PartnershipReview.objects.filter(organisation=member, partner=partner).order_by("number")


def before(review):
    """The round before, or None in the first one."""
    return rounds(review.organisation_id, review.partner_id).filter(number__lt=review.number).last()


def is_latest(review):
    return not rounds(review.organisation_id, review.partner_id).filter(number__gt=review.number).exists()


def answers(review, phase=None):
    """The ratings of a round by side and statement's key; of one phase, or of all. Without a round there are none."""
    if review is None:
        return {}
    rows = review.ratings.all() if phase is None else review.ratings.filter(statement__phase=phase)
    return {(row.side, row.statement_id): row for row in rows}


def fingerprint(found):
    """What a form remembers of the answers that it showed: two who fill in different phases do not meet."""
    told = sorted((side, statement, row.score, row.note) for (side, statement), row in found.items())
    return hashlib.sha256(repr(told).encode()).hexdigest()[:16]


@transaction.atomic
def begin(*, member, partner, held_on, by):
    """Open the next round of the pair. Raises NotAllowed while another is open, or for a day that is not later."""
    partner = Organisation.objects.partners().select_for_update(of=("self",)).filter(pk=partner.pk).first()
    if partner is None:
        raise NotAllowed(hosts.MERGED_AWAY, field="partner")
    if not Organisation.objects.members().permitting(by, Permission.PARTNERSHIP_EDIT).filter(pk=member.pk).exists():
        raise NotAllowed(_("Choose a member for which you act."), field="member")
    last = rounds(member, partner).last()
    if last and last.is_open:
        raise NotAllowed(
            _("A round with this partner is open already. Fill it in and close it first."), field="partner"
        )
    if last:
        _require_later(held_on, last)
    review = PartnershipReview(
        organisation=member, partner=partner, number=last.number + 1 if last else 1, held_on=held_on
    )
    review._change_reason = BEGUN
    review.save()
    return review


def _require_later(held_on, last):
    if held_on <= last.held_on:
        raise NotAllowed(
            _("The last round was on %(day)s. Choose a later day.") % {"day": formats.day(last.held_on)},
            field="held_on",
        )


@transaction.atomic
def answer(*, review, phase, given, seen, by):
    """Keep what both sides say of a phase. `given` has (score or None, note) by side and statement.

    `seen` is the fingerprint of the answers that the user saw. Raises Changed when they are others by now.
    """
    review = _locked_open(review, by)
    found = answers(review, phase)
    if seen != fingerprint(found):
        raise Changed
    is_changed = False
    for (side, statement), (score, note) in given.items():
        row = found.get((side, statement.pk))
        if ((row.score, row.note) if row else (None, "")) != (score, note):
            _keep(row or PartnershipRating(review=review, statement=statement, side=side), score, note)
            is_changed = True
    if is_changed:
        review._change_reason = f"{ANSWERED}\n{phase}"
        review.save()
    return review


def _keep(row, score, note):
    row._change_reason = ANSWERED
    if score is None and not note:
        row.delete()
        return
    row.score, row.note = score, note
    row.save()


@transaction.atomic
def amend(*, review, by):
    """Save the facts of an open round that the caller has changed in memory: day, who answered, what was agreed."""
    locked = _locked_open(review, by)
    last = before(locked)
    if last:
        _require_later(review.held_on, last)
    review.bump_version()
    review._change_reason = AMENDED
    review.save()
    return review


@transaction.atomic
def close(*, review, by):
    """Save the facts as `amend` does, and close the round: from now on it is read, and the next one shows it beside.

    Statements may be without an answer, but each side has given one, and the day of the meeting has come.
    """
    review = amend(review=review, by=by)
    for field in ("school_function", "employer_function"):
        if not getattr(review, field):
            raise NotAllowed(_("Write who answered, by function, as in principal or head of the kitchen."), field=field)
    if review.held_on > timezone.localdate():
        raise NotAllowed(_("This day has not come yet. Close the round when you have met."), field="held_on")
    answered = set(review.ratings.filter(score__isnull=False).values_list("side", flat=True))
    for side in Side:
        if side not in answered:
            raise NotAllowed(SILENT[side])
    review.closed_at, review.closed_by, review._change_reason = timezone.now(), by, CLOSED
    review.save()
    return review


@transaction.atomic
def reopen(*, review, reason, by):
    """Open the latest round of a pair again, with a reason that stays in its history."""
    review = _locked(review, by)
    if review.is_open:
        raise NotAllowed(_("This round is open already."))
    if not is_latest(review):
        raise NotAllowed(_("A later round has begun, which is compared with this one. It stays as it is."))
    review.closed_at, review.closed_by = None, None
    review.version += 1
    review._change_reason = f"{REOPENED}\n{reason}"
    review.save()
    return review


@transaction.atomic
def discard(*, review, by):
    """Remove a round that was begun by mistake and holds no answer."""
    review = _locked_open(review, by)
    if review.ratings.exists():
        raise NotAllowed(_("This round has answers. It stays, so that they are not lost."))
    review._change_reason = DISCARDED
    review.delete()


def register():
    host_merges.moves(PartnershipReview._meta.get_field("partner"), follow, followers)


def follow(review, host):
    """The review's partner is another row now. All rounds of the pair are counted anew in the order of their days."""
    found = sorted([*rounds(review.organisation_id, host), review], key=lambda one: (one.held_on, one.pk))
    if len({one.held_on for one in found}) < len(found):
        raise NotAllowed(
            _("%(member)s has a round with both on %(day)s. Change the day of one of them first.")
            % {"member": review.organisation, "day": formats.day(review.held_on)}
        )
    if any(one.is_open for one in found[:-1]):
        raise NotAllowed(
            _("%(member)s has an open round with one of them. It is closed first.") % {"member": review.organisation}
        )
    review.partner = host
    changed = [(number, one) for number, one in enumerate(found, 1) if one.number != number or one is review]
    for number, one in changed:
        one.number, one.skip_history_when_saving = number + OUT_OF_THE_WAY, True
        one.save()
        del one.skip_history_when_saving
    for number, one in changed:
        one.number, one._change_reason = number, FOLLOWED if one is review else COUNTED_ANEW
        one.version += 1  # whoever has the round's form open still holds the old host
        one.save()
    return review


def followers(number):
    return ngettext(
        "%(n)s review of a partnership moves along.", "%(n)s reviews of partnerships move along.", number
    ) % {"n": number}


def _locked(review, by):
    locked = PartnershipReview.objects.editable_by(by).select_for_update(of=("self",)).filter(pk=review.pk).first()
    if locked is None and not PartnershipReview.objects.filter(pk=review.pk).exists():
        raise NotAllowed(_("This round was removed meanwhile. Begin a new one."))
    if locked is None:
        raise NotAllowed(_("The member's own contact persons fill in a round, and the coordinator."))
    Organisation.objects.select_for_update(of=("self",)).get(pk=locked.partner_id)
    return locked


def _locked_open(review, by):
    locked = _locked(review, by)
    if not locked.is_open:
        raise NotAllowed(_("This round is closed. Open it again if something must be corrected."))
    return locked
