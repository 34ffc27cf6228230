"""What holds for every test: which database it is for, and that nothing is skipped where everything is installed."""

import os

import pytest
from xdist.scheduler import LoadScopeScheduling

from tests import services

pytest_plugins = ["tests.cast"]
CI = os.environ.get("CI", "").lower() in {"1", "true"}
ELSEWHERE = pytest.StashKey[list]()


def pytest_addoption(parser):
    parser.addoption("--browser-all", action="store_true", help="axe on every page in all eight combinations")


def pytest_configure(config):
    config.stash[ELSEWHERE] = []
    for name in ("sqlite", "postgresql"):
        config.addinivalue_line("markers", f"only_{name}: set by us on tests whose `databases` are {name} alone")


@pytest.hookimpl(tryfirst=True)  # before -m chooses, so that it can ask for only_sqlite
def pytest_collection_modifyitems(config, items):
    here, elsewhere = [], []
    for item in items:
        mark = item.get_closest_marker("databases")
        names = set(mark.args) if mark else {"sqlite", "postgresql"}
        if len(names) == 1:
            item.add_marker(f"only_{min(names)}")
        (here if services.database() in names else elsewhere).append(item)
    items[:] = here
    config.stash[ELSEWHERE] = sorted({item.nodeid for item in elsewhere})
    config.hook.pytest_deselected(items=elsewhere)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    return _no_skips(report)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    report = yield
    return _no_skips(report)


def _no_skips(report):
    """Where CI says that all is installed, a skipped test is one that did not run, and so it has failed."""
    if CI and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, and under CI nothing may be: {report.longrepr}"
    return report


def pytest_sessionfinish(session):
    if hasattr(session.config, "workeroutput"):  # a worker of xdist, which alone has collected
        session.config.workeroutput["elsewhere"] = session.config.stash[ELSEWHERE]


class TogetherByRole(LoadScopeScheduling):
    """Each test by itself, but those of the browser that are called [coordinator] in one process, [contact] in one, and so on."""

    def _split_scope(self, nodeid):
        test, _, role = nodeid.removesuffix("]").partition("[")
        return role if test.startswith("tests/browser/") and role.isalpha() else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """For `--dist loadgroup`: xdist finds its groups by marks in the names of tests, where pytest 9.2 does not let it put them."""
    return TogetherByRole(config, log) if config.getvalue("dist") == "loadgroup" else None


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node):
    node.config.stash[ELSEWHERE] = getattr(node, "workeroutput", {}).get("elsewhere", [])


def pytest_terminal_summary(terminalreporter, config):
    terminalreporter.section(f"database: {services.database()}")
    if config.stash[ELSEWHERE]:
        terminalreporter.write_line("Tests for the other database alone, left to its run:")
        for nodeid in config.stash[ELSEWHERE]:
            terminalreporter.write_line(f"  {nodeid}")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(request):
    """Each xdist worker has a data folder, so an SQLite file, of its own; a PostgreSQL database needs its own name."""
    if services.database() == "postgresql":
        request.getfixturevalue("django_db_modify_db_settings_parallel_suffix")
