"""What the fields of our forms say when something is amiss: what it is, and the way out."""

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

# Fields of these classes and of those below them. The codes are Django's.
SENTENCES = {
    forms.Field: {
        "min_value": _("This number is too low. Write at least %(limit_value)s."),
        "max_value": _("This number is too high. Write at most %(limit_value)s."),
        "max_length": _("This has %(show_value)d characters. Write at most %(limit_value)d."),
    },
    forms.EmailField: {"invalid": _("This is no e-mail address. Write it as in anna@example.org.")},
    forms.DateField: {"invalid": _("This is no date. Write it as in 2026-11-25.")},
    forms.IntegerField: {"invalid": _("This is no whole number. Write it as in 12.")},
    forms.DecimalField: {
        "invalid": _("This is no number. Write it as in 57.7."),
        "max_digits": ngettext_lazy(
            "This number is too long. Write at most %(max)s digit.",
            "This number is too long. Write at most %(max)s digits.",
            "max",
        ),
        "max_decimal_places": ngettext_lazy(
            "Write at most %(max)s digit after the decimal point.",
            "Write at most %(max)s digits after the decimal point.",
            "max",
        ),
        "max_whole_digits": ngettext_lazy(
            "Write at most %(max)s digit before the decimal point.",
            "Write at most %(max)s digits before the decimal point.",
            "max",
        ),
    },
    (forms.ChoiceField, forms.ModelChoiceField): {
        "invalid_choice": _("This is not in the list. Choose something in it."),
    },
}


def say_plainly(field):
    """Give the field our sentences, unless its form has said something itself."""
    djangos = {}
    for part in reversed(type(field).__mro__):
        djangos |= vars(part).get("default_error_messages", {})
    for kind, sentences in SENTENCES.items():
        for code, sentence in sentences.items():
            if isinstance(field, kind) and field.error_messages.get(code) == djangos.get(code):
                field.error_messages[code] = djangos[code] = sentence


def name_what_is_missing(field, label):
    """The sentence of an empty field names it: in a list of errors "This field is required." helps nobody."""
    if field.error_messages.get("required") != forms.Field.default_error_messages["required"]:
        return
    if isinstance(field, forms.FileField):
        sentence = _("Choose a file at “%(label)s”.")
    elif isinstance(field, forms.BooleanField):
        sentence = _("Tick “%(label)s” to go on.")
    elif hasattr(field, "choices"):
        sentence = _("Choose an answer at “%(label)s”.")
    else:
        sentence = _("Fill in “%(label)s”.")
    field.error_messages["required"] = sentence % {"label": label}
