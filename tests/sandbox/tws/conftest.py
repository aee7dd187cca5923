"""The offline TWS of the sandbox that all tests share; each test finds it as it was at first."""

from collections.abc import Awaitable, Callable, Iterator
from typing import Any, TypeVar

import pytest

from tests.sandbox.tws.talk import Talk, talking
from webapp.sandbox.control import RunningSandbox
from webapp.sandbox.tws.client import TwsClient

T = TypeVar("T")
Run = Callable[..., Any]


@pytest.fixture
def tws(running: RunningSandbox) -> Iterator[TwsClient]:
    running.client.tws.clear()
    yield running.client.tws
    running.client.tws.clear()


@pytest.fixture
def free(tws: TwsClient) -> TwsClient:
    """The same, without pacing."""
    tws.set(pacing={"is_enforced": False})
    return tws


@pytest.fixture
def run(running: RunningSandbox, tws: TwsClient) -> Run:
    """Run something on a new connection."""

    def on_a_connection(use: Callable[[Talk], Awaitable[T]], **how: object) -> T:
        return talking(running.tws, use, **how)

    return on_a_connection
