"""One connection of the real client library to the offline TWS."""

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeVar

from tests.sandbox.tws.library import Thing, completed, ib

PATIENCE = 30.0
T = TypeVar("T")
_ids = itertools.count(101)


@dataclass
class Talk:
    """``errors`` holds number, code and text of all that TWS said was wrong; notices have the number -1."""

    ib: Any
    errors: list[tuple[int, int, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.ib.errorEvent += lambda number, code, text, *_: self.errors.append((number, code, text))

    async def bars(self, contract: object, duration: str = "1 D", size: str = "1 day", **how: object) -> Thing:
        """Ask for bars; an answer must come, and none may be empty."""
        found = await self.asked(contract, duration, size, **how)
        assert found, self.errors
        return found

    async def asked(self, contract: object, duration: str = "1 D", size: str = "1 day", **how: object) -> Thing:
        """Ask for bars."""
        wanted = {"end": "", "what": "TRADES", "is_regular": True, "date_format": 2, "timeout": PATIENCE} | how
        return await self.ib.reqHistoricalDataAsync(
            contract, wanted["end"], duration, size, wanted["what"], wanted["is_regular"], wanted["date_format"],
            timeout=wanted["timeout"],
        )  # fmt: skip

    async def details(self, **contract: object) -> list[Any]:
        return list(await self.ib.reqContractDetailsAsync(ib.Contract(**contract)))

    async def one(self, **contract: object) -> Thing:
        """Return the contract that is meant, as TWS describes it."""
        (found,) = await self.details(**contract)
        return found.contract

    async def head(self, contract: object, what: str = "TRADES", date_format: int = 2) -> Thing:
        return await self.ib.reqHeadTimeStampAsync(contract, what, True, date_format)  # noqa: FBT003 (the library's)

    async def refusal(self, question: Coroutine[Any, Any, Any]) -> tuple[int, str]:
        """Return code and text of the error that answers a question; ib_async does not raise all of them."""
        known = len(self.errors)
        task = asyncio.ensure_future(question)

        def own() -> list[tuple[int, int, str]]:
            return [error for error in self.errors[known:] if error[0] != -1]

        await until(lambda: own() or task.done())
        task.cancel()
        await asyncio.wait({task})
        assert own(), f"answered: {task.result()}"
        return own()[0][1:]

    def codes(self) -> list[int]:
        return [code for _, code, _ in self.errors]

    async def told(self, code: int) -> None:
        """Wait for a notice or an error."""
        await until(lambda: code in self.codes())


async def until(condition: Callable[[], object]) -> None:
    """Wait for a condition; the patience is generous, and its end is a failure."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end
        await asyncio.sleep(0.005)


async def opened(address: str, client_id: int | None = None, *, is_readonly: bool = True, patience: float = 20) -> Talk:
    host, _, port = address.partition(":")
    talk = Talk(ib.IB())
    talk.ib.RaiseRequestErrors = True
    number = next(_ids) if client_id is None else client_id
    await talk.ib.connectAsync(host, int(port), clientId=number, timeout=patience, readonly=is_readonly)
    return talk


def talking(address: str, use: Callable[[Talk], Awaitable[T]], **how: Thing) -> T:
    """Connect, do something, disconnect."""

    async def main() -> T:
        talk = await opened(address, **how)
        try:
            return await use(talk)
        finally:
            talk.ib.disconnect()

    return completed(main())
