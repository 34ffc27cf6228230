import io

from django.http import FileResponse, Http404
from django.views.decorators.http import require_safe

from consortium.permissions import Permission
from mobilities import exports
from mobilities.filters import MobilityFilters
from mobilities.models import Mobility


@require_safe
def export(request, format):  # noqa: A002 (the word in the address)
    """The mobilities that the same filters show in the list, all pages of them."""
    if format not in exports.FORMATS or not request.user.holds(Permission.EXPORT_PERSONS):
        raise Http404
    filters = MobilityFilters(request.GET, user=request.user)
    mobilities = filters.narrow(Mobility.objects.exportable_by(request.user))
    content = io.BytesIO()
    exports.write(mobilities, format=format, stream=content)
    content.seek(0)
    content_type, _ending = exports.FORMATS[format]
    response = FileResponse(content, as_attachment=True, filename=exports.filename(format), content_type=content_type)
    response["Cache-Control"] = "private, no-store"
    return response
