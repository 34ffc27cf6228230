from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from stdnum.se import orgnr

from consortium.models.municipalities import Municipality
from consortium.models.reference import FieldOfWork, Language
from consortium.permissions import Permission, Role, ScopedQuerySet
from westum.base import formats
from westum.base.files import StoredFile
from westum.base.forms import Versioned
from westum.base.history import History, KeptQuerySet
from westum.base.text import FoldedField, sort_key, swedish


class OrganisationKind(models.TextChoices):
    MEMBER = "member", _("member")
    RECEIVING = "receiving", _("receiving organisation")
    EMPLOYER = "employer", _("employer")
    SUPPORTING = "supporting", _("supporting organisation")
    FUNDER = "funder", _("funder")
    OTHER = "other", _("other")


def checked_organisation_number(value):
    """A Swedish organisation number with its check digit (ten digits, Luhn).

    The third digit is 2 or more in every organisation number, so that none can be a personal identity number
    (Skatteverket, SKV 709): those have no place in this column.
    """
    if not orgnr.is_valid(value):
        raise ValidationError(
            _("This is not a Swedish organisation number. Write ten digits, as in 802414-8689."), code="invalid"
        )
    if orgnr.compact(value)[2] < "2":
        raise ValidationError(
            _("This is a person's identity number, which we do not keep here. Leave the field empty."), code="personal"
        )


class _Found(ScopedQuerySet):
    """Hosts and employers answer to the member that found them."""

    owner = "found_by"


class OrganisationQuerySet(ScopedQuerySet):
    owner = "pk"
    project = "project_members__project"

    def permitting(self, user, permission):
        """As everywhere, without an organisation twice when it is found in several projects."""
        return self.filter(pk__in=super().permitting(user, permission).values("pk"))

    def in_order(self):
        return self.order_by(swedish("name"), "pk")

    def with_names(self):
        return self.prefetch_related("other_names")

    def called(self, word):
        """Those with the folded word in any of their names, or in their town."""
        other = OrganisationName.objects.filter(search__contains=word)
        return self.filter(Q(search__contains=word) | Q(pk__in=other.values("organisation")))

    def members(self):
        return self.filter(kind=OrganisationKind.MEMBER)

    def public(self):
        """Each member has a public page."""
        return self.members()

    def hosts(self):
        return self.filter(kind=OrganisationKind.RECEIVING)

    def employers(self):
        return self.filter(kind=OrganisationKind.EMPLOYER)

    def partners(self):
        """Those with whom a member works: hosts abroad and employers at home."""
        return self.filter(kind__in=[OrganisationKind.RECEIVING, OrganisationKind.EMPLOYER])

    def visible_to(self, user):
        """One's own organisations, and the partners: hosts and employers are shared by all members."""
        if not user.holds(Permission.ORGANISATION_VIEW):
            return self.none()
        return self.permitting(user, Permission.ORGANISATION_VIEW) | self.partners()

    def editable_by(self, user):
        return self.permitting(user, Permission.ORGANISATION_EDIT)

    def hosts_editable_by(self, user):
        """Hosts that the user's own member has found first; the coordinator changes all."""
        return self.hosts()._found_for(user)

    def employers_editable_by(self, user):
        """The same for employers."""
        return self.employers()._found_for(user)

    def _found_for(self, user):
        return self.filter(pk__in=_Found(self.model).permitting(user, Permission.HOST_EDIT).values("pk"))

    def finding_hosts_for(self, user):
        """Organisations in whose name the user adds hosts: the own member, for the coordinator all and the association."""
        own = [right.organisation_id for right in user.rights]
        members = self.permitting(user, Permission.HOST_EDIT).filter(Q(kind=OrganisationKind.MEMBER) | Q(pk__in=own))
        return members.exclude(kind__in=[OrganisationKind.RECEIVING, OrganisationKind.EMPLOYER])

    def with_statement(self):
        """Members of the network, and who else takes part in one of the consortium's own projects."""
        taking_part = self.model.objects.filter(project_members__project__is_reference_record=False)
        return self.filter(Q(kind=OrganisationKind.MEMBER) | Q(pk__in=taking_part.values("pk")))

    def statement_visible_to(self, user):
        """Organisations of which the user reads what they were given, use and have left."""
        return self.permitting(user, Permission.STATEMENT_VIEW).with_statement()

    def statement_orderable_by(self, user):
        return self.permitting(user, Permission.STATEMENT_ORDER).with_statement()

    def of_contact(self, user):
        """Those of which the user is contact person today, and reads the statement."""
        own = [right.organisation_id for right in user.rights if right.role == Role.CONTACT]
        return self.statement_visible_to(user).filter(pk__in=own)

    def registering(self, user):
        """Organisations for which the user may register participants and mobilities."""
        return self.members().permitting(user, Permission.MOBILITY_EDIT)

    def inviting(self, user):
        """Organisations to which the user may invite people. Nobody logs in for a host, or for another owner's record."""
        hosts = [OrganisationKind.RECEIVING, OrganisationKind.EMPLOYER]
        invited = self.permitting(user, Permission.PEOPLE_EDIT).exclude(kind__in=hosts)
        return invited.exclude(owned_projects__is_reference_record=True)


class Organisation(Versioned):
    """A member, a receiving organisation (host), an employer, a funder."""

    kind = models.CharField(_("kind"), max_length=20, choices=OrganisationKind, default=OrganisationKind.MEMBER)
    name = models.CharField(_("name"), max_length=160)
    legal_name = models.CharField(_("legal name"), max_length=200, blank=True)
    organisation_number = models.CharField(
        _("organisation number"),
        max_length=11,
        null=True,
        blank=True,
        validators=[checked_organisation_number],
        help_text=_("Ten digits, as in 802414-8689."),
    )
    oid = models.CharField(
        "OID", max_length=9, null=True, blank=True, help_text=_("The Commission's number: E and eight digits.")
    )
    street = models.CharField(_("street address"), max_length=120, blank=True)
    postal_code = models.CharField(_("postal code"), max_length=12, blank=True)
    city = models.CharField(_("town"), max_length=80, blank=True)
    country = models.CharField(_("country"), max_length=2, default="SE", help_text=_("Two letters, as in SE."))
    latitude = models.DecimalField(_("latitude"), max_digits=8, decimal_places=5, null=True, blank=True)
    longitude = models.DecimalField(_("longitude"), max_digits=8, decimal_places=5, null=True, blank=True)
    municipalities = models.ManyToManyField(
        Municipality, verbose_name=_("municipalities"), blank=True, related_name="organisations"
    )
    # What the bank of hosts says about a receiving organisation
    fields_of_work = models.ManyToManyField(
        FieldOfWork, verbose_name=_("fields of work"), blank=True, related_name="hosts"
    )
    languages = models.ManyToManyField(Language, verbose_name=_("languages"), blank=True, related_name="hosts")
    capacity = models.PositiveSmallIntegerField(_("how many at a time"), null=True, blank=True)
    agreed_on = models.DateField(_("agreement signed on"), null=True, blank=True)
    agreed_until = models.DateField(_("agreement valid until"), null=True, blank=True)
    agreement_file = models.ForeignKey(
        StoredFile,
        verbose_name=_("agreement as a file"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    learning_outcomes = models.TextField(_("work with learning outcomes"), max_length=2000, blank=True)
    found_by = models.ForeignKey(
        "self", verbose_name=_("found by"), on_delete=models.PROTECT, null=True, blank=True, related_name="found_hosts"
    )
    search = FoldedField("name", "legal_name", "city")

    objects = OrganisationQuerySet.as_manager()
    history = History(excluded_fields=["search"], m2m_fields=[fields_of_work, languages])

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        constraints = [
            models.CheckConstraint(name="organisation_kind_is_known", condition=Q(kind__in=OrganisationKind.values)),
            models.UniqueConstraint(
                fields=["organisation_number"],
                name="organisation_number_is_unique",
                violation_error_message=_("Another organisation has this number."),
                violation_error_code="organisation_number",
            ),
            models.UniqueConstraint(
                fields=["oid"],
                name="organisation_oid_is_unique",
                violation_error_message=_("Another organisation has this OID."),
                violation_error_code="oid",
            ),
            models.CheckConstraint(
                name="organisation_oid_is_e_and_eight_digits",
                condition=Q(oid__isnull=True) | Q(oid__regex=r"^E[0-9]{8}$"),
                violation_error_message=_("An OID is the letter E and eight digits, as in E10000000."),
                violation_error_code="oid",
            ),
            models.CheckConstraint(
                name="organisation_country_has_two_letters",
                condition=Q(country__regex=r"^[A-Z]{2}$"),
                violation_error_message=_("Choose a country."),
                violation_error_code="country",
            ),
            models.CheckConstraint(
                name="organisation_is_somewhere_or_nowhere",
                condition=Q(latitude__isnull=True, longitude__isnull=True)
                | Q(
                    latitude__isnull=False,
                    longitude__isnull=False,
                    latitude__range=(-90, 90),
                    longitude__range=(-180, 180),
                ),
                violation_error_message=_("Give both latitude and longitude, or neither."),
                violation_error_code="latitude",
            ),
            models.CheckConstraint(
                name="organisation_takes_one_or_more",
                condition=Q(capacity__isnull=True) | Q(capacity__gte=1),
                violation_error_message=_("Write how many at a time, 1 or more, or leave it empty."),
                violation_error_code="capacity",
            ),
            models.CheckConstraint(
                name="organisation_agreement_ends_after_it_was_signed",
                condition=Q(agreed_until__gte=F("agreed_on")),
                violation_error_message=_("The last day is before the day of signing. Choose that day or a later one."),
                violation_error_code="agreed_until",
            ),
            models.CheckConstraint(
                name="organisation_agreement_has_its_day",
                condition=Q(agreed_on__isnull=False) | Q(agreed_until__isnull=True, agreement_file__isnull=True),
                violation_error_message=_("Give the day on which the agreement was signed."),
                violation_error_code="agreed_on",
            ),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("consortium:host" if self.is_host else "consortium:organisation", args=[self.pk])

    @property
    def is_host(self):
        return self.kind == OrganisationKind.RECEIVING

    @property
    def is_partner(self):
        return self.kind in {OrganisationKind.RECEIVING, OrganisationKind.EMPLOYER}

    @property
    def named_languages(self):
        return ", ".join(sorted((str(language) for language in self.languages.all()), key=sort_key))

    @property
    def point(self):
        """Its place on the map in words; empty when nobody has given it."""
        return formats.point(self.latitude, self.longitude)

    @property
    def agreement_state(self):
        """How the agreement stands today: none, valid or over. Without a last day it goes on."""
        if not self.agreed_on:
            return "none"
        return "over" if self.agreed_until and self.agreed_until < timezone.localdate() else "valid"


class OrganisationName(models.Model):
    """Another name under which papers know an organisation. It is found by each of them and stays one row."""

    organisation = models.ForeignKey(
        Organisation, verbose_name=_("organisation"), on_delete=models.CASCADE, related_name="other_names"
    )
    name = models.CharField(_("name"), max_length=160)
    source_sv = models.CharField(_("source in Swedish"), max_length=200, blank=True)
    source_en = models.CharField(_("source in English"), max_length=200, blank=True)
    search = FoldedField("name")

    objects = KeptQuerySet.as_manager()
    history = History(excluded_fields=["search"])

    class Meta:
        verbose_name = _("other name")
        verbose_name_plural = _("other names")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "name"],
                name="organisation_name_is_there_once",
                violation_error_message=_("The organisation has this name already."),
                violation_error_code="name",
            ),
        ]

    def __str__(self):
        return self.name

    @property
    def source(self):
        return self.source_en if get_language() == "en" else self.source_sv
