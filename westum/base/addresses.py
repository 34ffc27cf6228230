from django.utils.http import url_has_allowed_host_and_scheme


def inside(request, wanted):
    """The address of a page of this site that somebody wants to see next; empty when it is none.

    What does not begin with a slash is no address: `redirect` would take it for the name of a view.
    """
    is_ours = wanted.startswith("/") and url_has_allowed_host_and_scheme(
        wanted, {request.get_host()}, require_https=request.is_secure()
    )
    return wanted if is_ours else ""
