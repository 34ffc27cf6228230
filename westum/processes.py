"""The processes of a demonstration: a web server and one worker with beat, kept alive together and ended together.

Standard library only, but for `prepare`. `python -m westum.processes` is the guard (see `Guard`).
"""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import threading
import time

PATIENCE = 10  # seconds between asking a process to end and ending it
POLL = 0.2
TOO_OFTEN = (5, 60)  # a process that ends so many times within so many seconds will not get better


class Process:
    """One program in a session of its own, so that a Ctrl-C in the terminal reaches us alone."""

    def __init__(self, name, command, *, before_restart=None):
        self.name, self.command, self.before_restart = name, command, before_restart
        self.child, self.ends = None, []

    def start(self):
        self.child = subprocess.Popen(
            self.command, start_new_session=True, stdin=subprocess.DEVNULL, preexec_fn=_end_with_parent()
        )

    def has_ended(self):
        return self.child.poll() is not None

    def ask_to_end(self):
        if not self.has_ended():
            self.child.terminate()  # TERM: on INT a Celery worker ends with an error

    def end(self, by):
        """Wait until the moment `by`, then kill; the processes that it has started too."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.child.wait(max(0, by - time.monotonic()))
        kill_group(self.child.pid)
        self.child.wait()

    def ends_too_often(self):
        """Note an end; whether it was one too many."""
        times, seconds = TOO_OFTEN
        now = time.monotonic()
        self.ends = [*(end for end in self.ends if now - end < seconds), now]
        return len(self.ends) >= times


class Guard:
    """A small process that outlives us: when our end of its pipe closes, it ends whoever we left behind.

    Linux tells children of their parent's death, other systems do not; and neither tells grandchildren.
    """

    def __init__(self):
        self.child = subprocess.Popen(
            [sys.executable, "-m", "westum.processes", str(PATIENCE)],
            stdin=subprocess.PIPE, start_new_session=True, text=True,
        )  # fmt: skip

    def tell(self, sign, pid):
        with contextlib.suppress(BrokenPipeError):
            print(f"{sign}{pid}", file=self.child.stdin, flush=True)

    def leave(self):
        with contextlib.suppress(BrokenPipeError):
            self.child.stdin.close()
        self.child.wait()


def watch(lines, patience):
    """The guard's work: read who starts (+pid) and who has ended (-pid); at the end of input end the rest.

    They have `patience` seconds to end by themselves.
    """
    alive = set()
    for line in lines:
        (alive.add if line[0] == "+" else alive.discard)(int(line[1:]))
    for pid in alive:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
    until = time.monotonic() + patience
    while time.monotonic() < until and any(map(group_exists, alive)):
        time.sleep(POLL)
    for pid in alive:
        kill_group(pid)


def group_exists(pid):
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, 0)
        return True
    return False


def kill_group(pid):
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def _end_with_parent():
    """What a child runs first on Linux: it asks for TERM when its parent dies (PR_SET_PDEATHSIG is 1)."""
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None)
    return lambda: libc.prctl(1, int(signal.SIGTERM))


def keep_alive(processes, *, on_start, until):
    """Start the processes in order, start again whoever ends, and end all when the event `until` is set.

    `on_start` is called once they run. Returns the exit status: 0, or 1 when one of them would not stay.
    """
    guard = Guard()

    def start(process):
        process.start()
        guard.tell("+", process.child.pid)

    started = []
    try:
        for process in processes:
            start(process)
            started.append(process)
        threading.Thread(target=on_start, daemon=True).start()
        while not until.wait(POLL):
            for process in filter(Process.has_ended, processes):
                kill_group(process.child.pid)  # what it started died with it, or dies now
                guard.tell("-", process.child.pid)
                if process.ends_too_often():
                    print(f"The {process.name} ends again and again: stopping.", file=sys.stderr, flush=True)
                    return 1
                print(f"The {process.name} has ended ({process.child.returncode}): starting it again.", flush=True)
                if process.before_restart:
                    process.before_restart()
                start(process)
    finally:
        for process in started:
            process.ask_to_end()
        by = time.monotonic() + PATIENCE
        for process in started:
            process.end(by)
            guard.tell("-", process.child.pid)
        guard.leave()
    return 0


def demo(port):
    """Prepare the installation that the environment names, and run it until a signal says stop."""
    people = prepare()
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stopping.set())
    web = [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)),
        *("--workers", "1", "--blocking-threads", "4", "--no-ws", "--log-level", "warning"),
        *("--workers-kill-timeout", "5", "westum.wsgi:application"),
    ]
    worker = [
        # Its sermon about root is for workers that accept more than JSON.
        *(sys.executable, "-W", "ignore:You're running the worker with superuser privileges", "-m", "celery", "-q"),
        *("-A", "westum", "worker", "-P", "prefork", "-c", "1", "-B"),
        *("--without-gossip", "--without-mingle", "--without-heartbeat", "-l", "warning"),
    ]
    processes = [Process("worker", worker, before_restart=recover), Process("web server", web)]
    status = keep_alive(processes, on_start=lambda: announce(port, people, stopping), until=stopping)
    print("Westum has stopped.", flush=True)
    return status


def prepare():
    """Database, reference data and invented people; then the jobs that the last end interrupted.

    Returns who logs in as what: role → e-mail address.
    """
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connections

    from westum.base.models import Installation
    from westum.demo import ROLES

    print(f"Preparing the demonstration in {settings.DATA} …", flush=True)
    call_command("migrate", verbosity=0, interactive=False)
    Installation.objects.get_or_create(pk=1, defaults={"is_demo": True})
    call_command("load_demo")
    settings.QUEUE.joinpath("control").mkdir(parents=True, exist_ok=True)
    recover()
    connections.close_all()
    return ROLES


def recover():
    """Before a worker starts: what ran in the last one is queued again."""
    from django.db import connections

    from westum.base import jobs

    jobs.recover()
    connections.close_all()


def announce(port, people, stopping):
    """Say where it is, once it answers."""
    while not stopping.wait(POLL):
        with socket.socket() as caller:
            if caller.connect_ex(("127.0.0.1", port)) == 0:
                break
    else:
        return
    print(f"\nWestum is running: http://localhost:{port}/")
    print("Log in with the buttons of the log-in page, or by e-mail and code (the mails are at /demo/mail/):")
    for role, address in people.items():
        print(f"  {role:<14}{address}")
    print("Everybody in it is invented. Ctrl-C stops it.", flush=True)


if __name__ == "__main__":
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # it ends when its input does
    watch(sys.stdin, float(sys.argv[1]))
