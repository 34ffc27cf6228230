"""The portal's addresses with those of a demonstration, which `westum.urls` has only where `settings.DEMO` is set."""

from django.urls import path

from westum import demo
from westum.urls import *  # noqa: F403
from westum.urls import urlpatterns

urlpatterns = [
    *urlpatterns,
    path("demo/sign-in/", demo.sign_in, name="demo_sign_in"),
    path("demo/mail/", demo.mail, name="demo_mail"),
]
