"""What a mutant is made of."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Change:
    """Text that stands once in a file, and what stands there in the mutant."""

    path: str
    old: str
    new: str


@dataclass(frozen=True)
class Mutant:
    """A safeguard that is missing, and the tests of which each must notice it."""

    name: str
    changes: tuple[Change, ...]
    tests: tuple[str, ...]
