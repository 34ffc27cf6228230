import smtplib
import threading
from datetime import timedelta

import pytest
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection, transaction
from django.utils import timezone, translation

from westum.base import jobs, letters, tasks
from westum.base.jobs import JobState
from westum.base.letters import Letter

pytestmark = pytest.mark.django_db

TEXTS = {
    "emails/greeting_subject.txt": "{% load i18n %}{% get_current_language as code %}Hello ({{ code }}) {{ name }}\n",
    "emails/greeting.txt": "{% load i18n %}{% get_current_language as code %}\nHello {{ name }}!\n\n{{ code }}\n\n",
}


@pytest.fixture(autouse=True)
def texts(settings):
    templates = settings.TEMPLATES[0]
    options = {name: value for name, value in templates["OPTIONS"].items() if name != "builtins"}
    loaders = [("django.template.loaders.locmem.Loader", TEXTS)]
    settings.TEMPLATES = [templates | {"APP_DIRS": False, "OPTIONS": options | {"loaders": loaders}}]


@pytest.fixture
def bells(monkeypatch):
    rung = []
    monkeypatch.setattr(jobs, "_ring_now", lambda task, pk: rung.append((task, pk)))
    return rung


class Deaf(BaseEmailBackend):
    """A mail server that answers as a test says."""

    answer = OSError("connection refused")

    def send_messages(self, messages):
        raise self.answer


@pytest.fixture
def deaf(settings, monkeypatch):
    settings.MAILERS = {"default": {"BACKEND": f"{__name__}.Deaf"}}
    return lambda answer: monkeypatch.setattr(Deaf, "answer", answer)


def posted(**context):
    return letters.post(
        to="eva@example.org", template="emails/greeting", context={"name": "Eva"} | context, language="en"
    )


def stored(row, *names):
    return Letter.objects.values_list(*names).get(pk=row.pk)


@pytest.mark.parametrize("language", ["sv", "en"])
def test_post_writes_the_letter_in_its_language_now(language):
    with translation.override("sv" if language == "en" else "en"):
        letter = letters.post(
            to="a@example.org", template="emails/greeting", context={"name": "Åsa"}, language=language
        )
    assert (letter.subject, letter.body) == (f"Hello ({language}) Åsa", f"Hello Åsa!\n\n{language}\n")


def test_post_leaves_no_newline_in_the_subject():
    letter = posted(name="Eva\r\nBcc: everybody@example.org")
    assert letter.subject == "Hello (en) Eva Bcc: everybody@example.org"
    assert letters.send(letter.pk)
    assert mail.outbox[0].recipients() == ["eva@example.org"]


def test_post_does_not_escape_for_html():
    assert posted(name="Å & Ö <AB>").body.startswith("Hello Å & Ö <AB>!")


def test_post_rings_on_commit_and_sends_nothing_itself(bells, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        letter = posted()
        assert bells == []
    assert bells == [("westum.base.tasks.send_letter", letter.pk)]
    assert mail.outbox == []


def test_rolled_back_letter_was_never_there(bells, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        posted()
        transaction.set_rollback(True)
    assert (bells, Letter.objects.count()) == ([], 0)


def test_send_sends_once(settings):
    letter = posted()
    tasks.send_letter(letter.pk)
    tasks.send_letter(letter.pk)
    [sent] = mail.outbox
    assert (sent.subject, sent.body, sent.to, sent.from_email) == (
        "Hello (en) Eva", "Hello Eva!\n\nen\n", ["eva@example.org"], settings.MAIL_FROM,
    )  # fmt: skip
    assert sent.extra_headers == {"Message-ID": letter.message_id}
    assert stored(letter, "state", "attempts") == (JobState.DONE, 1)


def test_sent_letter_keeps_nothing_of_its_text():
    """It may have carried an invitation or a code; what was not sent yet is still there to be sent."""
    letter = posted()
    assert stored(letter, "body") == ("Hello Eva!\n\nen\n",)
    letters.send(letter.pk)
    assert stored(letter, "body", "subject") == ("", "Hello (en) Eva")


def test_letter_to_nobody_is_written_and_not_sent(bells, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        letter = letters.post(to=None, template="emails/greeting", context={"name": "Eva"}, language="en")
    assert not letters.send(letter.pk)
    assert (mail.outbox, len(bells), stored(letter, "state")) == ([], 1, (JobState.DONE,))


@pytest.mark.django_db(transaction=True)
def test_two_workers_send_one_letter_once():
    rows = [posted().pk for _ in range(30)]
    barrier = threading.Barrier(2)

    def work():
        try:
            for pk in rows:
                barrier.wait()
                letters.send(pk)
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(mail.outbox) == 30


@pytest.mark.parametrize("fault", [OSError("refused"), smtplib.SMTPServerDisconnected("gone"), TimeoutError()])
def test_mail_server_that_is_away_is_asked_again_later(deaf, fault):
    deaf(fault)
    letter = posted()
    with translation.override("en"):
        assert not letters.send(letter.pk)
    state, reason, ring_at = stored(letter, "state", "reason", "ring_at")
    assert (state, reason) == (JobState.QUEUED, "The mail server did not take the letter.")
    assert timedelta(seconds=18) < ring_at - timezone.now() < timedelta(seconds=21)


def test_letter_fails_with_its_reason_after_the_last_attempt(deaf):
    letter = posted()
    for _ in range(Letter.ATTEMPTS):
        assert not letters.send(letter.pk)
    assert stored(letter, "state", "attempts") == (JobState.FAILED, Letter.ATTEMPTS)
    assert stored(letter, "reason") != ("",)
    assert not letters.send(letter.pk)


def test_letters_outlast_a_mail_server_that_is_away_for_hours():
    assert sum(letters.PAUSES) > 6 * 3600


def test_address_that_the_server_refuses_for_good_is_not_tried_again(deaf):
    deaf(smtplib.SMTPRecipientsRefused({"eva@example.org": (550, b"no such user")}))
    letter = posted()
    letters.send(letter.pk)
    assert stored(letter, "state", "attempts", "body") == (JobState.FAILED, 1, "")


def test_address_that_the_server_refuses_for_now_is_tried_again(deaf):
    deaf(smtplib.SMTPRecipientsRefused({"eva@example.org": (451, b"greylisted")}))
    letter = posted()
    letters.send(letter.pk)
    assert stored(letter, "state") == (JobState.QUEUED,)


def test_fault_of_our_own_fails_the_letter_and_is_raised(deaf):
    deaf(KeyError("ours"))
    letter = posted()
    with pytest.raises(KeyError):
        letters.send(letter.pk)
    assert stored(letter, "state") == (JobState.FAILED,)


def test_address_of_a_row_is_whole(settings):
    class Row:
        def get_absolute_url(self):
            return "/mobilities/7/"

    settings.SITE_URL = "https://westum.example"
    assert letters.address_of(Row()) == "https://westum.example/mobilities/7/"
