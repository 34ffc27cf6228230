"""Rows with the lines of history that they would have, had people made them day by day."""

from collections import defaultdict
from copy import copy

from django.utils.translation import gettext_noop

from westum.base.history import KeptQuerySet, Via

MADE_UP = gettext_noop("made this up for the demonstration")


class Tale:
    """A row that is not saved yet, and how it came to be what it is."""

    def __init__(self, row, verb, moment, by, **fields):
        self.row, self.stages = row, []
        self.happens(verb, moment, by, **fields)

    def happens(self, verb, moment, by, **fields):
        """Change the row and remember how it then looked. Without a person it was the portal itself."""
        for name, value in fields.items():
            setattr(self.row, name, value)
        if self.stages and hasattr(self.row, "version"):
            self.row.version += 1
        stage = copy(self.row)
        stage._change_reason, stage._history_date, stage._history_user = verb, moment, by
        self.stages.append(stage)


def save(tales):
    """Insert the rows of these tales, which are of one model, and their lines. Returns (stage, line) pairs."""
    if not tales:
        return []
    model = type(tales[0].row)
    KeptQuerySet(model).unkept("the lines follow").bulk_create([tale.row for tale in tales], batch_size=500)
    batches = defaultdict(list)
    for tale in tales:
        for number, stage in enumerate(tale.stages):
            stage.pk = tale.row.pk
            batches[number > 0, Via.FORM if stage._history_user else Via.WORKER].append(stage)
    told = []
    for (update, via), stages in batches.items():
        lines = model.history.bulk_history_create(
            stages, batch_size=500, update=update, custom_historical_attrs={"via": via}
        )
        told += zip(stages, lines, strict=True)
    return told
