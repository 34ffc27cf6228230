import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "westum.settings")

application = get_wsgi_application()
if settings.PRODUCTION:
    from westum.base.installation import refuse_demo

    refuse_demo()
