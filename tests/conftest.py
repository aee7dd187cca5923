"""Fixtures for everyone; servers are started once and only when a test needs them."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import ROOT, RedisServer, find_free_port, postgres

pytest_plugins = ("tests.world", "tests.databases", "tests.stored")
"""An application whose source, queue and clock a test holds in its hands; both databases; a database with bars."""

os.environ.pop("LANG", None)
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # a shell does this to what it starts in the background
    signal.signal(signal.SIGINT, signal.default_int_handler)  # or no process that a test starts could be interrupted
_OURS = ("YAHOO_", "REDIS_", "MOISSON_", "IB_", "FLOWER_", "DATABASE_URL", "TRUSTED_HOSTS", "SECRET_KEY")
for name in [n for n in os.environ if n.startswith(_OURS) or n in {"HOST", "PORT"}]:
    if name != "MOISSON_SHARED":
        del os.environ[name]


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
