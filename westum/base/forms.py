"""The forms of the house: sentences at their fields, no lost typing, no silent overwriting, nothing made twice."""

import datetime
import uuid
from decimal import Decimal

from django import forms
from django.conf import settings
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models, transaction
from django.db.models import F
from django.forms.models import model_to_dict
from django.forms.utils import pretty_name
from django.utils import formats
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from westum.base.sentences import name_what_is_missing, say_plainly

CONFLICT = _(
    "Somebody else has changed this meanwhile. Compare both values below, correct yours if needed, and save again."
)


class Changed(ValidationError):
    """The row is no longer the one that the user saw."""

    def __init__(self):
        super().__init__(CONFLICT, code="conflict")


class Versioned(models.Model):
    """A row that several people edit. Each change raises the version, whichever way it comes."""

    version = models.PositiveIntegerField(_("version"), default=0, editable=False)

    class Meta:
        abstract = True

    def bump_version(self):
        """Take the next version, and with it the row's lock until the transaction ends.

        Raises `Changed` when the row has another version than this object: somebody was faster.
        """
        unchanged = type(self)._base_manager.filter(pk=self.pk, version=self.version)
        if not unchanged.update(version=F("version") + 1):
            raise Changed
        self.version += 1


class _Unseen(forms.CharField):
    """A hidden field of the form itself: never a change of the user's, never in `cleaned_data`."""

    widget = forms.HiddenInput

    def has_changed(self, initial, data):
        return False


def refuse_half_characters(text):
    """PostgreSQL cannot keep half a surrogate pair, and no keyboard makes one."""
    if any("\ud800" <= character <= "\udfff" for character in str(text)):
        raise ValidationError(_("This text has a character that cannot be saved. Type it again."), code="character")


def refuse_too_large(upload):
    if getattr(upload, "size", 0) > settings.UPLOAD_LIMIT:
        raise ValidationError(
            _("The file %(name)s is larger than %(limit)s MB. Make it smaller and choose it again."),
            code="too_large",
            params={"name": upload.name, "limit": settings.UPLOAD_LIMIT // 1024**2},
        )


class _HouseForm:
    """What RowForm and PlainForm share: the user, the form token, and what no field takes."""

    def __init__(self, *args, user=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user
        self.conflict = []
        self.fields["form_token"] = _Unseen(required=False, max_length=40, initial=uuid.uuid4)
        for name in self.fields:
            self._take_in(name)

    def add(self, name, field):
        """A field that depends on rows: it speaks, and refuses, as those of the class do."""
        self.fields[name] = field
        self._take_in(name)

    def _take_in(self, name):
        field = self.fields[name]
        # Not `self[name].label`: a bound field, once asked for, keeps label and hint as they then were.
        name_what_is_missing(field, pretty_name(name) if field.label is None else field.label)
        say_plainly(field)
        if isinstance(field, forms.CharField):
            field.validators.append(refuse_half_characters)
        if isinstance(field, forms.FileField):
            field.validators.append(refuse_too_large)

    @property
    def token(self):
        """The token that came with the form, or None."""
        try:
            return uuid.UUID(self["form_token"].data or "")
        except ValueError:
            return None

    def renew_token(self):
        """The next sending of this form is a new one, which its user knows."""
        self._put("form_token", uuid.uuid4())

    def refuse(self, error):
        """Put a rule's sentences at their fields; those of a field that is not here go to the top."""
        self.errors  # noqa: B018  (cleans first, or cleaning would wipe what is added)
        by_name = error.error_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.error_list}
        for name, sentences in by_name.items():
            for sentence in sentences:
                place = sentence.code if name == NON_FIELD_ERRORS else name
                self.add_error(place if place in self.fields else None, sentence)

    def _put(self, name, value):
        self.data = self.data.copy()
        self.data[self.add_prefix(name)] = str(value)


class PlainForm(_HouseForm, forms.Form):
    """A form for an action: a reason, a comment, a choice."""

    def _post_clean(self):
        self.cleaned_data.pop("form_token", None)


class RowForm(_HouseForm, forms.ModelForm):
    """A form for one row. It checks the whole row against the table's constraints, and against other editors.

    After a conflict `conflict` lists the differing fields as dicts with label, mine and theirs; all that was typed
    stays in the form, and saving once more goes through.
    """

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self._is_edited_by_many:
            self._look_at_row()

    @property
    def _is_edited_by_many(self):
        return isinstance(self.instance, Versioned) and not self.instance._state.adding

    def _look_at_row(self):
        """Remember the row as the database has it, before cleaning writes the user's values onto the object."""
        self.fields["version"] = _Unseen(required=False)
        self._row_version = self.instance.version
        self._row_values = model_to_dict(self.instance)
        self.initial["version"] = self._row_version

    def _post_clean(self):
        seen = self.cleaned_data.pop("version", None)
        self.cleaned_data.pop("form_token", None)
        super()._post_clean()
        if self._is_edited_by_many and seen != str(self._row_version):
            self._compare()

    def _compare(self):
        """Show where the user's values and the row's differ. Where they are the same there is no conflict."""
        self.conflict = [
            {"name": name, "label": self[name].label, "mine": self._mine(name), "theirs": self._theirs(name)}
            for name, field in self.fields.items()
            if name in self._row_values
            and not field.disabled
            and not isinstance(field, forms.FileField)
            and field.has_changed(self._row_values[name], self[name].data)
        ]
        self._put("version", self._row_version)
        if self.conflict:
            self.add_error(None, Changed())

    def _mine(self, name):
        return _shown(self.fields[name], self.cleaned_data.get(name, self[name].data))

    def _theirs(self, name):
        return _shown(self.fields[name], self._row_values[name])

    def shown(self, name):
        """What the row has in that field, as people read it."""
        return self._theirs(name)

    def compare_again(self):
        """After `Changed` was raised while saving: look at the row anew and show the conflict."""
        row = type(self.instance)._base_manager.filter(pk=self.instance.pk).first()
        if row is None:
            self.add_error(None, ValidationError(_("Somebody else has removed this. What you typed is still below.")))
            return
        self.instance = row
        self._look_at_row()
        self.full_clean()

    def validate_constraints(self):
        """Check the whole row, not only the fields shown, and put each sentence at the field its constraint names."""
        broken = {name for name in self._errors if name != NON_FIELD_ERRORS}
        try:
            self.instance.validate_constraints(exclude=broken)
        except ValidationError as violations:
            self.refuse(violations)

    def save(self, commit=True):
        """Save the row. Raises `Changed` when somebody else saved between the check and now."""
        if not (commit and self._is_edited_by_many):
            return super().save(commit)
        with transaction.atomic():
            self.instance.bump_version()
            return super().save()


def _shown(field, value):
    """A value as people read it. What the user may not choose is not shown."""
    if value in field.empty_values:
        return ""
    if isinstance(field, forms.ModelMultipleChoiceField):
        keys = [getattr(item, "pk", item) for item in value]
        return ", ".join(field.label_from_instance(row) for row in field.queryset.filter(pk__in=keys))
    if isinstance(field, forms.ModelChoiceField):
        row = field.queryset.filter(pk=getattr(value, "pk", value)).first()
        return field.label_from_instance(row) if row else gettext("something outside your choices")
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if hasattr(field, "choices"):
        labels = {str(key): str(label) for key, label in _flat(field.choices)}
        values = value if isinstance(value, list | tuple | set) else [value]
        return ", ".join(labels.get(str(one), str(one)) for one in values)
    if isinstance(value, datetime.date | datetime.time | Decimal | int | float):
        return str(formats.localize(value))
    return str(field.prepare_value(value))


def _flat(choices):
    for key, label in choices:
        if isinstance(label, list | tuple):
            yield from _flat(label)
        else:
            yield key, label
