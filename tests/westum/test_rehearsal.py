"""Production, rehearsed without Docker: every service of docker-compose.yml is started with its own command and
environment on the local PostgreSQL and Redis; the first coordinator comes in by the mailed invitation, logs in by the
mailed code, orders a report and reads the PDF.
"""

import fnmatch
import http.client
import json
import os
import re
import shutil
import smtplib
import socketserver
import subprocess
import sys
import threading
import time
from email import message_from_bytes, policy
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlencode, urljoin, urlsplit

import psycopg
import pytest
import yaml

from tests import factors, services
from westum.start import ROOT

pytestmark = [pytest.mark.faults, pytest.mark.databases("postgresql")]

HOST = "westum.example.org"
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
VARIABLE = re.compile(r"\$\{(?P<name>\w+)(:(?P<mark>[?-])(?P<rest>[^}]*))?\}")
PYTHON_SERVICES = ["web", "worker", "beat"]


class Unset(Exception):
    """What Compose says of a variable that it must have."""


def interpolate(value, variables):
    """Compose's ${NAME:?message} and ${NAME:-default} in a value of any shape."""
    if isinstance(value, dict):
        return {name: interpolate(part, variables) for name, part in value.items()}
    if isinstance(value, list):
        return [interpolate(part, variables) for part in value]

    def put(found):
        name, mark, rest = found["name"], found["mark"], found["rest"]
        if not variables.get(name) and mark == "?":
            raise Unset(f"{name}: {rest}")
        return variables.get(name) or (rest if mark == "-" else "")

    return VARIABLE.sub(put, str(value))


class MailSink(socketserver.ThreadingTCPServer):
    """A mail server that keeps what it gets."""

    daemon_threads = allow_reuse_address = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), MailTalk)
        self.mails = []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def wait_for(self, number):
        """The text of the mail with that number, the first being 1."""
        wait_until(lambda: len(self.mails) >= number, f"mail {number}")
        return self.mails[number - 1].get_body(("plain",)).get_content()


class MailTalk(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(b"220 sink\r\n")
        for line in self.rfile:
            word = line[:4].upper().strip()
            if word == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                lines = []
                while (part := self.rfile.readline()) != b".\r\n":
                    lines.append(part.removeprefix(b"."))
                self.server.mails.append(message_from_bytes(b"".join(lines), policy=policy.default))
            self.wfile.write(b"221 bye\r\n" if word == b"QUIT" else b"250 ok\r\n")
            if word == b"QUIT":
                return


class Forms(HTMLParser):
    """The forms of a page, each with its action and the values that it would send untouched."""

    def __init__(self, page):
        super().__init__()
        self.forms = []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag == "form":
            self.forms.append((given.get("action", ""), {}))
        elif self.forms and given.get("name"):
            values = self.forms[-1][1]
            if tag == "input" and (given.get("type") not in {"radio", "checkbox"} or "checked" in given):
                values[given["name"]] = given.get("value", "")
            elif tag == "select":
                values[given["name"]] = ""


class Visitor:
    """A browser behind the proxy that speaks TLS: it follows redirections, keeps cookies and sends forms."""

    def __init__(self, port):
        self.port, self.cookies, self.path = port, {}, "/"

    def request(self, method, path, body=None, content_type=None):
        headers = {
            "Host": HOST,
            "X-Forwarded-Proto": "https",
            "X-Forwarded-For": "192.0.2.7",
            "Referer": f"https://{HOST}{self.path}",
            "Accept": "text/html",
            "Accept-Language": "en",
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
        } | ({"Content-Type": content_type} if content_type else {})
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        response.body = response.read()
        connection.close()
        for cookie in response.headers.get_all("Set-Cookie", []):
            assert "; Secure" in cookie or "; Max-Age=0;" in cookie, cookie
            name, value = cookie.partition(";")[0].split("=", 1)
            self.cookies[name] = value
        self.path = path
        if response.status in {301, 302, 303}:
            where = urlsplit(urljoin(f"https://{HOST}{path}", response.headers["Location"]))
            assert where.netloc == HOST
            return self.request("GET", where.path + (f"?{where.query}" if where.query else ""))
        assert response.status == 200, (method, path, response.status, response.body[:2000].decode())
        return response

    def get(self, path):
        return self.request("GET", path)

    def send(self, page, *having, **values):
        """Send the one form of the page's own that has these fields, with these values."""
        everywhere = {"/language/", "/accounts/logout/"}  # on each page
        forms = [form for form in Forms(page.body.decode()).forms if form[0] not in everywhere]
        found = [(action, fields) for action, fields in forms if fields.keys() >= {*having}]
        assert len(found) == 1, (having, found)
        action, fields = found[0]
        target = urlsplit(urljoin(f"https://{HOST}{self.path}", action))
        body = urlencode(fields | values)
        return self.request("POST", target.path, body, "application/x-www-form-urlencoded")


def wait_until(condition, what, seconds=60):
    until = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < until, f"waited {seconds} s for {what}"
        time.sleep(0.2)
    return found


@pytest.fixture
def mails():
    with MailSink() as sink:
        yield sink
        sink.shutdown()


@pytest.fixture
def image(tmp_path):
    """What the Dockerfile's COPY takes, in a folder of its own, with the static files that its RUN collects."""
    ignored = (ROOT / ".dockerignore").read_text().split()
    app = tmp_path / "app"

    def leave_out(folder, names):
        top = Path(folder) == ROOT
        return [
            name
            for name in names
            if name == "__pycache__" or (top and any(fnmatch.fnmatch(name, part.rstrip("/")) for part in ignored))
        ]

    shutil.copytree(ROOT, app, ignore=leave_out)
    collect = re.search(r"^RUN (WESTUM_SECRET_KEY=build .*?[^\\])$", (ROOT / "Dockerfile").read_text(), re.M | re.S)[1]
    run(["sh", "-c", collect], cwd=app, env=basic_environment(tmp_path) | {"WESTUM_PRODUCTION": "1"})
    return app


def basic_environment(tmp_path):
    """What the image sets, and no more of ours than a path to this Python and its programs."""
    data = tmp_path / "data"
    data.mkdir(exist_ok=True)
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return {"PATH": path, "WESTUM_DATA": str(data), "HOME": str(tmp_path)}


def run(command, **options):
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, **options)
    assert done.returncode == 0, (command, done.stdout[-3000:], done.stderr[-3000:])
    return done.stdout


@pytest.fixture
def database():
    """An empty database on the run's server, as the postgres service would have: (address without name, password)."""
    server = os.environ["WESTUM_DATABASE_URL"].rpartition("/")[0]
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS westum")
        connection.execute("CREATE DATABASE westum")
        yield urlsplit(server)
        connection.execute("DROP DATABASE westum WITH (FORCE)")


@pytest.fixture
def production(database, mails, image, tmp_path):
    """Start every service in Compose's order; gives (port of the web, a function that runs a command in its place)."""
    port, redis_port = services.free_port(), services.free_port()
    variables = {
        "WESTUM_SECRET_KEY": "a" * 20 + os.urandom(24).hex(),
        "WESTUM_HOSTS": HOST,
        "WESTUM_MAIL_URL": f"smtp://127.0.0.1:{mails.server_address[1]}",
        "WESTUM_MAIL_FROM": f"westum@{HOST}",
        "POSTGRES_PASSWORD": database.password,
        "REDIS_PASSWORD": os.urandom(15).hex(),
    }
    compose = interpolate(COMPOSE, variables)
    here = {  # where Compose's own network and volumes are not
        "@postgres:5432/": f"@127.0.0.1:{database.port}/",
        "@redis:6379/": f"@127.0.0.1:{redis_port}/",
        "/data": str(tmp_path / "data"),
    }

    def environment(name):
        values = compose[name]["environment"]
        for there, ours in here.items():
            values = {key: value.replace(there, ours) for key, value in values.items()}
        return basic_environment(tmp_path) | values

    def inside(*command):
        return run(command, cwd=image, env=environment("web"))

    started = {}

    def start(name, command):
        env = environment(name) if name in PYTHON_SERVICES else None
        with (tmp_path / f"{name}.log").open("wb") as log:
            started[name] = services.start(command, cwd=image, env=env, stdout=log, stderr=log)

    start("redis", [*compose["redis"]["command"], "--port", str(redis_port), "--dir", str(tmp_path)])
    run(compose["migrate"]["command"], cwd=image, env=environment("migrate"))
    for name in PYTHON_SERVICES:
        start(name, [str(port) if word == "8000" else word for word in compose[name]["command"]])
    yield port, inside
    try:
        for name in reversed(PYTHON_SERVICES):
            assert started[name].poll() is None, (name, (tmp_path / f"{name}.log").read_text()[-3000:])
            started[name].terminate()
            assert started[name].wait(30) == 0, (name, (tmp_path / f"{name}.log").read_text()[-3000:])
    finally:
        for process in started.values():
            services.stop(process)
    for name in PYTHON_SERVICES:
        logged = (tmp_path / f"{name}.log").read_text()
        assert "@example.org" not in logged
        errors = [line for line in logged.splitlines() if '"level": "error"' in line]
        assert [line for line in errors if "Service Unavailable: /health/" not in line] == []  # asked while they start


def health(port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("GET", "/health/", headers={"Host": HOST})
        return json.load(connection.getresponse())
    except (ConnectionError, OSError):
        return {}
    finally:
        connection.close()


def test_production_as_docker_compose_starts_it(production, mails):
    port, inside = production
    wait_until(lambda: health(port).get("status") == "ok", "/health/ to be well")
    inside("python", "manage.py", "load_fixtures")
    inside("python", "manage.py", "invite", "sara@example.org", "--name", "Sara Exempelsson", "--language", "en")
    invitation = urlsplit(re.search(rf"https://{HOST}/\S+", mails.wait_for(1))[0])
    newcomer = Visitor(port)
    newcomer.send(newcomer.get(invitation.path))

    sara = Visitor(port)
    page = sara.send(sara.get("/accounts/login/"), "email", email="sara@example.org")
    code = re.search(r"^\s*([A-Z0-9]{3,4}-?[A-Z0-9]{3,4})\s*$", mails.wait_for(2), re.M)[1]
    sara.send(page, "code", code=code)
    assert sara.path == "/me/second-factor/?next=%2F"
    page = sara.get("/me/second-factor/app/")
    secret = re.search(r'<code class="secret">([A-Z2-7 ]+)</code>', page.body.decode())[1].replace(" ", "")
    sara.send(page, "code", code=factors.code(secret))
    assert sara.path == "/me/second-factor/codes/"
    assert {"__Host-sessionid", "__Host-csrftoken"} <= sara.cookies.keys()

    order = sara.get("/reports/new/")
    report = sara.send(order, "kind", "project", kind="participants", project="ka1-2015", language="en")
    where = sara.path
    assert re.fullmatch(r"/reports/\d+/", where)
    wait_until(lambda: b"/pdf/" in sara.get(where).body, "the report")
    paper = sara.get(f"{where}pdf/")
    assert paper.headers["Content-Type"] == "application/pdf"
    assert paper.body.startswith(b"%PDF-")
    assert len(paper.body) > 10_000
    assert report.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains; preload"


@pytest.mark.parametrize(
    "name",
    ["WESTUM_SECRET_KEY", "WESTUM_HOSTS", "WESTUM_MAIL_URL", "WESTUM_MAIL_FROM", "POSTGRES_PASSWORD", "REDIS_PASSWORD"],
)
def test_compose_names_the_secret_that_is_missing(name):
    whole = dict.fromkeys(re.findall(r"\$\{(\w+):\?", (ROOT / "docker-compose.yml").read_text()), "value")
    interpolate(COMPOSE, whole)
    with pytest.raises(Unset, match=f"{name}: set it in .env"):
        interpolate(COMPOSE, whole | {name: ""})


def test_the_image_runs_the_web_as_compose_does():
    command = re.search(r"^CMD (\[.*\])$", (ROOT / "Dockerfile").read_text(), re.M)[1]
    assert json.loads(command) == COMPOSE["web"]["command"]


def test_the_mail_sink_keeps_what_it_gets(mails):
    with smtplib.SMTP(*mails.server_address) as server:
        server.sendmail("a@example.org", ["b@example.org"], "Subject: x\r\n\r\nfirst\r\n..dots\r\n")
    assert mails.wait_for(1).splitlines() == ["first", "..dots"]
