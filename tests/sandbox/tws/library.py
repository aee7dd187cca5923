"""The client library that is installed: ``ib_async``, else ``ib_insync``; they cannot share an environment."""

import asyncio
import importlib
import importlib.util
import warnings
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeAlias, TypeVar

T = TypeVar("T")


def _load() -> Any:  # noqa: ANN401 (a library without types)
    name = "ib_async" if importlib.util.find_spec("ib_async") else "ib_insync"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # ib_insync's import is deprecated usage on newer Pythons
        return importlib.import_module(name)


Thing: TypeAlias = Any
"""An object of the library."""

ib: Any = _load()
IS_ASYNC = ib.__name__ == "ib_async"


def completed(main: Coroutine[Any, Any, T]) -> T:
    """Run to the end in a thread of its own: in the main one the browser of other tests keeps an event loop running."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, main).result()
