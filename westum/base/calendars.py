"""Days written as an iCalendar file (RFC 5545), as calendar programmes subscribe to."""

from dataclasses import dataclass
from datetime import UTC, date, timedelta

OCTETS = 75  # of a line, without its end (RFC 5545, 3.1)


@dataclass(frozen=True)
class Day:
    """Something that is due on a day. `version` rises with each change."""

    uid: str
    on: date
    title: str
    text: str = ""
    url: str = ""
    version: int = 0


def written(*, name, events, now):
    """The file as text. `now` is when it was made, with its time zone."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Westum//Milestones//SV", f"X-WR-CALNAME:{_escaped(name)}"]
    for event in events:
        lines += [
            "BEGIN:VEVENT",
            f"UID:{event.uid}",
            f"DTSTAMP:{now.astimezone(UTC):%Y%m%dT%H%M%SZ}",
            f"DTSTART;VALUE=DATE:{event.on:%Y%m%d}",
            f"DTEND;VALUE=DATE:{event.on + timedelta(days=1):%Y%m%d}",
            f"SEQUENCE:{event.version}",
            f"SUMMARY:{_escaped(event.title)}",
            f"DESCRIPTION:{_escaped(event.text)}",
            f"URL:{event.url}",
            "TRANSP:TRANSPARENT",  # a duty takes nobody's time
            "END:VEVENT",
        ]
    return "".join(f"{_folded(line)}\r\n" for line in [*lines, "END:VCALENDAR"])


def _escaped(text):
    for plain, written_as in [
        ("\\", "\\\\"),
        (";", "\\;"),
        (",", "\\,"),
        ("\r\n", "\\n"),
        ("\n", "\\n"),
        ("\r", "\\n"),
    ]:
        text = text.replace(plain, written_as)
    return text


def _folded(line):
    """Broken between characters, never inside one; each next line begins with a space that belongs to none."""
    parts, size = [""], 0
    for character in line:
        octets = len(character.encode())
        if size + octets > OCTETS:
            parts.append(" ")
            size = 1
        parts[-1] += character
        size += octets
    return "\r\n".join(parts)
