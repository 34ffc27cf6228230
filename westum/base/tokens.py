"""A form that is sent twice makes one thing. The page carries a token; its first use is kept for a day with its answer."""

import hashlib
from datetime import timedelta

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from westum.base.forms import Changed

KEPT_FOR = timedelta(hours=24)


class FormToken(models.Model):
    token = models.UUIDField(_("token"))
    user_id = models.BigIntegerField(_("user"))
    fingerprint = models.CharField(_("fingerprint of what was sent"), max_length=64)
    answer = models.CharField(_("address of the answer"), max_length=500, blank=True, default="")
    made_at = models.DateTimeField(_("made at"), default=timezone.now, db_index=True)

    class Meta:
        verbose_name = _("form token")
        verbose_name_plural = _("form tokens")
        constraints = [models.UniqueConstraint(name="form_token_once_a_user", fields=["token", "user_id"])]

    def __str__(self):
        return str(self.token)


def once(request, form, act):
    """Validate the form and do `act()` in one transaction, once for each form token. The redirect, or None.

    `act` returns what `redirect` understands, or a response. None means that the form has errors, also those that
    `act` raised as ValidationError and the conflict with another editor; then nothing was written.

    A second delivery waits for the first one to commit, because both insert the same unique row, and gets its answer.
    """
    token, user_id = getattr(form, "token", None), request.user.pk
    row = getattr(form, "instance", None)
    is_new_row = row is not None and row._state.adding
    try:
        with transaction.atomic():
            use = None
            if token and user_id:
                sent = _fingerprint(request)
                use, first = FormToken.objects.get_or_create(
                    token=token, user_id=user_id, defaults={"fingerprint": sent}
                )
                if not first:
                    answer = _answer_again(request, form, use, sent)
                    transaction.set_rollback(answer is None)  # a file that cleaning has kept belongs to nothing
                    return answer
            if form.is_valid():
                made = act()
                response = made if isinstance(made, HttpResponseBase) else redirect(made)
                if use:
                    use.answer = response.get("Location", "")
                    use.save(update_fields=["answer"])
                return response
            transaction.set_rollback(True)  # nothing was done: the token is still good
            return None
    except Changed:
        form.compare_again()
    except ValidationError as refusal:
        form.refuse(refusal)
    except IntegrityError:
        # Somebody saved the same thing after our check: the form now finds it, and says so at the field.
        _forget(row, is_new_row)
        form.full_clean()
        if form.is_valid():
            raise
    _forget(row, is_new_row)
    return None


def say_refusal(request, form):
    """The refused form of a button has no page of its own: its sentences are said on the page that comes next."""
    for sentence in form.non_field_errors():
        messages.error(request, sentence)


def _answer_again(request, form, use, sent):
    if use.fingerprint == sent:
        return redirect(use.answer or request.get_full_path())
    form.refuse(
        ValidationError(
            _(
                "This form was already sent with other content. Check what was saved. Sent again, it counts as a new one."
            ),
            code="sent_before",
        )
    )
    form.renew_token()
    return None


def _forget(row, is_new_row):
    """A new row that was rolled back is new again."""
    if is_new_row:
        row.pk, row._state.adding = None, True


def _fingerprint(request):
    """SHA-256 of the address, the fields and the files that were sent, without the tokens."""
    digest = hashlib.sha256(request.get_full_path().encode())
    for name, values in sorted(request.POST.lists()):
        if name != "csrfmiddlewaretoken" and not name.endswith("form_token"):
            digest.update(repr((name, values)).encode(errors="surrogatepass"))
    for name, uploads in sorted(request.FILES.lists()):
        for upload in uploads:
            digest.update(repr((name, upload.name, upload.size)).encode(errors="surrogatepass"))
            for chunk in upload.chunks():
                digest.update(chunk)
            upload.seek(0)
    return digest.hexdigest()


def forget_old(now=None):
    """Delete tokens that are over a day old. Returns how many."""
    return FormToken.objects.filter(made_at__lt=(now or timezone.now()) - KEPT_FOR).delete()[0]
