"""The menu of a project's own pages: `{% project_menu project %}`, below the heading of each of them."""

from django import template

from consortium import project_pages

register = template.Library()


@register.inclusion_tag("consortium/project_menu.html", takes_context=True)
def project_menu(context, project):
    request = context["request"]
    return {"entries": project_pages.menu(project, request.user, request.path)}
