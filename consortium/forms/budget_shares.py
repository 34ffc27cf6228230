from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from consortium import budget_shares
from consortium.models import BudgetShare
from westum.base.amount_fields import AmountField
from westum.base.forms import RowForm


class BudgetShareForm(RowForm):
    """A member's share of a line of money: how much, and why."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("One sentence. It stays in the history."),
    )

    class Meta:
        model = BudgetShare
        fields = ["amount"]
        field_classes = {"amount": AmountField}

    def __init__(self, *args, line, **kwargs):
        super().__init__(*args, **kwargs)
        self.line, self.member = line, self.instance.member
        self.amount_before = self.instance.amount
        self.version_seen = self.instance.version  # cleaning compares it with the one that the page was made from
        self.fields["amount"].label = _("Amount in %(currency)s") % {"currency": line.currency}

    def clean_amount(self):
        amount = self.cleaned_data["amount"]
        if amount == self.amount_before:
            raise ValidationError(_("The share is that large already. Write another number, or go back."))
        return amount

    def validate_constraints(self):
        """`budget_shares.give_money` asks the award and the share under their locks, and says how much there is."""

    def compare_again(self):
        """Also when the share that somebody else has changed did not exist when this form was made."""
        self.instance = budget_shares.share_of(self.member, self.line)
        self.amount_before = self.instance.amount
        super().compare_again()
