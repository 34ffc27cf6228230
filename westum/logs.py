"""Logs: a line of JSON an event in production, a line of text elsewhere, and no personal data in either.

We log ids, never names. What slips in all the same, by a library or in the words of an exception, is masked where it
has a form: e-mail addresses, Swedish personal identity numbers, the row that PostgreSQL quotes in its DETAIL, and the
secret in the address of an invitation.
"""

import re
import uuid

import structlog

MASKS = [
    (re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+"), "‹e-mail›"),
    (re.compile(r"\b(\d{2})?\d{6}[-+]?\d{4}\b"), "‹identity number›"),
    (re.compile(r"DETAIL:.*"), "DETAIL: ‹row›"),
    (re.compile(r"(?<!/people)/invitations/[\w-]+/"), "/invitations/‹secret›/"),
    (re.compile(r"/milestones/calendar/[\w-]+/"), "/milestones/calendar/‹secret›/"),
]
CONTROLS = {code: f"\\x{code:02x}" for code in (*range(32), 127) if code not in (9, 10)}


def mask(text):
    """The text without what identifies a person, and without characters that move a terminal's cursor."""
    for pattern, word in MASKS:
        text = pattern.sub(word, text)
    return text.translate(CONTROLS)


def mask_personal_data(logger, method, event):
    """structlog processor: every text of the event is masked, tracebacks too."""
    return {name: mask(value) if isinstance(value, str) else value for name, value in event.items()}


def one_line(logger, method, event):
    """structlog processor for text logs: what was logged cannot pretend to be a second event."""
    return event | {"event": str(event["event"]).replace("\n", "\\n")}


class RequestId:
    """Middleware: what is logged during a request carries an id of its own."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        with structlog.contextvars.bound_contextvars(request=uuid.uuid4().hex[:12]):
            return self.get_response(request)


def _job_id(logger, method, event):
    """structlog processor: what a worker logs carries its task's id."""
    from celery import current_task

    if current_task and current_task.request.id:
        event["job"] = current_task.request.id
    return event


def settings(*, as_json, level="INFO"):
    """The LOGGING setting. Everything, ours and the libraries', goes to the one handler on standard error."""
    shared = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _job_id,
    ]
    if as_json:
        last = [mask_personal_data, structlog.processors.JSONRenderer(ensure_ascii=False)]
    else:
        last = [mask_personal_data, one_line, structlog.dev.ConsoleRenderer(colors=False)]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "events": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": shared,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    structlog.processors.format_exc_info,
                    *last,
                ],
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "events"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # Django's own handlers would write a second line; a missing page is no event worth one.
            "django": {"handlers": [], "level": level, "propagate": True},
            "django.request": {"level": "ERROR"},
            "django.server": {"handlers": [], "propagate": True},
            # Some libraries speak of every font, file, message or connection.
            "fontTools": {"level": "ERROR"},
            "weasyprint": {"level": "ERROR"},
            "celery": {"level": "WARNING"},
            "kombu": {"level": "WARNING"},
            "kombu.connection": {"level": "ERROR"},  # it misses a host name in the folder that is our broker
            "amqp": {"level": "WARNING"},
        },
    }
