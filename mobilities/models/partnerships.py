"""What a school and a partner, a host or an employer at home, say of their cooperation, round after round.

The four phases are those of VET@work, the statements our own words for its questions; that both sides answer them on a
scale of five is Westum's own derivation.
"""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from consortium.models import Organisation
from consortium.models.reference import ListEntry
from consortium.permissions import Permission, ScopedQuerySet
from westum.base.forms import Versioned
from westum.base.history import History


class Side(models.TextChoices):
    SCHOOL = "school", pgettext_lazy("side of a partnership", "school")
    EMPLOYER = "employer", pgettext_lazy("side of a partnership", "workplace")


class Score(models.IntegerChoices):
    """How far a statement is true. Each step has its words, on screen and paper."""

    NOT_AT_ALL = 1, _("not at all true")
    HARDLY = 2, _("hardly true")
    PARTLY = 3, _("partly true")
    MOSTLY = 4, _("mostly true")
    FULLY = 5, _("fully true")


class PartnershipPhase(ListEntry):
    number = models.PositiveSmallIntegerField(_("number"), unique=True)

    class Meta(ListEntry.Meta):
        verbose_name = _("phase of a partnership")
        verbose_name_plural = _("phases of a partnership")
        ordering = ["number"]


class PartnershipStatement(ListEntry):
    phase = models.ForeignKey(
        PartnershipPhase, verbose_name=_("phase"), on_delete=models.PROTECT, related_name="statements"
    )
    number = models.PositiveSmallIntegerField(_("number"), unique=True)
    name_sv = models.CharField(_("statement in Swedish"), max_length=200)
    name_en = models.CharField(_("statement in English"), max_length=200)

    class Meta(ListEntry.Meta):
        verbose_name = _("statement on a partnership")
        verbose_name_plural = _("statements on a partnership")
        ordering = ["number"]


class PartnershipReviewQuerySet(ScopedQuerySet):
    """A review is about one school and one partner: other members do not read it, although they share the partner."""

    def visible_to(self, user):
        return self.permitting(user, Permission.PARTNERSHIP_VIEW)

    def editable_by(self, user):
        return self.permitting(user, Permission.PARTNERSHIP_EDIT)

    def with_parties(self):
        return self.select_related("organisation", "partner")


class PartnershipReview(Versioned):
    """One round: what a member and a partner say at a meeting, both sides filled in by the member's contact person."""

    organisation = models.ForeignKey(
        Organisation, verbose_name=_("member"), on_delete=models.PROTECT, related_name="partnership_reviews"
    )
    partner = models.ForeignKey(
        Organisation, verbose_name=_("partner"), on_delete=models.PROTECT, related_name="reviewed_partnerships"
    )
    number = models.PositiveSmallIntegerField(_("round"), editable=False)
    held_on = models.DateField(_("day of the meeting"))
    school_function = models.CharField(_("who answered for the school"), max_length=100, blank=True)
    employer_function = models.CharField(_("who answered for the workplace"), max_length=100, blank=True)
    agreed = models.TextField(_("what we do until next time"), max_length=2000, blank=True)
    next_on = models.DateField(_("next time"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True, editable=False)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("closed by"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )

    objects = PartnershipReviewQuerySet.as_manager()
    history = History()

    class Meta:
        verbose_name = _("review of a partnership")
        verbose_name_plural = _("reviews of partnerships")
        constraints = [
            models.UniqueConstraint(
                name="partnership_round_is_there_once", fields=["organisation", "partner", "number"]
            ),
            models.UniqueConstraint(
                name="partnership_day_has_one_round",
                fields=["organisation", "partner", "held_on"],
                violation_error_message=_("There is a round of this day already."),
                violation_error_code="held_on",
            ),
            models.UniqueConstraint(
                name="partnership_has_one_open_round",
                fields=["organisation", "partner"],
                condition=Q(closed_at__isnull=True),
            ),
            models.CheckConstraint(name="partnership_rounds_are_counted_from_one", condition=Q(number__gte=1)),
            models.CheckConstraint(name="partnership_has_two_sides", condition=~Q(organisation=F("partner"))),
            models.CheckConstraint(
                name="partnership_next_round_is_after_this",
                condition=Q(next_on__isnull=True) | Q(next_on__gt=F("held_on")),
                violation_error_message=_("The next time is after the day of this meeting."),
                violation_error_code="next_on",
            ),
            models.CheckConstraint(
                name="partnership_closing_has_time_and_person",
                condition=Q(closed_at__isnull=True, closed_by__isnull=True)
                | Q(closed_at__isnull=False, closed_by__isnull=False),
            ),
            models.CheckConstraint(
                name="partnership_closed_says_who_answered",
                condition=Q(closed_at__isnull=True) | (~Q(school_function="") & ~Q(employer_function="")),
            ),
        ]

    def __str__(self):
        return f"{self.organisation}, {self.partner}, {self.number}"

    def get_absolute_url(self):
        return reverse("mobilities:partnership", args=[self.pk])

    @property
    def is_open(self):
        return self.closed_at is None

    @property
    def state(self):
        return "open" if self.is_open else "closed"

    @property
    def is_due(self):
        """The day that was chosen for the next round has come."""
        return self.next_on is not None and self.next_on <= timezone.localdate()


class PartnershipRatingQuerySet(ScopedQuerySet):
    owner = "review__organisation"


class PartnershipRating(models.Model):
    """One side's answer to one statement. Without a score it holds a note alone, and counts as not answered."""

    review = models.ForeignKey(
        PartnershipReview, verbose_name=_("review"), on_delete=models.PROTECT, related_name="ratings"
    )
    statement = models.ForeignKey(
        PartnershipStatement, verbose_name=_("statement"), on_delete=models.PROTECT, related_name="+"
    )
    side = models.CharField(_("side"), max_length=10, choices=Side)
    score = models.PositiveSmallIntegerField(_("score"), choices=Score, null=True, blank=True)
    note = models.CharField(_("note"), max_length=500, blank=True)

    objects = PartnershipRatingQuerySet.as_manager()
    history = History()

    class Meta:
        verbose_name = _("answer in a partnership")
        verbose_name_plural = _("answers in partnerships")
        constraints = [
            models.UniqueConstraint(name="partnership_rating_is_one_a_side", fields=["review", "statement", "side"]),
            models.CheckConstraint(name="partnership_rating_side_is_known", condition=Q(side__in=Side.values)),
            models.CheckConstraint(
                name="partnership_rating_is_on_the_scale",
                condition=Q(score__isnull=True) | Q(score__in=Score.values),
            ),
            models.CheckConstraint(
                name="partnership_rating_says_something", condition=Q(score__isnull=False) | ~Q(note="")
            ),
        ]

    def __str__(self):
        return f"{self.review}, {self.statement_id}, {self.side}: {self.score}"
