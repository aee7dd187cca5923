"""How many examples a property is tried on: all of them in `make test`, a few where the hand waits (`make unit`)."""

import os
from collections.abc import Sequence
from importlib import import_module
from typing import TypeVar

T = TypeVar("T")
FEW_EXAMPLES = "MOISSON_FEW_EXAMPLES"
"""Set in the environment of tests that are to be quick."""
_FEW = 6


def try_few() -> None:
    """Let every property of this process, and of those that it starts, be tried on a few examples."""
    settings = import_module("hypothesis").settings  # where only IBKR's source is tried, it is not installed
    os.environ[FEW_EXAMPLES] = "1"
    settings.register_profile("few", max_examples=_FEW)
    settings.load_profile("few")


def are_few() -> bool:
    """Tell whether a few examples are tried in this run."""
    return bool(os.environ.get(FEW_EXAMPLES))


def few(values: Sequence[T]) -> Sequence[T]:
    """Return the values to try in this run: all of them, or a few from end to end."""
    return values[:: -(-len(values) // _FEW)] if are_few() and values else values


def examples(count: int) -> int:
    """Return how many of so many examples to try in this run."""
    return min(count, _FEW) if are_few() else count
