"""One installation on the offline market, and three doors to it: ``JobManager`` itself, and both clients over HTTP."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from moisson_client import AsyncClient, Client

from tests.plant import Plant, plant
from tests.servers import RedisServer, start_market
from webapp.access import tokens
from webapp.access.queries_tokens import Scope
from webapp.context import context
from webapp.job_manager import JobManager


class Door(Protocol):
    """Whatever has the verbs."""

    def call(self, verb: str, *arguments: object, **named: object) -> Any:  # noqa: ANN401 -- any verb's result
        """Do what a verb says, and return what it returns."""


@dataclass
class PythonDoor:
    """``JobManager``, on the server itself."""

    plant: Plant

    def call(self, verb: str, *arguments: object, **named: object) -> Any:  # noqa: ANN401 -- any verb's result
        with self.plant.app.app_context():
            return getattr(JobManager, verb)(*arguments, **named)


@dataclass
class BlockingDoor:
    """``Client``, over HTTP."""

    client: Client

    def call(self, verb: str, *arguments: object, **named: object) -> Any:  # noqa: ANN401 -- any verb's result
        return getattr(self.client, verb)(*arguments, **named)


@dataclass
class AwaitedDoor:
    """``AsyncClient``, over HTTP, in an event loop of its own."""

    client: AsyncClient
    portal: BlockingPortal
    """An event loop in a thread of its own: that of a browser may run in this one."""

    def call(self, verb: str, *arguments: object, **named: object) -> Any:  # noqa: ANN401 -- any verb's result
        return self.portal.call(partial(getattr(self.client, verb), *arguments, **named))


@dataclass
class Installation:
    """A plant with a web server and a worker, and a token for it."""

    plant: Plant
    url: str
    token: str
    doors: dict[str, Door] = field(default_factory=dict)

    @property
    def manager(self) -> Door:
        return self.doors["JobManager"]


def token_of(made: Plant, *scopes: Scope) -> str:
    with made.app.app_context():
        return tokens.create(context(), "client", scopes or (Scope.READ, Scope.WRITE)).text


@pytest.fixture(scope="package")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("client")
    redis, market = RedisServer(folder), start_market(folder)
    redis.start()
    try:
        (folder / "plant").mkdir()
        with plant(folder / "plant", redis, market) as made:
            _, url = made.web()
            made.worker(pool="threads")
            token = token_of(made)
            with Client(url, token) as client, start_blocking_portal() as portal:
                awaited = AsyncClient(url, token)
                doors: dict[str, Door] = {
                    "JobManager": PythonDoor(made),
                    "Client": BlockingDoor(client),
                    "AsyncClient": AwaitedDoor(awaited, portal),
                }
                yield Installation(made, url, token, doors)
                portal.call(awaited.close)
    finally:
        market.running.end()
        redis.end()


@pytest.fixture(params=["JobManager", "Client", "AsyncClient"])
def door(request: pytest.FixtureRequest, installation: Installation) -> Door:
    return installation.doors[request.param]
