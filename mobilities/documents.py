"""Papers of a mobility: each upload is a new version, the one before stays and says so."""

from django.db import transaction
from django.utils.translation import gettext as _

from consortium.models import ProjectState
from consortium.permissions import NotAllowed
from mobilities.lifecycle import PROJECT_HAS_ENDED
from mobilities.models import Document, DocumentState, Mobility, MobilityState
from mobilities.models.states import OFF


def may_be_added(mobility):
    """Until the mobility is over, or its project."""
    return mobility.state not in [MobilityState.CLOSED, *OFF] and mobility.project.state != ProjectState.ENDED


@transaction.atomic
def add(*, mobility, kind, file, by):
    """Keep `file` (a StoredFile) as the newest version of its kind."""
    mobility = Mobility.objects.select_for_update(of=("self",)).select_related("project").get(pk=mobility.pk)
    if mobility.project.state == ProjectState.ENDED:
        raise NotAllowed(PROJECT_HAS_ENDED)
    if not may_be_added(mobility):
        raise NotAllowed(_("Nothing can be added to a mobility that is over."))
    earlier = Document.objects.filter(mobility=mobility, kind=kind).order_by("-version").first()
    if earlier:
        earlier.state = DocumentState.REPLACED
        earlier._change_reason = "replaced"
        earlier.save(update_fields=["state"])
    document = Document(
        mobility=mobility, kind=kind, file=file, version=earlier.version + 1 if earlier else 1, uploaded_by=by
    )
    document._change_reason = "uploaded"
    document.save()
    return document
