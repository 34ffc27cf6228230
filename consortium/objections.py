"""What speaks against a deed. The apps above know rows that this one does not: they say so here, when they are ready.

A deed is named by a word, such as "end" (a project) or "remove_member"; each app that has something to say about it
registers a function that takes the row concerned and yields its objections.
"""

from collections import defaultdict
from dataclasses import dataclass
from functools import partial

from consortium.permissions import NotAllowed

_voices = defaultdict(list)


@dataclass(frozen=True)
class Objection:
    """A sentence for whoever decides, with the page of the rows that it is about. One that does not stop is a remark.

    `link` says what is done there, where it is more than to look at the rows.
    """

    sentence: str
    url: str = ""
    stops: bool = True
    link: str = ""


remark = partial(Objection, stops=False)


def register(deed, voice):
    """`voice(row)` yields the objections to the deed."""
    if voice not in _voices[deed]:
        _voices[deed].append(voice)


def to(deed, row):
    """All that speaks against it now; what stops it comes first."""
    found = [objection for voice in _voices[deed] for objection in voice(row)]
    return sorted(found, key=lambda objection: not objection.stops)


def insist_on_none(deed, row, *, field=None):
    """Raises NotAllowed with the first sentence that stops the deed, at `field`. Call it under the row's lock."""
    for objection in to(deed, row):
        if objection.stops:
            raise NotAllowed(objection.sentence, field=field)
