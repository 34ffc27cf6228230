"""The one settings file. Everything that differs between installations is read from the environment.

Two kinds of installation: *embedded* (SQLite, a queue in a folder, loopback only) is what `manage.py demo` starts;
*production* (`WESTUM_PRODUCTION=1`) wants PostgreSQL, Redis, a secret and host names, and names what is missing.
"""

import os
import secrets
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured
from django.utils.csp import CSP
from django.utils.translation import gettext_lazy as _

from westum import logs

BASE_DIR = Path(__file__).resolve().parent.parent
PRODUCTION = os.environ.get("WESTUM_PRODUCTION") == "1"


def required(name):
    """The value of an environment variable without which production must not start."""
    value = os.environ.get(name, "")
    if not value:
        raise ImproperlyConfigured(f"Set {name}: production does not start without it. docs/deploy.md says how.")
    return value


def database_from(url):
    """A DATABASES entry from postgresql://user:password@host:port/name; a socket folder may stand for the host."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured("WESTUM_DATABASE_URL must start with postgresql://")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": parts.port or "",
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }


def kept_secret(path):
    """The embedded installation's own secret key, made once and kept beside its database."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(50))
    return path.read_text()


# The folder of database, files, queue and mail. In production it holds uploaded and made files alone.
DATA = Path(os.environ.get("WESTUM_DATA") or BASE_DIR / "data").resolve()
DATABASE_URL = required("WESTUM_DATABASE_URL") if PRODUCTION else os.environ.get("WESTUM_DATABASE_URL", "")
REDIS_URL = required("WESTUM_REDIS_URL") if PRODUCTION else os.environ.get("WESTUM_REDIS_URL", "")

DEBUG = False
SECRET_KEY = required("WESTUM_SECRET_KEY") if PRODUCTION else kept_secret(DATA / "secret")
ALLOWED_HOSTS = required("WESTUM_HOSTS").split(",") if PRODUCTION else ["localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS] if PRODUCTION else []
# `manage.py demo` leaves this mark; the database carries its own, and production refuses such a database.
DEMO = not PRODUCTION and (DATA / "demo").exists()

INSTALLED_APPS = [
    "reporting",
    "mobilities",
    "consortium",
    "westum.base",
    "westum",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_htmx",
    "import_export",
    "simple_history",
]

MIDDLEWARE = [
    "westum.logs.RequestId",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "westum.base.middleware.ResponseHeaders",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "westum.base.middleware.UploadLimit",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "westum.base.middleware.LoginRequired",
    "westum.second_factor.SecondFactorRequired",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "westum.urls"
WSGI_APPLICATION = "westum.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "westum.context.page",
            ],
            "builtins": ["django.templatetags.i18n", "django.templatetags.static", "westum.base.templatetags.words"],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

if DATABASE_URL:
    DATABASES = {"default": database_from(DATABASE_URL)}
else:
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": DATA / "westum.sqlite3",
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
            },
        }
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

if REDIS_URL:
    # A frozen Redis must not hold a page: two seconds, then the request goes on without the cache's answer.
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": REDIS_URL,
            "OPTIONS": {"socket_timeout": 2, "socket_connect_timeout": 2},
        }
    }
else:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.filebased.FileBasedCache", "LOCATION": DATA / "cache"}}

# People and sessions
AUTH_USER_MODEL = "consortium.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "westum.accounts.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]  # nobody signs up; allauth wants the two settings to agree
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 600
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_EMAIL_VERIFICATION = "none"  # a code that came by mail has verified the address
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_TRUSTED_PROXY_COUNT = int(os.environ.get("WESTUM_PROXIES", "0"))
# The demonstration logs in by a button; there a second factor can be set up, but nobody must have one.
SECOND_FACTOR_REQUIRED = not DEMO
MFA_ADAPTER = "westum.second_factor.Adapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_ISSUER = "Westum"
MFA_TOTP_TOLERANCE = 1  # steps of 30 seconds: clocks of phones go wrong
MFA_TRUST_ENABLED = True
MFA_TRUST_COOKIE_AGE = timedelta(days=60)
MFA_TRUST_COOKIE_NAME = "__Host-trusted" if PRODUCTION else "trusted"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PRODUCTION  # http://localhost has no certificate
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_NAME = "__Host-sessionid" if PRODUCTION else "sessionid"
CSRF_COOKIE_NAME = "__Host-csrftoken" if PRODUCTION else "csrftoken"
LANGUAGE_COOKIE_AGE = 365 * 24 * 60 * 60
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = PRODUCTION
CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "westum.errors.csrf_failure"

# Headers
SECURE_SSL_REDIRECT = PRODUCTION
SECURE_REDIRECT_EXEMPT = [r"^health/$"]  # the container's own health check speaks plain HTTP
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PRODUCTION else None
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = PRODUCTION
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "object-src": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
}

# Words, dates, money
LANGUAGE_CODE = os.environ.get("WESTUM_LANGUAGE") or "sv"  # for whoever's browser asks for neither
LANGUAGES = [("sv", _("Swedish")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "westum" / "locale"]
TIME_ZONE = "Europe/Stockholm"
USE_TZ = True

LOGGING = logs.settings(as_json=PRODUCTION, level="INFO" if PRODUCTION else "WARNING")

# Files
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles" if PRODUCTION else None  # elsewhere they are served from where they lie
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not PRODUCTION
MEDIA_ROOT = DATA / "files"
FIXTURE_DIRS = [BASE_DIR / "fixtures"]
UPLOAD_LIMIT = 20 * 1024 * 1024  # bytes of one uploaded file
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_PERMISSIONS = 0o600

# Mail
MAIL_FROM = os.environ.get("WESTUM_MAIL_FROM", "westum@localhost")
DEFAULT_FROM_EMAIL = SERVER_EMAIL = MAIL_FROM
if PRODUCTION:
    _mail = urlsplit(required("WESTUM_MAIL_URL"))  # smtp://user:password@host:587
    MAILERS = {
        "default": {
            "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "OPTIONS": {
                "host": _mail.hostname,
                "port": _mail.port or 587,
                "username": unquote(_mail.username or ""),
                "password": unquote(_mail.password or ""),
                "use_tls": _mail.scheme == "smtp" and bool(_mail.username),
                "timeout": 10,
            },
        }
    }
else:
    MAILERS = {
        "default": {
            "BACKEND": "django.core.mail.backends.filebased.EmailBackend",
            "OPTIONS": {"file_path": DATA / "mail"},
        }
    }
SITE_URL = os.environ.get("WESTUM_URL") or (f"https://{ALLOWED_HOSTS[0]}" if PRODUCTION else "http://localhost:8000")

# Background work: the database is the ledger, the broker only a bell (QUALITY: nothing is lost when it forgets).
HARD_LIMIT = int(os.environ.get("WESTUM_HARD_LIMIT", "300"))  # seconds one job may take
CELERY_TASK_TIME_LIMIT = HARD_LIMIT
CELERY_TASK_SOFT_TIME_LIMIT = HARD_LIMIT - HARD_LIMIT // 10
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = "json"
CELERY_TIMEZONE = TIME_ZONE
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 10
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_PUBLISH_RETRY = False  # a page does not wait for a bell; the sweep rings again
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA / "beat")
CELERY_BEAT_SCHEDULE = {
    "sweep": {"task": "westum.base.tasks.sweep", "schedule": 20},
    "beat": {"task": "westum.base.tasks.beat", "schedule": 20},
    "tidy": {"task": "westum.base.tasks.tidy", "schedule": 3600},
    "milestones": {"task": "consortium.tasks.remind_of_milestones", "schedule": 3600},
    "dates": {"task": "mobilities.tasks.follow_the_calendar", "schedule": 600},
}
if REDIS_URL:
    CELERY_BROKER_URL = REDIS_URL
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "visibility_timeout": HARD_LIMIT * 2,
        "socket_timeout": 2,
        "socket_connect_timeout": 2,
        "max_retries": 0,  # kombu would try for six seconds while a page waits; worker and beat have retries of their own
        "unacked_restore_interval": 1,
        "unacked_restore_throttle": 1,
    }
else:
    QUEUE = DATA / "queue"
    CELERY_BROKER_URL = "filesystem://"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(QUEUE),
        "data_folder_out": str(QUEUE),
        "control_folder": str(QUEUE / "control"),
        "store_processed": False,
        "polling_interval": 0.2,
    }

SIMPLE_HISTORY_HISTORY_ID_USE_UUID = False
SIMPLE_HISTORY_ENABLED = True
SILENCED_SYSTEM_CHECKS = []
