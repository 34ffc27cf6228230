"""Under which other names an organisation is known."""

from django.db import transaction

from consortium.models import OrganisationName


@transaction.atomic
def keep_other_names(organisation, wanted):
    """Let it have just these other names. Those that stay keep their source."""
    known = {other.name: other for other in organisation.other_names.all()}
    for name, other in known.items():
        if name not in wanted:
            other.delete()
    for name in wanted:
        if name not in known:
            OrganisationName(organisation=organisation, name=name).save()
