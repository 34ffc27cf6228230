"""Outgoing mail. A letter is a row first and is sent by a worker after the commit, so that a rollback sends nothing.

A worker that dies after the mail server took the letter and before the row says so makes it go out a second time: an
invitation that comes twice does less harm than one that never comes. Both carry the same Message-ID.
"""

import smtplib
from datetime import timedelta
from email.utils import make_msgid, parseaddr

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import models
from django.db.models.functions import Coalesce
from django.template import Context
from django.template.loader import get_template
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from westum.base import jobs

KEPT_FOR = timedelta(days=30)
CLAIM_SECONDS = 60  # the mail server has ten
PAUSES = (20, 20, 60, 120, 300, 600, 1800, 3600, 7200, 14400)  # seconds before the next attempt


def message_id():
    return make_msgid(domain=parseaddr(settings.MAIL_FROM)[1].rpartition("@")[2] or "localhost")


class Letter(jobs.LedgerRow):
    ATTEMPTS = len(PAUSES) + 1

    to = models.EmailField(_("to"))
    subject = models.CharField(_("subject"), max_length=200)
    body = models.TextField(_("text"))
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES)
    message_id = models.CharField(_("message identifier"), max_length=200, default=message_id, editable=False)

    class Meta(jobs.LedgerRow.Meta):
        verbose_name = _("letter")
        verbose_name_plural = _("letters")

    def __str__(self):
        return self.subject

    def _end(self, state, verb, **fields):
        """Sent, or never to be sent: an invitation or a code for logging in stands in the mail alone."""
        return super()._end(state, verb, body="", **fields)


def address_of(row):
    """The row's page as a whole address, for a letter."""
    return settings.SITE_URL + row.get_absolute_url()


def post(*, to, template, context, language):
    """Write a letter from `<template>_subject.txt` and `<template>.txt`, rendered now and in that language.

    It goes out after the transaction has committed. `template` is for instance "emails/invitation". With `to=None` all
    is done but the sending: for a page that may not tell, not even by its time, whether somebody gets a letter.
    """
    subject, body = written(template=template, context=context, language=language)
    letter = Letter.objects.create(
        to=to or "",
        subject=subject[:200],
        body=body,
        language=language,
        state=jobs.JobState.QUEUED if to else jobs.JobState.DONE,
    )
    jobs.ring("westum.base.tasks.send_letter", letter.pk)
    return letter


def written(*, template, context, language):
    """Subject and text of a letter in that language, as `post` sends it and a page may show it before."""
    with translation.override(language):
        subject = " ".join(_plain(f"{template}_subject.txt", context).split())
        return subject, _plain(f"{template}.txt", context).strip() + "\n"


def _plain(template, context):
    """A template as plain text: an ampersand in a name is no HTML here."""
    return get_template(template).template.render(Context(context, autoescape=False))


def send(pk):
    """Send the letter. A second delivery finds nothing to do; a mail server that is away is asked again later."""
    letter = Letter.objects.claim(pk, seconds=CLAIM_SECONDS)
    if letter is None:
        return False
    mail = EmailMessage(letter.subject, letter.body, to=[letter.to], headers={"Message-ID": letter.message_id})
    try:
        mail.send()
    except smtplib.SMTPRecipientsRefused as refusal:
        if all(code >= 500 for code, _text in refusal.recipients.values()):
            letter.fail(_("The mail server does not know this address."))
            return False
        return _later(letter)
    except (OSError, smtplib.SMTPException):
        return _later(letter)
    except Exception as fault:
        letter.fail(fault)
        raise
    return letter.finish()


def _later(letter):
    pause = PAUSES[min(letter.attempts, len(PAUSES)) - 1]
    letter.put_back(_("The mail server did not take the letter."), seconds=pause)
    return False


def forget_old(now=None):
    """Delete letters that were sent or given up over 30 days ago, and the texts of those given up. Returns how many."""
    over = Letter.objects.filter(state__in=[jobs.JobState.DONE, jobs.JobState.FAILED])
    over.exclude(body="").update(body="")  # those to nobody, and those whose worker never came back
    ended = over.annotate(ended_at=Coalesce("finished_at", "requested_at"))
    return ended.filter(ended_at__lt=(now or timezone.now()) - KEPT_FOR).delete()[0]
