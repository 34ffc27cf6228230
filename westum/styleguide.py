"""/styleguide/: every component with its states, the tokens with measured contrast, in light and dark.

The colours are read from static/css/tokens.css, so that the numbers on the page are those of the style sheet.
"""

import re
from datetime import timedelta
from decimal import Decimal

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from westum.base import charts
from westum.base.forms import PlainForm
from westum.base.templatetags.words import STATES, short_day

THEMES = ("light", "dark")
TOKEN = re.compile(r"--([a-z-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);\s*/\* (.+?) \*/")
TEXT, GRAPHICS = 4.5, 3.0  # WCAG 2.2: 1.4.3 for text, 1.4.11 for what one must see to understand or operate

# Foreground, ground, and the ratio that the pair must reach in both themes.
PAIRS = [
    ("ink", "paper", TEXT),
    ("ink", "surface", TEXT),
    ("ink", "sunken", TEXT),
    ("ink", "sea-tint", TEXT),
    ("ink", "mark-tint", TEXT),
    ("ink", "moss-tint", TEXT),
    ("ink", "alarm-tint", TEXT),
    ("soft", "paper", TEXT),
    ("soft", "surface", TEXT),
    ("soft", "sunken", TEXT),
    ("soft", "mark-tint", TEXT),
    ("sea", "paper", TEXT),
    ("sea", "surface", TEXT),
    ("sea", "sunken", TEXT),
    ("sea", "sea-tint", TEXT),
    ("sea", "mark-tint", TEXT),
    ("sea", "moss-tint", TEXT),
    ("sea", "alarm-tint", TEXT),
    ("on-sea", "sea", TEXT),
    ("on-mark", "mark", TEXT),
    ("alarm", "paper", TEXT),
    ("alarm", "surface", TEXT),
    ("alarm", "mark-tint", TEXT),
    ("alarm", "alarm-tint", TEXT),
    ("moss", "paper", GRAPHICS),
    ("moss", "moss-tint", GRAPHICS),
    ("edge", "paper", GRAPHICS),
    ("edge", "surface", GRAPHICS),
    ("mark-edge", "paper", GRAPHICS),
    ("mark-edge", "surface", GRAPHICS),
    ("mark-edge", "mark-tint", GRAPHICS),
    ("granite", "paper", GRAPHICS),
    ("granite", "surface", GRAPHICS),
    ("ink", "shoal", GRAPHICS),
    ("focus", "paper", GRAPHICS),
    ("focus", "surface", GRAPHICS),
    ("focus", "sunken", GRAPHICS),
    ("focus", "mark-tint", GRAPHICS),
]


def tokens():
    """The colour tokens by name: light and dark value and what they are for."""
    text = (settings.BASE_DIR / "static" / "css" / "tokens.css").read_text()
    return {name: {"light": light, "dark": dark, "use": use} for name, light, dark, use in TOKEN.findall(text)}


def luminance(colour):
    """Relative luminance of "#rrggbb" as WCAG 2.2 defines it, from 0 to 1."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    """Contrast ratio of two colours, from 1 to 21."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def measured():
    """Each pair with its ratio in both themes."""
    colours = tokens()
    return [
        {
            "text": text,
            "ground": ground,
            "least": least,
            "ratios": [contrast(colours[text][theme], colours[ground][theme]) for theme in THEMES],
        }
        for text, ground, least in PAIRS
    ]


class SampleForm(PlainForm):
    """One field of every sort that the portal has."""

    groups = [
        (gettext_lazy("The person"), [("first_name", "last_name"), "email", "group"]),
        (gettext_lazy("The stay"), [("start_date", "end_date"), "host", "focus_areas", "comment", "paper", "agreed"]),
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
            rows=[
                (name, (value,))
                for name, value in [("Portugal", 31), ("Irland", 27), ("Slovenien", 22), ("Spanien", 0)]
            ],
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
            "page": Paginator(range(400), 20).get_page(request.GET.get("page", "4")),
            "figures": [
                {
                    "number": 1212,
                    "name": _("registered"),
                    "meaning": _("the figure leads to its rows"),
                    "url": "#parts",
                },
                {"number": 187, "name": _("accepted"), "meaning": _("of the registered")},
                {"number": None, "name": _("completed"), "meaning": _("a gap is said, never zero")},
            ],
            "facts": [(_("Receiving organisation"), "Lar Exemplo, Porto"), (_("Supervisor"), ""), (_("Days"), 0)],
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
            "days": [
                {
                    "date": today + timedelta(days=4),
                    "what": _("Month 12 question"),
                    "detail": _("In four days"),
                    "soon": True,
                },
                {"date": today + timedelta(days=22), "what": _("Interim report"), "detail": "", "url": "#parts"},
            ],
            "lines": [
                {"at": now, "who": "Erik Skissgren", "what": _("uploaded a proof of insurance")},
                {
                    "at": now - timedelta(days=9),
                    "who": "Sara Exempelsson",
                    "what": _("accepted"),
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
