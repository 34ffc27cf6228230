"""/styleguide/: every component with its states, in light and dark, with invented samples."""

from datetime import timedelta
from decimal import Decimal

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.http import require_safe

from mobilities import explanations
from mobilities.grants import GrantLine, Step
from mobilities.rate_books import Category, Payee, Rate
from westum.base import charts, region
from westum.base.formats import country, short_day
from westum.base.forms import PlainForm
from westum.base.place_fields import PlaceField
from westum.base.templatetags.words import STATES
from westum.colours import THEMES, measured, tokens


class SampleForm(PlainForm):
    """One field of every sort that the portal has."""

    groups = [
        (gettext_lazy("The person"), [("first_name", "last_name"), "email", "group"]),
        (
            gettext_lazy("The stay"),
            [("start_date", "end_date"), "host", "town", "focus_areas", "comment", "paper", "agreed"],
        ),
    ]
    first_name = forms.CharField(label=gettext_lazy("First name"), max_length=80)
    last_name = forms.CharField(label=gettext_lazy("Last name"), max_length=80)
    email = forms.EmailField(
        label=gettext_lazy("E-mail address"), help_text=gettext_lazy("The code for logging in goes there.")
    )
    group = forms.ChoiceField(
        label=gettext_lazy("Who travels?"),
        choices=[("learner", gettext_lazy("Learner")), ("staff", gettext_lazy("Staff"))],
        widget=forms.RadioSelect(attrs={"class": "side"}),
    )
    start_date = forms.DateField(
        label=gettext_lazy("First day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    end_date = forms.DateField(
        label=gettext_lazy("Last day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    host = forms.ChoiceField(
        label=gettext_lazy("Receiving organisation"),
        choices=[("", "–"), ("1", "Lar Exemplo, Porto"), ("2", "Vzorec, Ljubljana")],
    )
    town = PlaceField(label=gettext_lazy("Where is it?"), required=False)
    focus_areas = forms.MultipleChoiceField(
        label=gettext_lazy("Focus areas"),
        choices=[("care", gettext_lazy("Care")), ("tourism", gettext_lazy("Hotel, restaurant and tourism"))],
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("At least one."),
    )
    comment = forms.CharField(label=gettext_lazy("Comment"), required=False, widget=forms.Textarea)
    paper = forms.FileField(label=gettext_lazy("Add a paper"), required=False)
    agreed = forms.BooleanField(label=gettext_lazy("The person knows that we keep these facts."))

    def clean(self):
        start, end = self.cleaned_data.get("start_date"), self.cleaned_data.get("end_date")
        if start and end and end < start:
            self.add_error("end_date", _("The last day is before the first. Change one of them."))


class SampleSearch(forms.Form):
    q = forms.CharField(
        label=gettext_lazy("Search a member"), required=False, widget=forms.TextInput(attrs={"type": "search"})
    )
    show = forms.ChoiceField(
        label=gettext_lazy("Show"),
        required=False,
        choices=[("", gettext_lazy("All members")), ("late", gettext_lazy("With something late"))],
    )


def fields(today):
    broken = {
        "broken-first_name": "Milan",
        "broken-start_date": today,
        "broken-end_date": today - timedelta(days=9),
        "broken-email": "milan",
        "broken-town_town": "Paris",
    }
    form = SampleForm(broken, prefix="broken")
    form.is_valid()
    form.conflict = [{"label": form["end_date"].label, "mine": "26", "theirs": "27"}]
    return {
        "fresh": SampleForm(prefix="fresh"),
        "broken": form,
        "search": SampleSearch(prefix="search", auto_id="id_search_%s"),
    }


def steps(today):
    return [
        {
            "what": _("Review Noor's proof of insurance"),
            "detail": _("Handed in by Lidköping"),
            "mine": True,
            "due_date": today + timedelta(days=2),
            "url": "#next",
            "action": _("Open the proof"),
        },
        {
            "what": _("Noor sends in the placement report"),
            "owner_label": "Noor Provgren",
            "mine": False,
            "due_date": today + timedelta(days=30),
            "since": today - timedelta(days=4),
            "url": "#next",
            "action": _("Remind"),
        },
        {
            "what": _("Choose a new contact person for Uddevalla"),
            "detail": "",
            "mine": True,
            "due_date": today - timedelta(days=5),
            "url": "#next",
        },
    ]


def stages(today):
    known = ["draft", "submitted", "accepted", "ongoing", "completed", "reported", "closed"]
    offsets = [-240, -220, -200, -14, 6, 36, None]
    return [
        {
            "name": STATES["mobility"][state][2],
            "when": "" if days is None else short_day(today + timedelta(days=days)),
            "state": "done" if n < 3 else "now" if n == 3 else "todo",
        }
        for n, (state, days) in enumerate(zip(known, offsets, strict=True))
    ]


def grant():
    """Invented amounts: one line of verified rates, one of another, one that pays nothing."""
    band = {"km_from": 100, "km_to": 499, "distance_km": 420, "travel_mode": "green"}
    day = {"day_rate_eur": Decimal(58), "group": "2", "payee": Payee.LEARNER_SHORT, "tier_status": "verified"}
    rate = Rate(Decimal(58), "secondary", "Exempel, s. 2")
    days = (
        Step(14, Decimal(58), rate, day | {"day_from": 1, "day_to": 14, "percent": 100}),
        Step(9, Decimal(41), rate, day | {"day_from": 15, "day_to": 23, "percent": 70}),
    )
    return explanations.explain_all(
        [
            GrantLine(Category.TRAVEL, (Step(1, Decimal(210), Rate(Decimal(210), source="Exempel, s. 1"), band),)),
            GrantLine(Category.INDIVIDUAL_SUPPORT, days),
            GrantLine(Category.LINGUISTIC_SUPPORT, (), "staff_days", 31),
        ]
    )


MEMBERS = [
    ("Strömstad", 58.94, 11.17, True),
    ("Uddevalla", 58.35, 11.94, True),
    ("Lidköping", 58.51, 13.16, True),
    ("Skövde", 58.39, 13.85, False),
    ("Borås", 57.72, 12.94, True),
    ("Sotenäs", 58.36, 11.26, False),
    ("Varberg", 57.11, 12.25, True),
]


def drawings():
    members = [
        ("Lidköping", (14, 7, 2)),
        ("Kunskapsförbundet Väst", (15, 7, 2)),
        ("Skövde", (11, 7, None)),
        ("Varberg", (6, 6, 5)),
    ]
    learners, staff = _("Learners"), _("Staff")
    return [
        charts.bars(
            key="countries",
            title=_("Completed mobilities by country"),
            heading=_("Country"),
            series=[_("Completed")],
            rows=[(country(code), (value,)) for code, value in [("PT", 31), ("IE", 27), ("SI", 22), ("ES", 0)]],
            description=_("Most went to the first country, nobody to the last."),
        ),
        charts.bars(
            key="audience",
            title=_("Learners and staff by member"),
            heading=_("Member"),
            series=[learners, staff],
            rows=[(name, values[:2]) for name, values in members],
        ),
        charts.bars(
            key="states",
            title=_("States by member"),
            heading=_("Member"),
            series=[STATES["mobility"][state][2] for state in ("completed", "ongoing", "accepted")],
            rows=members,
            stacked=True,
        ),
        charts.bars(
            key="goal",
            title=_("On the way to the goal"),
            heading=_("Group"),
            series=[_("Registered")],
            rows=[(learners, (95,), 101), (staff, (117,), 124)],
        ),
    ]


@login_not_required
@require_safe
def styleguide(request):
    """One page for whoever builds or judges the look. `?theme=light` or `dark` overrules the device."""
    today, now = timezone.localdate(), timezone.now()
    return render(
        request,
        "styleguide/styleguide.html",
        {
            "theme": request.GET.get("theme") if request.GET.get("theme") in THEMES else "",
            "themes": THEMES,
            "colours": tokens(),
            "contrasts": measured(),
            "icons": sorted(path.stem for path in (settings.BASE_DIR / "static" / "icons").glob("*.svg")),
            "states": [(kind.replace("_", " "), kind, list(states)) for kind, states in STATES.items()],
            "steps": steps(today),
            "stages": stages(today),
            "charts": drawings(),
            "places": region.chart(MEMBERS),
            "page": Paginator(range(400), 20).get_page(request.GET.get("page", "4")),
            "figures": [
                {
                    "number": 1212,
                    "name": _("registered"),
                    "meaning": _("the figure leads to its rows"),
                    "url": "#parts",
                },
                {"number": 187, "name": pgettext("figure", "accepted"), "meaning": _("of the registered")},
                {"number": None, "name": pgettext("figure", "completed"), "meaning": _("a gap is said, never zero")},
            ],
            "facts": [(_("Receiving organisation"), "Lar Exemplo, Porto"), (_("Supervisor"), ""), (_("Days"), 0)],
            "grant": grant(),
            "money": [Decimal("1576"), Decimal("1576.5"), Decimal("1234567.89"), None],
            "papers": [
                {
                    "name": _("Learning agreement"),
                    "state": "accepted",
                    "kind": "document",
                    "url": "#parts",
                    "action": _("Open"),
                },
                {
                    "name": _("Placement report"),
                    "state": "submitted",
                    "kind": "placement_report",
                    "url": "#parts",
                    "action": _("Review"),
                    "prominent": True,
                },
                {
                    "name": _("Certificate of attendance"),
                    "state": "missing",
                    "kind": "document",
                    "detail": _("The host fills it in."),
                },
            ],
            "lines": [
                {"at": now, "who": "Erik Skissgren", "what": _("uploaded a proof of insurance")},
                {
                    "at": now - timedelta(days=9),
                    "who": "Sara Exempelsson",
                    "what": pgettext("history", "accepted"),
                    "detail": _("1 576 € were bound"),
                },
            ],
            "parts": [{"value": Decimal(48200)}, {"value": Decimal(18640)}],
            "crumbs_sample": [(_("Mobilities"), "#parts"), ("Noor Provgren, Porto", "")],
            "typed": [(_("Comment"), _("What was typed stays readable."))],
            "now": now,
            "today": today,
        }
        | fields(today),
    )
