"""What production's settings refuse and what Django says of them."""

import subprocess
import sys

import pytest

from tests import services
from westum.base.models import Installation
from westum.start import ROOT

REQUIRED = [
    "WESTUM_DATABASE_URL", "WESTUM_REDIS_URL", "WESTUM_SECRET_KEY", "WESTUM_HOSTS", "WESTUM_MAIL_URL",
]  # fmt: skip


def run(*command, **environment):
    return subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60
    )


@pytest.mark.databases("sqlite")
def test_check_deploy_finds_nothing():
    done = run("manage.py", "check", "--deploy", "--fail-level", "WARNING", **services.production())
    assert (done.returncode, done.stderr) == (0, ""), done.stderr


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("name", REQUIRED)
def test_what_is_missing_stops_the_start_and_is_named(name):
    done = run("manage.py", "check", **services.production(**{name: ""}))
    assert done.returncode == 1
    assert done.stderr == f"Set {name}: production does not start without it. docs/deploy.md says how.\n"


@pytest.mark.databases("postgresql")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "command",
    [
        ("-c", "import westum.wsgi"),
        ("-m", "celery", "-A", "westum", "worker", "--pool", "solo"),
        ("-m", "celery", "-A", "westum", "beat", "--schedule", "/tmp/never-written"),  # noqa: S108
        ("manage.py", "check", "--database", "default"),
    ],
)
def test_production_refuses_a_demonstrations_database(command):
    Installation.objects.create(is_demo=True)
    done = run(*command, **services.production())
    assert done.returncode != 0
    assert "This database was made by `manage.py demo` and holds invented people" in done.stderr
