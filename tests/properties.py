"""How many examples a property is tried on: all of them in `make test`, a few where the hand waits (`make unit`)."""

import os

FEW_EXAMPLES = "MOISSON_FEW_EXAMPLES"
"""Set in the environment of tests that are to be quick."""
_FEW = 6


def examples(count: int) -> int:
    """Return how many of so many examples to try in this run."""
    return min(count, _FEW) if os.environ.get(FEW_EXAMPLES) else count
