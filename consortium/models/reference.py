from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from westum.base import formats
from westum.base.forms import Versioned
from westum.base.history import History, KeptQuerySet


class SourceStatus(models.TextChoices):
    """How sure a piece of reference data is; what is not verified is marked so on screen and paper."""

    VERIFIED = "verified", _("verified")
    SECONDARY = "secondary", _("from a secondary source")
    INFERRED = "inferred", _("inferred")
    UNVERIFIED = "unverified", _("not verified")


class Audience(models.TextChoices):
    LEARNER = "learner", _("learners")
    STAFF = "staff", _("staff")
    EXPERT = "expert", _("invited experts")
    TEACHER_IN_TRAINING = "teacher_in_training", _("teachers in training")


class InTwoLanguages:
    """Name in the reader's language, from `name_sv` and `name_en`."""

    @property
    def name(self):
        return self.name_en if get_language() == "en" else self.name_sv

    def __str__(self):
        return self.name


class ListEntry(InTwoLanguages, models.Model):
    """An entry of a list that others keep, with its source and how sure it is."""

    name_sv = models.CharField(_("name in Swedish"), max_length=120)
    name_en = models.CharField(_("name in English"), max_length=120)
    status = models.CharField(_("status of the source"), max_length=20, choices=SourceStatus)
    source = models.CharField(_("source"), max_length=200, blank=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(name="%(class)s_status_is_known", condition=Q(status__in=SourceStatus.values)),
        ]


class ActivityTypeQuerySet(KeptQuerySet):
    def in_call(self, call_year):
        """What a call of that year funds. Without a call year nothing is known."""
        return self.filter(first_call__lte=call_year or 0, last_call__gte=call_year or 0)

    def outgoing(self):
        return self.filter(audience__in=[Audience.LEARNER, Audience.STAFF])


class ActivityType(ListEntry, Versioned):
    """An activity that a call funds, with its minimum and maximum days (travel days not counted)."""

    key = models.SlugField(_("key"), max_length=40, unique=True)
    ec_code = models.CharField(_("the Commission's code"), max_length=20, blank=True)
    audience = models.CharField(_("audience"), max_length=20, choices=Audience)
    min_days = models.PositiveSmallIntegerField(_("minimum days"), null=True, blank=True)
    max_days = models.PositiveSmallIntegerField(_("maximum days"), null=True, blank=True)
    first_call = models.PositiveSmallIntegerField(_("first call year"))
    last_call = models.PositiveSmallIntegerField(_("last call year"))
    note = models.CharField(_("note"), max_length=200, blank=True)

    objects = ActivityTypeQuerySet.as_manager()
    history = History()

    class Meta(ListEntry.Meta):
        verbose_name = _("activity type")
        verbose_name_plural = _("activity types")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(name="activity_type_audience_is_known", condition=Q(audience__in=Audience.values)),
            *ListEntry.Meta.constraints,
            models.CheckConstraint(
                name="activity_type_min_days_at_most_max_days",
                condition=Q(max_days__gte=F("min_days")),
                violation_error_message=_("The maximum cannot be below the minimum."),
                violation_error_code="max_days",
            ),
            models.CheckConstraint(
                name="activity_type_first_call_not_after_last", condition=Q(last_call__gte=F("first_call"))
            ),
        ]

    def is_too_short(self, days):
        return bool(self.min_days) and days < self.min_days

    def is_too_long(self, days):
        return bool(self.max_days) and days > self.max_days


class BudgetCategory(ListEntry):
    """A category of the grant, by the names of the funder's own system."""

    key = models.SlugField(_("key"), max_length=40, unique=True)

    class Meta(ListEntry.Meta):
        verbose_name = _("budget category")
        verbose_name_plural = _("budget categories")
        ordering = ["pk"]


class FieldOfWorkQuerySet(models.QuerySet):
    def broad(self):
        return self.filter(code__regex=r"^[0-9]{2}$")

    def narrow(self):
        return self.filter(code__regex=r"^[0-9]{3}$")

    def within(self, code):
        """The field itself and, when it is a broad one, the narrow fields below it."""
        return self.filter(code__startswith=code)


class FieldOfWork(ListEntry):
    """A field of education by ISCED-F 2013: broad with two digits, narrow with three. The Swedish names are ours."""

    code = models.CharField(_("code"), max_length=3, primary_key=True)

    objects = FieldOfWorkQuerySet.as_manager()

    class Meta(ListEntry.Meta):
        verbose_name = _("field of work")
        verbose_name_plural = _("fields of work")
        ordering = ["code"]
        constraints = [
            *ListEntry.Meta.constraints,
            models.CheckConstraint(
                name="field_of_work_has_two_or_three_digits", condition=Q(code__regex=r"^[0-9]{2,3}$")
            ),
        ]

    @property
    def broad_code(self):
        return self.code[:2]


class Language(models.Model):
    """A language in which people work, by two letters (ISO 639-1), named by Babel in the reader's language."""

    code = models.CharField(_("code"), max_length=2, primary_key=True)

    class Meta:
        verbose_name = _("language")
        verbose_name_plural = _("languages")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(name="language_has_two_letters", condition=Q(code__regex=r"^[a-z]{2}$")),
        ]

    def __str__(self):
        return formats.language(self.code)
