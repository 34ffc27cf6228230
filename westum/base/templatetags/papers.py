"""What only papers need in their templates: {% load papers %}."""

from django import template

from westum.base import papers

register = template.Library()
register.simple_tag(papers.qr_code)
register.simple_tag(papers.page_words)
register.simple_tag(papers.demo_words)
