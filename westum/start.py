"""How every command of manage.py starts: in our own `.venv`, which is built first where it is missing or stale.

Standard library only, and nothing of Django until the environment is there. Production (`WESTUM_PRODUCTION=1`) runs in
the Python that calls it, which its image has filled.
"""

import argparse
import contextlib
import errno
import fcntl
import hashlib
import importlib.util
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
LOCK = ROOT / "requirements.txt"
PANGO = ("libpango-1.0-0", "libpangoft2-1.0-0")  # as Debian and Ubuntu call them
# What a demonstration keeps in its folder; --reset removes these and nothing else.
DEMO_KEEPS = ("westum.sqlite3*", "files", "queue", "cache", "mail", "beat*", "secret", "demo")


class Refusal(Exception):
    """Why it does not start, in a sentence for the person at the keyboard."""


def main(argv):
    """The exit status of `manage.py …`, or the sentence that says why it did not start."""
    command, args = (argv[1] if len(argv) > 1 else "help"), argv[2:]
    own = {"demo": demo, "test": test, "lock": lock}
    try:
        if os.environ.get("WESTUM_PRODUCTION") != "1":
            enter_environment(argv)
        if command in own:
            return own[command](args)
    except Refusal as reason:
        return str(reason)
    except KeyboardInterrupt:
        return "Stopped before it was ready."
    if command == "help" and not args:
        print("Westum's own commands beside the following: demo, test, lock (`manage.py demo --help`)\n")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "westum.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        return execute_from_command_line(argv)
    except ImproperlyConfigured as reason:
        return str(reason)


# The environment


def enter_environment(argv):
    """Return when this process runs in an up-to-date `.venv`; otherwise build it and start again inside."""
    if Path(sys.prefix) == VENV and is_current(VENV, LOCK):
        return
    if not is_current(VENV, LOCK):
        build(VENV, LOCK)
    python = str(VENV / "bin" / "python")
    os.execv(python, [python, str(ROOT / "manage.py"), *argv[1:]])


def is_current(venv, lock_file):
    """Whether the environment was built to its end from this lock, and its Python still runs."""
    try:
        stamp = (venv / "westum-lock").read_text()
    except OSError:
        return False
    return stamp == _stamp(venv, lock_file)


def _stamp(venv, lock_file):
    """What the environment's stamp must say: the lock's hash and the version of the environment's own Python."""
    version = subprocess.run([venv / "bin" / "python", "-V"], capture_output=True, text=True, check=False).stdout
    return f"{hashlib.sha256(lock_file.read_bytes()).hexdigest()} {'.'.join(version.split('.')[:2])}\n"


def build(venv, lock_file):
    """Build the environment anew. The stamp comes last, so that an interrupted build is not taken for a whole one."""
    if importlib.util.find_spec("ensurepip") is None:
        raise Refusal("This Python cannot make a virtual environment: install the package python3-venv and try again.")
    with lock_file.open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)  # a second command waits here for the first one's build
        if is_current(venv, lock_file):
            return
        started = time.monotonic()
        print(f"Installing Westum's Python packages into {venv.name} (once, about a minute) …", flush=True)
        # Inside a stale .venv it is the Python below that builds the new one.
        python = getattr(sys, "_base_executable", sys.executable)
        try:
            venv.mkdir(exist_ok=True)  # a read-only folder is found out here, and said in a sentence
            (venv / "westum-lock").unlink(missing_ok=True)
            _run([python, "-m", "venv", "--clear", venv])
            pip = [venv / "bin" / "python", "-m", "pip", "--disable-pip-version-check", "--no-input"]
            _run([*pip, "install", "--quiet", "--no-deps", "--require-hashes", "-r", lock_file])
            (venv / "westum-lock").write_text(_stamp(venv, lock_file))
        except OSError as fault:
            raise Refusal(f"{venv} cannot be written: {fault.strerror}.") from None
        print(f"Installed in {time.monotonic() - started:.0f} s.", flush=True)


def _run(command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        last = "\n".join(done.stdout.strip().splitlines()[-8:])
        raise Refusal(f"{last}\n`{' '.join(map(str, command))}` failed: the packages were not installed.")


def lock(args):
    """Write requirements.txt anew from pyproject.toml: exact versions and hashes for every system, no addresses.

    Needs uv. It works on a copy without [tool.uv], which otherwise keeps uv away from this project.
    """
    if not shutil.which("uv"):
        raise Refusal("Making the lock needs uv: https://docs.astral.sh/uv/")
    project = (ROOT / "pyproject.toml").read_text()
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "pyproject.toml")
        copy.write_text(project.replace("[tool.uv]\nmanaged = false\n", ""))
        command = ["uv", "pip", "compile", "pyproject.toml", "--group", "dev", "--universal", "--generate-hashes"]
        command += ["--python-version", "3.12", "--no-emit-index-url", "--no-header", "--output-file", LOCK, *args]
        return subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, check=False).returncode


# The library that makes papers


def has_pango():
    """Whether WeasyPrint finds its libraries; asked in a process of its own, for the answer can be a crash."""
    return subprocess.run([sys.executable, "-c", "import weasyprint"], capture_output=True, check=False).returncode == 0


def provide_pango():
    """Install Pango where we may; otherwise say what to install. All but PDFs works without it."""
    if has_pango():
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print("Installing Pango, which makes the PDFs …", flush=True)
        install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *PANGO]
        for command in (install, ["apt-get", "update", "-qq"], install):
            quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
            done = subprocess.run(command, env=quiet, capture_output=True, check=False)
            if command is install and done.returncode == 0 and has_pango():
                return
    print(
        "PDFs cannot be made until the library Pango is installed; everything else works."
        f" Debian and Ubuntu: sudo apt-get install {' '.join(PANGO)}   macOS: brew install pango",
        flush=True,
    )


# The tests


def test(args):
    """pytest under tests.settings, on both cores when the whole suite is asked for."""
    provide_pango()
    names_tests = any(Path(arg.partition("::")[0]).exists() for arg in args)
    if not names_tests and not any(arg.startswith(("-n", "--numprocesses", "--pdb")) for arg in args):
        args = ["-n", "auto", "--dist", "worksteal", *args]
    os.chdir(ROOT)
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    os.execv(sys.executable, [sys.executable, "-m", "pytest", *args])


# The demonstration


def demo(args):
    """Start Westum with invented people on this machine, for this machine alone, until Ctrl-C."""
    parser = argparse.ArgumentParser(prog="manage.py demo", description=demo.__doc__)
    parser.add_argument("--port", type=int, default=8000, help="where the browser finds it (8000)")
    parser.add_argument("--data", metavar="DIR", help="folder of database, files and queue (data, or WESTUM_DATA)")
    parser.add_argument("--reset", action="store_true", help="begin again: remove what the demonstration has kept")
    parser.add_argument("--language", choices=("sv", "en"), help="when the browser asks for neither (sv)")
    options = parser.parse_args(args)
    data = Path(options.data or os.environ.get("WESTUM_DATA") or ROOT / "data").resolve()
    refuse_port(options.port)
    held = hold(data)
    if options.reset:
        reset(data)
    refuse_foreign(data)
    (data / "demo").touch()
    # A demonstration never touches the database that production's variables name.
    for name in ("WESTUM_PRODUCTION", "WESTUM_DATABASE_URL", "WESTUM_REDIS_URL"):
        os.environ.pop(name, None)
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "westum.settings",
        "WESTUM_DATA": str(data),
        "WESTUM_URL": f"http://localhost:{options.port}",
    }
    if options.language:
        os.environ["WESTUM_LANGUAGE"] = options.language
    provide_pango()
    from westum import processes

    with held:
        return processes.demo(options.port)


def refuse_port(port):
    """Raise a Refusal unless we could listen there."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a page that has just closed is nobody
        try:
            listener.bind(("127.0.0.1", port))
        except OverflowError:
            raise Refusal(f"{port} is no port: choose one from 1024 to 65535.") from None
        except OSError as fault:
            why = "is used by another program" if fault.errno == errno.EADDRINUSE else f"is not ours ({fault.strerror})"
            raise Refusal(f"Port {port} {why}. Choose another: python3 manage.py demo --port 8123") from None


def hold(data):
    """The open file whose lock says that a demonstration runs on this folder; it ends with the process."""
    try:
        data.mkdir(parents=True, exist_ok=True)
        held = (data / "running").open("w")
    except OSError as fault:
        raise Refusal(f"The folder {data} cannot be written ({fault.strerror}). Choose another with --data.") from None
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        held.close()
        raise Refusal(f"A demonstration runs on {data} already. Choose another folder with --data.") from None
    return held


def refuse_foreign(data):
    """Raise a Refusal when the folder holds an installation that `demo` did not make: invented people have no place."""
    if (data / "westum.sqlite3").exists() and not (data / "demo").exists():
        raise Refusal(f"{data} holds an installation that is no demonstration. Choose another folder with --data.")


def reset(data):
    """Remove what a demonstration has kept, and only that."""
    refuse_foreign(data)
    for path in (path for pattern in DEMO_KEEPS for path in data.glob(pattern)):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            with contextlib.suppress(FileNotFoundError):
                path.unlink()
