"""One sandbox and one yfinance for all tests of this folder; each test finds the sandbox as it was at first."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from tests.sandbox.clients import Browser, YFinance
from webapp.sandbox.calendars import Calendars
from webapp.sandbox.control import RunningSandbox, SandboxClient, running_sandbox
from webapp.sandbox.market import Market

NOW = "2026-03-02T18:00:00Z"
"""A Monday at 13:00 in New York, 19:00 in Paris."""


@pytest.fixture(scope="session")
def calendars() -> Calendars:
    return Calendars()


@pytest.fixture
def market(calendars: Calendars) -> Market:
    """The truth that the sandbox must show."""
    now = datetime(2026, 3, 2, 18, tzinfo=UTC).timestamp()
    return Market(lambda: now, calendars)


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    with running_sandbox(tmp_path_factory.mktemp("sandbox"), ("--now", NOW)) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: RunningSandbox) -> Iterator[SandboxClient]:
    running.client.clear()
    yield running.client
    running.client.clear()
    running.client.set_now(NOW)


@pytest.fixture
def browser(running: RunningSandbox, sandbox: SandboxClient) -> Browser:
    return Browser(running)


@pytest.fixture(scope="session")
def one_yfinance(running: RunningSandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[YFinance]:
    client = YFinance(running, tmp_path_factory.mktemp("yfinance"))
    yield client
    client.end()


@pytest.fixture
def yfinance(one_yfinance: YFinance, sandbox: SandboxClient) -> YFinance:
    return one_yfinance
