from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

CHOSEN = gettext_noop("chose the language of the portal")


@login_not_required
@require_POST
def choose(request):
    """Django's own view, which keeps page and query; who is logged in gets mails in that language from now on."""
    chosen = request.POST.get("language")
    if request.user.is_authenticated and chosen in dict(settings.LANGUAGES):
        request.user.language = chosen
        request.user._change_reason = CHOSEN
        request.user.save(update_fields=["language"])
    return set_language(request)
