"""westum.settings for tests: each process has a data folder of its own, and nothing leaves it."""

import os

from tests import services

services.prepare()
from westum.settings import *  # noqa: E402, F403

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):  # noqa: F405
    # A real file where the processes that a test starts look for it: they work on the same rows.
    DATABASES["default"]["TEST"] = {"NAME": str(DATABASES["default"]["NAME"])}  # noqa: F405
    DATABASES["default"]["OPTIONS"]["init_command"] = "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;"  # noqa: F405
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
MAILERS = {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}  # noqa: F405
WHITENOISE_AUTOREFRESH = True  # static files are looked up when asked for: each test client would list them all anew
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # Playwright runs a loop of its own in the tests' thread
SECOND_FACTOR_REQUIRED = False  # tests/westum/test_second_factor.py and tests/access/test_second_factor.py ask for it
