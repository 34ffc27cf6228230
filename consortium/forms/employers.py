"""An employer at home, as a member knows it."""

from django.utils.translation import gettext_lazy

from consortium.forms.hosts import FoundForm
from consortium.forms.organisations import NumberedForm
from consortium.models import Organisation, OrganisationKind


class EmployerForm(FoundForm, NumberedForm):
    all_groups = [
        (gettext_lazy("The employer"), ["name", "other_names", "organisation_number", "found_by"]),
        (gettext_lazy("Where it is"), ["street", ("postal_code", "city")]),
    ]
    country = None  # at home

    class Meta:
        model = Organisation
        fields = ["name", "organisation_number", "found_by", "street", "postal_code", "city"]
        help_texts = {
            "name": gettext_lazy("The workplace, as in Solgläntans vårdboende."),
            "found_by": gettext_lazy("Its contact persons may change what stands here, beside the coordinator."),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["city"].required = True
        self._offer_finders()
        if self.instance._state.adding:
            self.instance.kind = OrganisationKind.EMPLOYER

    def known(self):
        return Organisation.objects.visible_to(self.user).employers().in_order()
