"""What every template says the same way: icons, states, gaps and the parts of a form. A builtin of all templates.

Dates, numbers and money are `westum.base.formats`, each under its own name as a filter.
"""

import re
from functools import cache

from django import template
from django.conf import settings
from django.middleware.csrf import get_token
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.translation import gettext, pgettext_lazy

from westum.base import charts, formats, phones, region, source_texts

register = template.Library()
for write in (
    formats.day,
    formats.short_day,
    formats.long_date,
    formats.clock,
    formats.moment,
    formats.month,
    formats.machine,
    formats.lateness,
    formats.listed,
    formats.number,
    formats.money,
    formats.percent,
    formats.country,
    formats.language_name,
    phones.to_dial,
    source_texts.source_links,
    source_texts.source_titles,
):
    register.filter(write)

# Kind of thing → state → icon, tone, word. A tone colours the icon only: ok, going, turn (somebody must act), bad, "".
# The context of a word tells the translator of what it is said.
STATES = {
    "mobility": {
        "draft": ("circle-dashed", "", pgettext_lazy("mobility", "Draft")),
        "submitted": ("clipboard-check", "going", pgettext_lazy("mobility", "Submitted")),
        "queued": ("list-ordered", "", pgettext_lazy("mobility", "In the queue for a place")),
        "accepted": ("circle-check", "ok", pgettext_lazy("mobility", "Accepted by Westum")),
        "ongoing": ("plane", "going", pgettext_lazy("mobility", "Ongoing")),
        "completed": ("map-pin-check", "going", pgettext_lazy("mobility", "Completed")),
        "reported": ("file-check", "ok", pgettext_lazy("mobility", "Reported")),
        "closed": ("lock", "", pgettext_lazy("mobility", "Closed")),
        "withdrawn": ("circle-x", "", pgettext_lazy("mobility", "Withdrawn")),
        "cancelled": ("ban", "", pgettext_lazy("mobility", "Cancelled")),
    },
    "document": {
        "missing": ("circle-alert", "turn", pgettext_lazy("document", "Missing")),
        "uploaded": ("file-check", "ok", pgettext_lazy("document", "Uploaded")),
        "submitted": ("clock", "going", pgettext_lazy("document", "Waiting for review")),
        "accepted": ("circle-check", "ok", pgettext_lazy("document", "Approved")),
        "returned": ("undo-2", "turn", pgettext_lazy("document", "Returned for changes")),
        "expired": ("calendar-x", "bad", pgettext_lazy("document", "Expired")),
        "late": ("calendar-x", "bad", pgettext_lazy("document", "Late")),
        "replaced": ("history", "", pgettext_lazy("document", "Replaced")),
    },
    "placement_report": {
        "missing": ("circle-alert", "turn", pgettext_lazy("placement report", "Missing")),
        "started": ("circle-dashed", "", pgettext_lazy("placement report", "Begun")),
        "submitted": ("clock", "going", pgettext_lazy("placement report", "Waiting for review")),
        "returned": ("undo-2", "turn", pgettext_lazy("placement report", "Returned for changes")),
        "accepted": ("circle-check", "ok", pgettext_lazy("placement report", "Approved")),
        "late": ("calendar-x", "bad", pgettext_lazy("placement report", "Late")),
    },
    "report": {
        "queued": ("clock", "", pgettext_lazy("report", "Queued")),
        "running": ("loader", "going", pgettext_lazy("report", "Being made")),
        "done": ("file-check", "ok", pgettext_lazy("report", "Ready")),
        "failed": ("octagon-x", "bad", pgettext_lazy("report", "Failed")),
        "replaced": ("history", "", pgettext_lazy("report", "Replaced")),
    },
    "project": {
        "planned": ("calendar", "", pgettext_lazy("project", "Planned")),
        "running": ("plane", "going", pgettext_lazy("project", "Running")),
        "reporting": ("file-text", "going", pgettext_lazy("project", "Being reported")),
        "ended": ("lock", "", pgettext_lazy("project", "Ended")),
    },
    "agreement": {
        "none": ("circle-dashed", "", pgettext_lazy("agreement", "No agreement noted")),
        "valid": ("circle-check", "ok", pgettext_lazy("agreement", "Valid")),
        "over": ("calendar-x", "bad", pgettext_lazy("agreement", "No longer valid")),
    },
    "partnership": {
        "open": ("circle-dot-dashed", "going", pgettext_lazy("round of a partnership", "Being filled in")),
        "closed": ("circle-check", "ok", pgettext_lazy("round of a partnership", "Closed")),
        "due": ("calendar", "turn", pgettext_lazy("round of a partnership", "Time for the next round")),
    },
    "rate": {
        "missing": ("circle-alert", "turn", pgettext_lazy("rate", "Missing")),
        "verified": ("circle-check", "ok", pgettext_lazy("rate", "Verified")),
        "secondary": ("circle-alert", "turn", pgettext_lazy("rate", "Not verified: from a secondary source")),
        "inferred": ("circle-alert", "turn", pgettext_lazy("rate", "Not verified: inferred from other calls")),
        "unverified": ("circle-alert", "turn", pgettext_lazy("rate", "Not verified")),
    },
    "funder": {
        "absent": ("circle-dashed", "", pgettext_lazy("funder's system", "Not entered with the funder")),
        "draft": ("circle-dot-dashed", "going", pgettext_lazy("funder's system", "Draft with the funder")),
        "complete": ("clipboard-check", "ok", pgettext_lazy("funder's system", "Complete with the funder")),
        "differs": ("circle-alert", "turn", pgettext_lazy("funder's system", "Differs from the funder")),
    },
}


# Icons and states


@cache
def drawing(name):
    """The lines of one lucide icon, without its frame. An unknown name raises OSError, so that a page test finds it."""
    source = (settings.BASE_DIR / "static" / "icons" / f"{name}.svg").read_text()
    inside = re.search(r"<svg[^>]*>(.*)</svg>", source, re.DOTALL).group(1)
    return mark_safe(re.sub(r"\s*\n\s*", "", inside))  # noqa: S308 our own file


@register.simple_tag
def icon(name):
    """An icon beside a word, hidden from screen readers. The attributes serve the PDF engine, which reads no CSS here."""
    return format_html(
        '<svg class="icon" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" '
        'stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">{}</svg>',
        drawing(str(name)),
    )


@register.simple_tag
def state_of(state, kind="mobility"):
    """Icon, tone and word of a state as a dict, {% state_of paper.state "document" as said %}; an unknown state raises LookupError that names it."""
    try:
        name, tone, label = STATES[kind][str(state)]
    except KeyError:
        raise LookupError(f"No icon and word for state {state!r} of {kind!r}: add it to STATES.") from None
    return {"icon": name, "tone": tone, "label": label}


@register.inclusion_tag("components/status.html")
def status(state, kind="mobility"):
    """A state as icon and word: {% status mobility.state %}, {% status report.state "report" %}."""
    return state_of(state, kind)


@register.simple_tag(takes_context=True)
def csrf_field(context):
    """The CSRF input, also inside a component that was included with `only`; nothing on a page without a request."""
    if getattr(context, "request", None) is None:
        return ""
    return format_html('<input type="hidden" name="csrfmiddlewaretoken" value="{}">', get_token(context.request))


@register.simple_tag(takes_context=True)
def here(context, *, query=True):
    """The address of this page, with its query; empty on a page without a request."""
    request = getattr(context, "request", None)
    if request is None:
        return ""
    return request.get_full_path() if query else request.path


@register.simple_tag
def bar_segments(parts, total):
    """The rectangles of `components/bar.html`."""
    return charts.segments(parts, total)


@register.simple_tag
def region_paths():
    """The coast of `components/region.html`, with the shallows as three bands along it."""
    return {
        "coast": region.COAST_PATH,
        "mainland": region.MAINLAND_PATH,
        "islands": region.ISLAND_PATH,
        "lakes": region.LAKE_PATH,
        "rings": [
            {"look": look, "coast": coast, "island": island}
            for look, coast, island in [("deep", 104, 64), ("mid", 60, 37), ("near", 24, 15)]
        ],
    }


# Gaps and pages


@register.filter
def missing(value):
    """The value, or a soft "not stated" where there is none. Zero is a value."""
    if value is None or value == "":
        return format_html('<span class="soft">{}</span>', gettext("not stated"))
    return value


@register.filter
def page_numbers(page):
    """Page numbers of a Paginator page with None for each gap."""
    numbers = page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    return [None if n == page.paginator.ELLIPSIS else n for n in numbers]


# Parts of a form


@register.filter
def anchor(field):
    """The id to which an error links: the control, or the first choice of a group."""
    return field.id_for_label or f"{field.auto_id}_0"


@register.filter
def named(form, field):
    """The field's name before its error, of a form whose fields are so many and alike that it words them itself."""
    words = getattr(form, "label_in_words", None)
    return f"{words(field.name)}: " if words else ""


@register.simple_tag
def control(field, hint="", css=""):
    """A field's control without placeholder, described by the hint with that id and by what is wrong."""
    described = f"{hint} {field.auto_id}_error" if field.errors else hint
    return field.as_widget(
        attrs={"aria-describedby": described, "placeholder": False} | ({"class": css} if css else {})
    )


@register.simple_tag
def file_control(field):
    """A file field's control, described by its hint or by the limits that stand in its place."""
    return control(field, f"{field.auto_id}_{'helptext' if field.help_text else 'limits'}")


@register.filter
def fieldsets(form):
    """The visible fields as groups with legend and rows, in the order of `form.groups`, what it leaves out first.

    `groups` is a list of (legend, names); a tuple among the names stands side by side.
    """
    groups = list(getattr(form, "groups", ()))
    named = {
        name for _legend, names in groups for part in names for name in ([part] if isinstance(part, str) else part)
    }
    rest = [field.name for field in form.visible_fields() if field.name not in named]
    return [
        {
            "legend": legend,
            "rows": [[form[name] for name in ([part] if isinstance(part, str) else part)] for part in names],
        }
        for legend, names in ([("", rest)] if rest else []) + groups
    ]


@register.simple_tag
def upload_limit():
    """The largest file that may be uploaded, in whole megabytes."""
    return settings.UPLOAD_LIMIT // (1024 * 1024)
