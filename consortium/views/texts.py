from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from consortium import project_texts
from consortium.forms.people import ConfirmForm
from consortium.forms.texts import MoveForm, TextForm, moves
from consortium.models import Project, ProjectText
from westum.base.history import lines_of
from westum.base.tokens import once, say_refusal


@require_safe
def project_texts_list(request, slug):
    """The texts in the order of the public page, and which language lacks words."""
    project = get_object_or_404(Project.objects.administered_by(request.user), slug=slug)
    texts = list(project.texts.all())
    rows = [{"text": text} | moves(number, len(texts)) for number, text in enumerate(texts)]
    return render(request, "consortium/texts.html", {"project": project, "rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
def text_new(request, slug):
    project = get_object_or_404(Project.objects.administered_by(request.user), slug=slug)
    return _write(request, ProjectText(project=project))


@require_http_methods(["GET", "HEAD", "POST"])
def text_edit(request, slug, text):
    return _write(request, _text(request, slug, text))


def _text(request, slug, text):
    texts = ProjectText.objects.editable_by(request.user).select_related("project")
    return get_object_or_404(texts, project__slug=slug, pk=text)


def _write(request, text):
    lines = [] if text._state.adding else lines_of(text)
    heading = text.heading
    form = TextForm(request.POST if request.method == "POST" else None, instance=text, user=request.user)
    if request.method == "POST" and (answer := once(request, form, lambda: _save(request, form))):
        return answer
    context = {"project": text.project, "text": text, "heading": heading, "form": form, "lines": lines}
    return render(request, "consortium/text_form.html", context)


def _save(request, form):
    text = project_texts.save(text=form.instance, by=request.user)
    messages.success(request, _("“%(heading)s” is saved. The public page shows it.") % {"heading": text.heading})
    return redirect("consortium:texts", text.project.slug)


@require_POST
def text_move(request, slug, text):
    text = _text(request, slug, text)
    form = MoveForm(request.POST, user=request.user)
    if answer := once(request, form, lambda: _move(text, form, request.user)):
        return answer
    say_refusal(request, form)
    return redirect("consortium:texts", slug)


def _move(text, form, by):
    project_texts.move(text=text, up=form.cleaned_data["direction"] == "up", by=by)
    return redirect("consortium:texts", text.project.slug)


@require_http_methods(["GET", "HEAD", "POST"])
def text_delete(request, slug, text):
    text = _text(request, slug, text)
    form = ConfirmForm(request.POST if request.method == "POST" else None, user=request.user)
    if request.method == "POST" and (answer := once(request, form, lambda: _delete(request, text))):
        return answer
    return render(request, "consortium/text_delete.html", {"project": text.project, "text": text, "form": form})


def _delete(request, text):
    project_texts.delete(text=text, by=request.user)
    messages.success(request, _("“%(heading)s” is deleted.") % {"heading": text.heading})
    return redirect("consortium:texts", text.project.slug)
