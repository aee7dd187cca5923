"""One thread of a process in which all its connections live, inside ``asyncio.run``.

That is the one arrangement that works in every worker pool (prefork, threads, solo) with both client libraries: the
library's objects are made, used and ended inside the running loop, and other threads hand coroutines in and wait.
"""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import CancelledError, Future
from typing import TypeVar

T = TypeVar("T")


class LoopThread:
    """A daemon thread with an event loop, begun on first use. It ends with the process, or by ``stop``."""

    def __init__(self, name: str = "ibkr") -> None:
        self._name = name
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._over: asyncio.Event | None = None
        self._thread: threading.Thread | None = None

    @property
    def is_running(self) -> bool:
        """Whether the loop has begun and not ended."""
        return self._thread is not None and self._thread.is_alive()

    def run(self, work: Callable[[], Coroutine[object, object, T]], seconds: float) -> T:
        """Run a coroutine in the loop and return its result; whoever is interrupted while waiting cancels it.

        :raises TimeoutError: when it takes longer than so many seconds; it is cancelled then.
        """
        future: Future[T] = asyncio.run_coroutine_threadsafe(work(), self._ensure_loop())
        try:
            return future.result(seconds)
        except CancelledError as err:
            raise TimeoutError("the loop ended") from err
        except BaseException:
            future.cancel()
            raise

    def stop(self, seconds: float = 1.0) -> None:
        """End the loop and wait for its thread, but not for long."""
        with self._lock:
            loop, over, thread = self._loop, self._over, self._thread
            self._loop = None
        if loop is None or over is None or thread is None:
            return
        loop.call_soon_threadsafe(over.set)
        thread.join(seconds)

    def _ensure_loop(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                begun: Future[asyncio.AbstractEventLoop] = Future()
                self._thread = threading.Thread(target=self._run, args=(begun,), name=self._name, daemon=True)
                self._thread.start()
                self._loop = begun.result()
            return self._loop

    def _run(self, begun: "Future[asyncio.AbstractEventLoop]") -> None:
        asyncio.run(self._main(begun))

    async def _main(self, begun: "Future[asyncio.AbstractEventLoop]") -> None:
        self._over = asyncio.Event()
        begun.set_result(asyncio.get_running_loop())
        await self._over.wait()
