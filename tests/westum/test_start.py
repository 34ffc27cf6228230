"""manage.py and what it starts, with real processes: refusals, the environment, the demonstration's children."""

import ast
import os
import shutil
import signal
import socket
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from westum import processes, start

pytestmark = pytest.mark.databases("sqlite")  # the embedded installation's start

ROOT = Path(start.ROOT)
PROBLEM = 1  # exit status beside a sentence


def manage(*args, python=sys.executable, folder=ROOT, **environment):
    house = {name: value for name, value in os.environ.items() if not name.startswith(("WESTUM_", "DJANGO_"))}
    return subprocess.run(
        [python, folder / "manage.py", *args], capture_output=True, text=True, timeout=60, env=house | environment
    )


def assert_one_sentence(done, sentence):
    assert (done.returncode, done.stdout, done.stderr) == (PROBLEM, "", sentence + "\n")


# Python


def pretend_python_3_8(folder, path):
    """Run a copy of manage.py in this Python, which says that it is 3.8, with only `path` to look for others."""
    shutil.copy(ROOT / "manage.py", folder)
    code = (
        "import runpy, sys; sys.version_info = (3, 8, 0, 'final', 0); runpy.run_path(sys.argv[1], run_name='__main__')"
    )
    command = [sys.executable, "-c", code, str(folder / "manage.py")]
    return subprocess.run(command, capture_output=True, text=True, env={"PATH": str(path)}, timeout=60)


def test_manage_py_is_readable_by_any_python_3():
    source = (ROOT / "manage.py").read_text()
    tree = ast.parse(source)
    newer = (ast.JoinedStr, ast.NamedExpr, ast.AnnAssign, ast.Match, ast.AsyncFunctionDef, ast.Starred)
    assert [node for node in ast.walk(tree) if isinstance(node, newer)] == []
    assert source.isascii()


def test_an_old_python_gets_one_sentence(tmp_path):
    assert_one_sentence(
        pretend_python_3_8(tmp_path, tmp_path),
        "Westum needs Python 3.12 or newer, and this is Python 3.8. Install a newer one, or use uv: uv run manage.py demo",
    )


def test_an_old_python_looks_for_a_newer_one_that_really_runs(tmp_path):
    places = tmp_path / "bin"
    places.mkdir()
    shim = places / "python3.14"  # as pyenv leaves them for versions that are not chosen
    shim.write_text("#!/bin/sh\necho 'pyenv: python3.14: command not found' >&2\nexit 127\n")
    shim.chmod(0o755)
    found = places / "python3.12"
    found.write_text(f'#!/bin/sh\n[ "$1" = -c ] && exec {sys.executable} "$@"\necho "started $1"\n')
    found.chmod(0o755)
    done = pretend_python_3_8(tmp_path, places)
    assert (done.stdout, done.stderr) == (f"started {tmp_path / 'manage.py'}\n", "")


# The environment


def test_the_environment_is_built_once_and_again_when_the_lock_changes(tmp_path, capsys):
    venv, lock_file = tmp_path / ".venv", tmp_path / "requirements.txt"
    lock_file.write_text("# no packages\n")
    (venv / "bin").mkdir(parents=True)  # an incomplete one is in the way
    assert not start.is_current(venv, lock_file)
    start.build(venv, lock_file)
    assert start.is_current(venv, lock_file)
    assert capsys.readouterr().out.count("\n") == 2
    start.build(venv, lock_file)  # as a second command that waited for the first
    assert capsys.readouterr().out == ""
    lock_file.write_text("# other packages\n")
    assert not start.is_current(venv, lock_file)
    lock_file.write_text("# no packages\n")
    (venv / "westum-lock").unlink()  # as an interrupted build leaves it
    assert not start.is_current(venv, lock_file)


def test_a_failed_installation_is_said_and_leaves_no_stamp(tmp_path):
    lock_file = tmp_path / "requirements.txt"
    lock_file.write_text("django==6.1.3\n")  # without its hash
    with pytest.raises(start.Refusal, match="the packages were not installed"):
        start.build(tmp_path / ".venv", lock_file)
    assert not start.is_current(tmp_path / ".venv", lock_file)


def test_a_project_folder_that_cannot_be_written_is_said(tmp_path):
    lock_file = tmp_path / "requirements.txt"
    lock_file.touch()
    with pytest.raises(start.Refusal, match=r"^/proc/\.venv cannot be written: "):
        start.build(Path("/proc/.venv"), lock_file)


def test_a_python_without_ensurepip_is_told_the_package(tmp_path, monkeypatch):
    monkeypatch.setattr(start.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(start.Refusal, match="install the package python3-venv"):
        start.build(tmp_path / ".venv", tmp_path / "requirements.txt")


def test_the_lock_names_exact_versions_with_hashes_and_no_address():
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    pins = [line for line in lines if line and not line.startswith((" ", "#"))]
    assert [line for line in pins if "==" not in line] == []
    assert sum(line.strip().startswith("--hash=sha256:") for line in lines) >= len(pins)
    assert not [line for line in lines if "://" in line or line.startswith("-")]


# Refusals of the demonstration


def test_demo_refuses_a_used_port_in_one_sentence(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        done = manage("demo", "--port", str(port), "--data", str(tmp_path))
    sentence = f"Port {port} is used by another program. Choose another: python3 manage.py demo --port 8123"
    assert_one_sentence(done, sentence)


@pytest.mark.parametrize("port", [-1, 70000])
def test_demo_refuses_what_is_no_port(port):
    with pytest.raises(start.Refusal, match="is no port"):
        start.refuse_port(port)


def test_demo_refuses_a_folder_that_it_cannot_write(tmp_path):
    (tmp_path / "file").touch()
    done = manage("demo", "--port", "0", "--data", str(tmp_path / "file" / "data"))
    folder = tmp_path / "file" / "data"
    assert_one_sentence(done, f"The folder {folder} cannot be written (Not a directory). Choose another with --data.")


@pytest.mark.parametrize("folder", ["/proc/westum", "/sys/westum"])
def test_demo_refuses_a_read_only_folder(folder):
    with pytest.raises(start.Refusal, match="cannot be written"):
        start.hold(Path(folder))


def test_demo_refuses_an_installation_that_it_did_not_make(tmp_path):
    (tmp_path / "westum.sqlite3").touch()
    for option in ([], ["--reset"]):
        done = manage("demo", "--port", "0", "--data", str(tmp_path), *option)
        assert_one_sentence(
            done, f"{tmp_path} holds an installation that is no demonstration. Choose another folder with --data."
        )
    assert (tmp_path / "westum.sqlite3").exists()


def test_two_demonstrations_do_not_share_a_folder(tmp_path):
    with start.hold(tmp_path), pytest.raises(start.Refusal, match="runs on .* already"):
        start.hold(tmp_path)
    start.hold(tmp_path).close()


def test_reset_removes_what_a_demonstration_keeps_and_nothing_else(tmp_path):
    for name in ("westum.sqlite3", "westum.sqlite3-wal", "demo", "secret", "beat", "letter-to-grandmother.odt"):
        (tmp_path / name).touch()
    for name in ("files", "queue", "mail", "cache", "pictures"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "content").touch()
    start.reset(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["letter-to-grandmother.odt", "pictures"]


# The demonstration's processes. Each "worker" here starts a child of its own, as a prefork worker does.

WORKER = """
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1000)"])
with open(sys.argv[1], "a") as pids:
    print(os.getpid(), child.pid, sys.argv[2], file=pids)
time.sleep(1000)
"""
DRIVER = """
import signal, sys, threading
from westum import processes
processes.PATIENCE = 1
stopping = threading.Event()
for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, lambda *_: stopping.set())
program = [sys.executable, "-c", sys.argv[2], sys.argv[1]]
programs = [
    processes.Process("worker", [*program, "worker"], before_restart=lambda: print("recovered", flush=True)),
    processes.Process("web server", [*program, "web"]),
]
sys.exit(processes.keep_alive(programs, on_start=lambda: print("ready", flush=True), until=stopping))
"""


@pytest.fixture
def house(tmp_path):
    """A running driver, and a function that lists what has started so far: (pid, its child's pid), the web last."""
    pids = tmp_path / "pids"
    pids.touch()
    driver = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(DRIVER), pids, WORKER],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=ROOT,
    )  # fmt: skip

    def pairs():
        lines = sorted((line.split() for line in pids.read_text().splitlines()), key=lambda words: words[2] == "web")
        return [(int(pid), int(child)) for pid, child, _name in lines]

    wait_until(lambda: len(pairs()) == 2)
    yield driver, pairs
    driver.kill()
    driver.communicate()
    for pid in (pid for pair in pairs() for pid in pair):
        processes.kill_group(pid)


def wait_until(condition, seconds=20):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not come true in time"
        time.sleep(0.05)


def lives(pid):
    """Whether the process runs; one that has ended and was not collected by its parent does not."""
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False


def none_lives(pairs):
    return not any(lives(pid) for pair in pairs() for pid in pair)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_leaves_no_process(house, number):
    driver, pairs = house
    assert all(lives(pid) for pair in pairs() for pid in pair)
    driver.send_signal(number)
    output, _ = driver.communicate(timeout=20)
    assert (driver.returncode, output) == (0, "ready\n")
    assert none_lives(pairs)


def test_a_worker_that_dies_is_started_again_after_its_jobs_are_recovered(house):
    driver, pairs = house
    worker, child = pairs()[0]
    os.kill(worker, signal.SIGKILL)
    wait_until(lambda: len(pairs()) == 3)
    assert not lives(child)
    driver.send_signal(signal.SIGTERM)
    output, _ = driver.communicate(timeout=20)
    assert output == "ready\nThe worker has ended (-9): starting it again.\nrecovered\n"
    assert none_lives(pairs)


def test_nobody_is_left_when_the_demonstration_itself_is_killed(house):
    driver, pairs = house
    driver.kill()
    wait_until(lambda: none_lives(pairs))


def test_a_program_that_always_ends_stops_the_demonstration(capfd):
    fails = processes.Process("worker", [sys.executable, "-c", "raise SystemExit(3)"])
    status = processes.keep_alive([fails], on_start=lambda: None, until=processes.threading.Event())
    assert status == 1
    assert capfd.readouterr().err == "The worker ends again and again: stopping.\n"
