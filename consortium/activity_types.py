"""Activities that a call funds: reference data that the coordinator keeps right."""

from django.db import transaction
from django.utils.translation import gettext_noop

CHANGED = gettext_noop("changed the activity")


@transaction.atomic
def change(*, activity_type, reason="", by):
    """Save its changed days. Raises Changed when somebody else has saved it since it was read.

    What has been accepted stays accepted; the days are asked of a mobility when it is submitted.
    """
    activity_type.bump_version()
    activity_type._change_reason = f"{CHANGED}\n{reason}" if reason else CHANGED
    activity_type.save()
    return activity_type
