"""Is a paper genuine, and does it still say how things are?"""

from dataclasses import dataclass

from consortium.permissions import NotAllowed
from reporting import codes, kinds
from reporting.models import Report


@dataclass(frozen=True)
class Verdict:
    """A genuine paper. `is_current` tells whether the register says the same today; `newer` the paper that replaced it."""

    report: Report
    is_current: bool
    newer_code: str | None
    newer_as_of: object


def find(text):
    """The verdict on the code that somebody typed; None when no finished paper has it."""
    code = codes.read(text)
    report = code and Report.objects.ready().filter(code=code).with_subject().with_replacement().first()
    return verdict(report) if report else None


def verdict(report):
    """`report` must come from `with_replacement()`."""
    return Verdict(report, is_current(report), report.newer_code, report.newer_as_of)


def is_current(report):
    """Whether the same paper, made of today's register, would say the same."""
    try:
        data = kinds.maker(report.kind).snapshot(report.subject)
    except NotAllowed:
        return False  # such a paper would not be made today
    return codes.fingerprint(data) == report.snapshot_hash
