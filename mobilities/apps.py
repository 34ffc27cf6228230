from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MobilitiesConfig(AppConfig):
    name = "mobilities"
    verbose_name = _("Mobilities")

    def ready(self):
        from mobilities import host_stays, objections, partnerships, rate_countries

        objections.register()
        host_stays.register()
        partnerships.register()
        rate_countries.register()
