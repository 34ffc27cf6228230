"""The described sections of a project: written, put in order, taken away."""

from django.db import transaction
from django.utils.translation import gettext_noop

from consortium import project_states, row_order
from consortium.models import ProjectText

ADDED = gettext_noop("added a text")
CHANGED = gettext_noop("changed a text")
MOVED = gettext_noop("moved a text")
DELETED = gettext_noop("deleted a text")


@transaction.atomic
def save(*, text, by):
    """Keep a new text behind the others, or the changes that the caller has made to the instance in memory.

    Raises Changed when somebody else was faster, and NotAllowed when the project has ended.
    """
    project = project_states.locked_open(text.project)
    is_new = text._state.adding
    if is_new:
        text.position = row_order.end_of(project.texts.all())
    else:
        text.bump_version()
    text._change_reason = ADDED if is_new else CHANGED
    text.save()
    project_states.note(project, text._change_reason, text.heading_sv)
    return text


@transaction.atomic
def move(*, text, up, by):
    """One place up or down among the texts of the project."""
    project = project_states.locked_open(text.project)
    row_order.put(row_order.swapped(project.texts.all(), text, up=up))
    project_states.note(project, MOVED, text.heading_sv)


@transaction.atomic
def delete(*, text, by):
    """Take the text away. Its words stay in the history."""
    project = project_states.locked_open(text.project)
    text = ProjectText.objects.select_for_update(of=("self",)).get(pk=text.pk)
    text._change_reason = DELETED
    text.delete()
    project_states.note(project, DELETED, text.heading_sv)
