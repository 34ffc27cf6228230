"""What happens by the date alone: stays begin and end without anybody pressing a button."""

from consortium.permissions import NotAllowed
from mobilities import lifecycle
from mobilities.models import Mobility, MobilityState


def follow_the_calendar(today):
    """Begin what starts by `today` and complete what ended before it. Safe to repeat; one transaction a mobility."""
    faults = []
    for verb, due in (
        (lifecycle.begin, Mobility.objects.filter(state=MobilityState.ACCEPTED, start_date__lte=today)),
        (lifecycle.complete, Mobility.objects.filter(state=MobilityState.ONGOING, end_date__lt=today)),
    ):
        for mobility in list(due.only("pk")):
            try:
                _in_its_own_time(verb, mobility)
            except Exception as fault:  # one row that is broken keeps nobody else at home
                faults.append(fault)
    if faults:
        raise ExceptionGroup("Some mobilities could not follow the calendar.", faults)


def _in_its_own_time(verb, mobility):
    try:
        verb(mobility=mobility)
    except NotAllowed:
        # Somebody was quicker: another worker, or a coordinator who cancelled it a moment ago.
        return
