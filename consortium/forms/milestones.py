from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from consortium.models import Milestone, MilestoneKind, Project
from westum.base.forms import RowForm

DAYS = [60, 30, 14, 7, 1]  # before a milestone, to choose reminders from
USUAL = [30, 7]


class MilestoneForm(RowForm):
    days = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Remind the coordinators by mail"),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = Milestone
        fields = ["name_sv", "name_en", "kind", "due_on"]
        widgets = {"due_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["days"].choices = [
            (days, ngettext("%(days)s day before", "%(days)s days before", days) % {"days": days}) for days in DAYS
        ]
        self.fields["kind"].choices = [(kind.value, capfirst(str(kind.label))) for kind in MilestoneKind]
        is_new = self.instance._state.adding
        self.fields["days"].initial = USUAL if is_new else [row.days_before for row in self.instance.reminders.all()]

    def _look_at_row(self):
        """The plan, too, is compared with that of somebody who was faster."""
        super()._look_at_row()
        self._row_values["days"] = [row.days_before for row in self.instance.reminders.all()]


class FilterForm(forms.Form):
    """Which milestones: of one project or of all, open or done. What the address doesn't know is ignored."""

    project = forms.ChoiceField(label=gettext_lazy("Project"), required=False)
    state = forms.ChoiceField(label=gettext_lazy("State"), required=False)
    month = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data, *, user):
        super().__init__(data)
        projects = Project.objects.visible_to(user).own().newest_first()
        self.fields["project"].choices = [("", _("All projects")), *((row.slug, row.name) for row in projects)]
        self.fields["state"].choices = [("", _("To do")), ("done", _("Done")), ("all", _("All"))]

    def chosen(self, name):
        value = self.data.get(name, "")
        return value if value in dict(self.fields[name].choices) else ""

    def of_project(self, rows):
        slug = self.chosen("project")
        return rows.filter(project__slug=slug) if slug else rows

    def narrow(self, rows):
        rows, state = self.of_project(rows), self.chosen("state")
        return rows if state == "all" else rows.done() if state == "done" else rows.still_open()
