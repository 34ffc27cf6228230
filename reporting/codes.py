"""The code on a paper: eight letters made from what the paper is made from, hard to mistake for one another."""

import hashlib
import json
import re
from itertools import count

from reporting.models import Report

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # no 0 O 1 I L U
LENGTH = 8


def fingerprint(data):
    """SHA-256 of data as JSON, the same whatever order the database returns its keys in."""
    text = json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def code_of(*parts):
    number = int(fingerprint(list(parts)), 16)
    letters = []
    for _place in range(LENGTH):
        number, place = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[place])
    return written("".join(letters))


def unused(*parts):
    """The code of these parts; in the rare case that a report made from others has it, the next one."""
    codes = (code_of(*parts, attempt) for attempt in count())
    return next(code for code in codes if not Report.objects.filter(code=code).exists())


def written(letters):
    return f"WST-{letters[:4]}-{letters[4:]}"


def read(text):
    """The code as it is kept, from what somebody typed: small letters, without strokes, without WST. None if it is none."""
    letters = re.sub(r"[^0-9A-Z]", "", text.upper()[:40]).removeprefix("WST")
    return written(letters) if len(letters) == LENGTH and set(letters) <= set(ALPHABET) else None
