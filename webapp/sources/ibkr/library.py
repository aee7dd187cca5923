"""The one place that knows which client library is installed: ``ib_async`` or, failing that, ``ib_insync``.

Used of it are its socket client and its contract class. Its wrapper and its ``IB`` class are left out on purpose: they
answer a time-out, an unparsable date, error 165 and a lost link with an empty list, and ``ib_async`` error 321 as well,
so that "nothing" and "failed" would look alike. ``Receiver`` stands in the wrapper's place.
"""

import asyncio
import importlib
import importlib.util
import logging
import threading
import warnings
from types import ModuleType
from typing import Any, Protocol, cast


class Wire(Protocol):
    """What is used of the library's client. Everything here happens in the thread of the event loop."""

    conn: Any
    apiError: Any  # noqa: N815 -- the library's name

    async def connectAsync(  # noqa: N802 -- the library's name
        self,
        host: str,
        port: int,
        clientId: int,  # noqa: N803 -- the library's name
        timeout: float | None,  # noqa: ASYNC109 -- the library's
    ) -> None:
        """Connect and begin; nothing else is asked for."""
        ...

    def disconnect(self) -> None:
        """End the connection."""
        ...

    def isReady(self) -> bool:  # noqa: N802 -- the library's name
        """Tell whether the greeting is over and the connection stands."""
        ...

    def serverVersion(self) -> int:  # noqa: N802 -- the library's name
        """Return the protocol version agreed upon, 0 before."""
        ...

    def getAccounts(self) -> list[str]:  # noqa: N802 -- the library's name
        """Return the accounts of the login."""
        ...

    def getReqId(self) -> int:  # noqa: N802 -- the library's name
        """Return the number of the next request."""
        ...

    def reqCurrentTime(self) -> None:  # noqa: N802 -- the library's name
        """Ask for the time."""
        ...

    def reqContractDetails(self, number: int, contract: object) -> None:  # noqa: N802 -- the library's name
        """Ask what a contract is."""
        ...

    def reqMatchingSymbols(self, number: int, pattern: str) -> None:  # noqa: N802 -- the library's name
        """Ask which instruments have such a name."""
        ...

    def reqHeadTimeStamp(self, number: int, contract: object, *how: object) -> None:  # noqa: N802 -- the library's name
        """Ask when an instrument's history begins; ``how`` is what to show, regular hours, format of dates."""
        ...

    def cancelHeadTimeStamp(self, number: int) -> None:  # noqa: N802 -- the library's name
        """Give up on it; it counts as open until then."""
        ...

    def reqHistoricalData(self, number: int, contract: object, *how: object) -> None:  # noqa: N802 -- the library's name
        """Ask for bars."""
        ...

    def cancelHistoricalData(self, number: int) -> None:  # noqa: N802 -- the library's name
        """Give up on them."""
        ...


def _load() -> ModuleType:
    """Import the library in a thread that has an event loop, as ``eventkit`` needs one when it is imported."""
    name = "ib_async" if importlib.util.find_spec("ib_async") else "ib_insync"
    loaded: list[ModuleType] = []

    def load() -> None:
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # the library's own, of newer versions of Python
                loaded.append(importlib.import_module(name))
        finally:
            asyncio.set_event_loop(None)
            loop.close()

    thread = threading.Thread(target=load, name=f"import-{name}")
    thread.start()
    thread.join()
    if not loaded:
        raise ImportError(f"{name} cannot be imported; install it: pip install ib_insync")
    logging.getLogger(f"{name}.client").setLevel(
        logging.CRITICAL
    )  # what it logs as errors is said by our own sentences
    return loaded[0]


_LIBRARY = _load()
NAME = _LIBRARY.__name__
"""``ib_async`` or ``ib_insync``."""


def new_wire(receiver: object) -> Wire:
    """Return a client that hands what arrives to the receiver; to be called inside the event loop."""
    return cast("Wire", importlib.import_module(f"{NAME}.client").Client(receiver))


def new_contract(**fields: object) -> object:
    """Return the library's contract of these fields."""
    return cast("object", _LIBRARY.Contract(**fields))
