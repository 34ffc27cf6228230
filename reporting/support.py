"""Organisational support of a project as a page and a paper show it, in the active language, from `grant_data`."""

from dataclasses import dataclass, replace
from decimal import Decimal

from django.utils.translation import gettext, ngettext

from mobilities import explanations, grant_lines, organisational
from mobilities.rate_books import EVERY_ACTIVITY, THIRD_COUNTRY, Category, RateMissing
from westum.base.formats import money, number


@dataclass(frozen=True)
class Part:
    """What one of those who share it gets, and for how many participants (None for the coordinator)."""

    name: str
    participants: int | None
    amount: Decimal


class Support:
    """`activities` names activities by their code, `members` organisations by their key."""

    def __init__(self, data, activities, members):
        self.data, self.activities, self.members = data, activities, members
        self.percent = data["percent"]
        self.awarded = data["awarded"] and Decimal(data["awarded"])
        self.grant = explanations.Grant([self._explained(kept) for kept in data["due"]["lines"]])
        self.forecast = explanations.Grant([self._explained(kept) for kept in data["expected"]["lines"]])

    @property
    def amounts(self):
        """Due now, with all who are accepted, and with those whom the forecast expects."""
        return [Decimal(self.data[name]["amount"]) for name in ("due", "certain", "expected")]

    @property
    def due(self):
        return self.amounts[0]

    @property
    def is_known(self):
        return self.missing_rate is None

    @property
    def is_verified(self):
        return self.grant.is_verified

    @property
    def missing_rate(self):
        """What a table lacks; None where nothing is."""
        for name in ("due", "certain", "expected"):
            if found := self.data[name]["missing"]:
                table, call_year, case = found
                return RateMissing(table, call_year, **case)
        return None

    @property
    def missing(self):
        """The same in a sentence."""
        return explanations.missing(self.missing_rate)

    @property
    def sentences(self):
        """How many are counted now, and how many to the end."""
        said = [
            ngettext(
                "%(n)s participant has completed the stay: %(amount)s is due.",
                "%(n)s participants have completed the stay: %(amount)s is due.",
                self._participants("due"),
            ),
            ngettext(
                "With all who are accepted it is %(n)s participant: %(amount)s.",
                "With all who are accepted it is %(n)s participants: %(amount)s.",
                self._participants("certain"),
            ),
            ngettext(
                "To the end of the project %(n)s participant is expected: %(amount)s.",
                "To the end of the project %(n)s participants are expected: %(amount)s.",
                self._participants("expected"),
            ),
        ]
        return [
            sentence % {"n": number(self._participants(name)), "amount": money(amount, "EUR")}
            for sentence, name, amount in zip(said, ("due", "certain", "expected"), self.amounts, strict=True)
        ]

    @property
    def planned(self):
        """How the forecast comes from what is planned: a sentence for each activity."""
        return [
            gettext(
                "%(activity)s: %(submitted)s submitted and %(drafts)s drafts. Less the part that each member calls off, "
                "%(part)s are expected, rounded half up to %(whole)s."
            )
            % {
                "activity": self._named(code),
                "submitted": number(submitted),
                "drafts": number(drafts),
                "part": number(Decimal(part)),
                "whole": number(whole),
            }
            for code, submitted, drafts, part, whole in self.data.get("planned", [])
        ]

    def _participants(self, name):
        return sum(self.data[name]["participants"].values())

    @property
    def parts(self):
        """The coordinator's part and the members', by the key. Empty while no key is stated or nothing is due."""
        if self.percent is None or not self.is_known or not self.due:
            return []
        completed = {int(key): count for key, count in self.data["completed"].items()}
        coordinator, members = organisational.shared(self.due, self.percent, completed)
        return [
            Part(gettext("The coordinator"), None, coordinator),
            *(
                Part(name, completed[organisation], members[organisation])
                for organisation, name in self.members.items()
                if organisation in members
            ),
        ]

    def _explained(self, kept):
        line = grant_lines.from_json(Category.ORGANISATIONAL_SUPPORT, kept)
        explained = explanations.explain(line)
        return replace(explained, name=self._name(line))

    def _name(self, line):
        if line.reason == "award":
            return gettext("Beyond the award")
        return self._named(line.steps[0].about["activity_code"])

    def _named(self, code):
        if code == EVERY_ACTIVITY:
            return gettext("All activities")
        return gettext("To third countries") if code == THIRD_COUNTRY else self.activities.get(code, code)
