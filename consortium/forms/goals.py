from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from consortium.forms.texts import in_language
from consortium.models import Goal, GoalAudience, GoalKind, GoalRule
from westum.base.forms import RowForm

IN_TWO = ["title", "text", "aim_staff", "aim_learners", "aim_supervisors"]


def _widget(name, language):
    if name == "title":
        return in_language(forms.TextInput, language)
    return in_language(forms.Textarea, language, rows=4)


class GoalForm(RowForm):
    groups = [
        (gettext_lazy("What kind of goal"), [("kind", "parent", "code")]),
        (gettext_lazy("In words"), [("title_sv", "title_en"), ("text_sv", "text_en")]),
        (gettext_lazy("For whom"), ["audience", "counts_mobilities"]),
        (
            gettext_lazy("Aims"),
            [
                ("aim_staff_sv", "aim_staff_en"),
                ("aim_learners_sv", "aim_learners_en"),
                ("aim_supervisors_sv", "aim_supervisors_en"),
            ],
        ),
    ]

    class Meta:
        model = Goal
        fields = [
            "kind",
            "parent",
            "code",
            *(f"{name}_{language}" for name in IN_TWO for language in ("sv", "en")),
            "audience",
            "counts_mobilities",
        ]
        widgets = {f"{name}_{language}": _widget(name, language) for name in IN_TWO for language in ("sv", "en")}
        help_texts = {
            "code": gettext_lazy("As the paper prints it, such as 2.1."),
            "counts_mobilities": gettext_lazy("Leave it empty for a goal about receiving people from other countries."),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        first_level = self.instance.project.goals.filter(parent__isnull=True).exclude(pk=self.instance.pk)
        self.fields["parent"].queryset = first_level
        self.fields["parent"].label_from_instance = lambda goal: f"{goal.code} {goal.title}"
        self.fields["parent"].empty_label = _("No other goal")
        for name, choices in (("kind", GoalKind.choices), ("audience", GoalAudience.choices)):
            self.fields[name].choices = [(value, capfirst(str(label))) for value, label in choices]


class RuleForm(RowForm):
    class Meta:
        model = GoalRule
        fields = ["min_focus_areas"]
        help_texts = {
            "min_focus_areas": gettext_lazy(
                "0 when the project states no minimum. Overarching goals are never chosen."
            ),
        }
