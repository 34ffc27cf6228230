"""Who is behind a public page, for its foot and for paper."""

from django import template
from django.conf import settings
from django.utils import timezone

from reporting import public

register = template.Library()


@register.inclusion_tag("reporting/imprint.html", takes_context=True)
def imprint(context):
    """The association's name and address; on paper also the page's own, and the day."""
    request = context["request"]
    return {
        "network": public.network(),
        "address": settings.SITE_URL + request.get_full_path(),
        "today": timezone.localdate(),
    }
