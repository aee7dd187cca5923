"""Fixtures for everyone; servers are started once and only when a test needs them."""

import gc
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import servers
from tests.properties import try_few
from tests.servers import ROOT, RedisServer, find_free_port, postgres

pytest_plugins = ("tests.world", "tests.databases", "tests.stored", "tests.market")
"""A world whose source and clock a test holds in its hands; both databases; one with bars; the offline market."""

os.environ.pop("LANG", None)
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # a shell does this to what it starts in the background
    signal.signal(signal.SIGINT, signal.default_int_handler)  # or no process that a test starts could be interrupted
_OURS = ("YAHOO_", "REDIS_", "MOISSON_", "IB_", "FLOWER_", "DATABASE_URL", "TRUSTED_HOSTS", "SECRET_KEY")
for name in [n for n in os.environ if n.startswith(_OURS) or n in {"HOST", "PORT"}]:
    if name != "MOISSON_SHARED":
        del os.environ[name]

gc.set_threshold(50_000, 20, 100)
"""Modules, applications and their SQL stay to the end; looking through them for garbage took a tenth of the time."""

SERVERS = frozenset({"redis_server", "own_redis", "postgres_url", "own_postgres", "own_server", "market", "running"})
"""Fixtures that start a server, or a process that is none; what asks for one of them, asks for it through these."""
SITES = frozenset({"installation", "browser", "make_plant", "start_stack", "supervisor", "sandbox", "site"})
STARTERS = (servers.start, servers.start_market, servers.postgres, servers.postgres_server, subprocess)
"""What a module of tests imports when it starts processes itself."""


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name a case of bytes by its parameter: packed files hold the time, which differs between processes."""
    return argname if isinstance(val, bytes) else None


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--unit", action="store_true", help="only tests that need no server and start no process")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--unit"):
        try_few()  # before the modules of tests are imported, which ask for it


def pytest_collection_finish() -> None:
    gc.freeze()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--unit"):
        return
    outside = [item for item in items if needs_a_server(item)]
    config.hook.pytest_deselected(items=outside)
    items[:] = [item for item in items if item not in set(outside)]


def needs_a_server(item: pytest.Item) -> bool:
    if not isinstance(item, pytest.Function):
        return True
    on_postgresql = hasattr(item, "callspec") and "postgresql" in map(str, item.callspec.params.values())
    starts = any(value is starter for value in vars(item.module).values() for starter in STARTERS)
    return on_postgresql or starts or not (SERVERS | SITES).isdisjoint(item.fixturenames)


@pytest.fixture
def free_port() -> int:
    return find_free_port()


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.end()


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    with postgres() as url:
        yield url


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real recorded answers, which the project does not contain; in CI it must be there."""
    folder = Path(os.environ.get("MOISSON_SHARED") or ROOT.parent / "shared")
    if not (folder / "data" / "yahoo").is_dir():
        message = f"the recorded answers are not at {folder}; name their folder in MOISSON_SHARED"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    return folder / "data"
