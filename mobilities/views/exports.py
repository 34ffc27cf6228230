from django.http import Http404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from consortium.permissions import Permission
from mobilities import exports
from mobilities.filters import MobilityFilters
from mobilities.models import Mobility
from westum.base import sheets


@require_safe
def export(request, format):  # noqa: A002 (the word in the address)
    """The mobilities that the same filters show in the list, all pages of them."""
    if format not in sheets.FORMATS or not request.user.holds(Permission.EXPORT_PERSONS):
        raise Http404
    filters = MobilityFilters(request.GET, user=request.user)
    mobilities = filters.narrow(Mobility.objects.exportable_by(request.user))
    return sheets.as_attachment(exports.table_of(mobilities), format=format, name=_("mobilities"))
