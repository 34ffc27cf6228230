from allauth.account import views as account
from django.conf import settings
from django.urls import include, path
from django.views.decorators.http import require_http_methods

from westum import demo, errors, language, second_factor
from westum.accounts import confirm_code, request_code
from westum.health import health
from westum.styleguide import styleguide

# No open sign-up and no passwords: of allauth's pages only those of log-in are mounted.
page = require_http_methods(["GET", "HEAD", "POST"])  # a class-based view would take PUT for POST
accounts = [
    path("login/", page(request_code), name="account_login"),
    path("login/", page(request_code), name="account_request_login_code"),
    path("login/code/confirm/", page(confirm_code), name="account_confirm_login_code"),
    path("second-factor/", page(second_factor.authenticate), name="mfa_authenticate"),
    path("logout/", page(account.logout), name="account_logout"),
]
urlpatterns = [
    path("accounts/", include(accounts)),
    path("language/", language.choose, name="set_language"),
    path("health/", health, name="health"),
    path("styleguide/", styleguide, name="styleguide"),
    path("", include("consortium.urls")),  # first: it has desk/new/, the others desk/<slug>/
    path("", include("mobilities.urls")),
    path("", include("reporting.urls")),
]
if settings.DEMO:
    urlpatterns += [
        path("demo/sign-in/", demo.sign_in, name="demo_sign_in"),
        path("demo/mail/", demo.mail, name="demo_mail"),
    ]

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.server_error
