"""The databases and brokers of a test run: private ones, started for it and gone with it.

`WESTUM_TEST_DATABASE` says which: `sqlite` (the default) needs nothing, `postgresql` starts PostgreSQL and Redis.
The first process that reads the settings starts them; the workers of pytest-xdist are its children and find their
addresses in `WESTUM_TEST_SERVICES`.
"""

import atexit
import contextlib
import ctypes
import glob
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

STARTING = 60  # seconds that a service may take


class Missing(Exception):
    """A program that the chosen tests need is not on this machine."""


def database():
    """The name of the database that this run is on."""
    name = os.environ.get("WESTUM_TEST_DATABASE") or "sqlite"
    if name not in {"sqlite", "postgresql"}:
        raise Missing(f"WESTUM_TEST_DATABASE is sqlite or postgresql, not {name!r}.")
    return name


def prepare():
    """Set the environment from which westum.settings are read; called before they are."""
    data = tempfile.mkdtemp(prefix="westum-test-")
    atexit.register(shutil.rmtree, data, ignore_errors=True)
    for name in [name for name in os.environ if name.startswith("WESTUM_") and not name.startswith("WESTUM_TEST_")]:
        del os.environ[name]
    os.environ["WESTUM_DATA"] = data
    Path(data, "queue", "control").mkdir(parents=True)
    if database() == "postgresql":
        if "WESTUM_TEST_SERVICES" not in os.environ:
            os.environ["WESTUM_TEST_SERVICES"] = f"{start_postgresql()} {start_redis()}"
        postgresql, redis = os.environ["WESTUM_TEST_SERVICES"].split()
        os.environ["WESTUM_DATABASE_URL"] = postgresql
        # One Redis database for each xdist worker, so that no bell rings in another one's house.
        os.environ["WESTUM_REDIS_URL"] = f"{redis}/{os.environ.get('PYTEST_XDIST_WORKER', 'gw0')[2:]}"


def environment(**more):
    """The environment of a real process that works on this test's database, files and queue.

    Rows must be committed to be seen there: mark the test `django_db(transaction=True)`.
    """
    from django.conf import settings
    from django.db import connection

    house = {name: value for name, value in os.environ.items() if not name.startswith(("WESTUM_", "DJANGO_"))}
    house |= {"DJANGO_SETTINGS_MODULE": "westum.settings", "WESTUM_DATA": str(settings.DATA)}
    if connection.vendor == "postgresql":
        server = os.environ["WESTUM_DATABASE_URL"].rpartition("/")[0]
        house["WESTUM_DATABASE_URL"] = f"{server}/{connection.settings_dict['NAME']}"
        house["WESTUM_REDIS_URL"] = os.environ["WESTUM_REDIS_URL"]
    return house | more


def production(**more):
    """The same as production sets it: PostgreSQL, Redis, and each of the required names."""
    names = {
        "WESTUM_PRODUCTION": "1",
        "WESTUM_SECRET_KEY": secrets.token_urlsafe(50),
        "WESTUM_HOSTS": "westum.example.org",
        "WESTUM_MAIL_URL": "smtp://127.0.0.1:1",
        "WESTUM_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing",
        "WESTUM_REDIS_URL": "redis://127.0.0.1:1/0",
    }
    return names | environment(**more)


def free_port():
    """A port on which nobody listened a moment ago."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def start_postgresql():
    """The address of a new PostgreSQL server with Swedish order, without the care for power cuts that makes it slow."""
    initdb = _program("initdb", "postgresql", *sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=_version))
    folder = Path(tempfile.mkdtemp(prefix="westum-postgresql-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    # The server refuses to run as root.
    person = {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}
    if person:
        shutil.chown(folder, "nobody", "nogroup")
    password, port = secrets.token_hex(16), free_port()
    password_file = folder / "password"
    password_file.write_text(password)
    password_file.chmod(0o644)  # in a folder that only the server's user can enter
    subprocess.run(
        [
            *(initdb, "--pgdata", folder / "data", "--username", "westum", "--pwfile", password_file, "--no-sync"),
            *("--auth", "scram-sha-256", "--encoding", "UTF8", "--locale-provider", "icu", "--icu-locale", "sv-SE"),
            *("--locale", "C.UTF-8", "--no-instructions"),
        ],
        check=True, stdout=subprocess.DEVNULL, cwd=folder, **person,
    )  # fmt: skip
    settings = {
        "port": port, "listen_addresses": "127.0.0.1", "unix_socket_directories": "", "fsync": "off",
        "synchronous_commit": "off", "full_page_writes": "off", "max_connections": 200,
    }  # fmt: skip
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    with (folder / "log").open("wb") as log:
        server = start(
            [Path(initdb).with_name("postgres"), "-D", folder / "data", *options],
            ending=signal.SIGINT, stdout=log, stderr=log, cwd=folder, **person,
        )  # fmt: skip
    url = f"postgresql://westum:{password}@127.0.0.1:{port}/postgres"
    _wait_for(lambda: _answers_postgresql(url), server, folder / "log")
    return url


def start_redis():
    """The address of a new Redis that keeps nothing on disk."""
    program = _program("redis-server", "redis-server")
    folder = Path(tempfile.mkdtemp(prefix="westum-redis-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    port = free_port()
    with (folder / "log").open("wb") as log:
        server = start(
            [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder, "--databases", "64"],
            stdout=log, stderr=log,
        )  # fmt: skip
    _wait_for(lambda: _listens(port), server, folder / "log")
    return f"redis://127.0.0.1:{port}"


def start(command, *, ending=signal.SIGTERM, **options):
    """Start a process in a session of its own; it ends with us, whatever happens to us."""
    process = subprocess.Popen(
        command, start_new_session=True, stdin=subprocess.DEVNULL, preexec_fn=_end_with_parent(ending), **options
    )
    atexit.register(stop, process, ending)
    return process


def stop(process, ending=signal.SIGTERM, patience=10):
    """End the process and all that it started: asked first, killed after `patience` seconds."""
    if process.poll() is None:
        process.send_signal(ending)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(patience)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _end_with_parent(ending):
    """What a child runs first on Linux: it asks for a signal when its parent dies (PR_SET_PDEATHSIG is 1)."""
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None)
    return lambda: libc.prctl(1, int(ending))


def _program(name, package, *folders):
    places = os.pathsep.join([*reversed(folders), os.environ.get("PATH", "")])
    found = shutil.which(name, path=places)
    if not found:
        raise Missing(f"{name} is not installed. On Debian and Ubuntu: apt-get install {package}")
    return found


def _version(folder):
    return float(Path(folder).parent.name)


def _answers_postgresql(url):
    import psycopg

    with contextlib.suppress(psycopg.OperationalError):
        psycopg.connect(url, connect_timeout=2).close()
        return True
    return False


def _listens(port):
    with socket.socket() as caller:
        return caller.connect_ex(("127.0.0.1", port)) == 0


def _wait_for(ready, process, log):
    until = time.monotonic() + STARTING
    while not ready():
        if process.poll() is not None or time.monotonic() > until:
            raise Missing(f"{process.args[0]} did not start:\n{log.read_text()[-2000:]}")
        time.sleep(0.05)
