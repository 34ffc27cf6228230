from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MobilitiesConfig(AppConfig):
    name = "mobilities"
    verbose_name = _("Mobilities")

    def ready(self):
        from mobilities import countries_with_rates, host_stays, objections, partnerships

        objections.register()
        host_stays.register()
        partnerships.register()
        countries_with_rates.register()
