"""Names that say nothing, counted: ``python -m tests.names`` prints a room's count and its share.

A binding is a name that the code gives: an assignment, an argument, an annotated attribute, the target of a loop, of a
comprehension, of a ``with`` or of a ``:=``.
"""

import ast
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.documents import MODULES
from tests.servers import ROOT

VAGUE = frozenset(
    (
        *("one", "found", "wanted", "told", "asked", "known", "held", "made", "several", "given", "taken", "seen"),
        *("left", "called", "kept", "more", "other", "it", "near"),
    )
)


@dataclass(frozen=True, slots=True)
class Count:
    """The names that a room's code binds."""

    vague: int
    all: int

    @property
    def share(self) -> float:
        """Vague ones in a thousand."""
        return 1000 * self.vague / self.all if self.all else 0.0


def room_of(path: Path) -> str:
    """The room that a module stands in; the top level's modules are one."""
    parts = path.relative_to(ROOT / "webapp").parts
    return parts[0] if len(parts) > 1 else "webapp"


def bindings(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name):
                yield name
            case ast.Attribute(value=ast.Name(id="self"), attr=name, ctx=ast.Store()):
                yield name


@cache
def count_rooms() -> Mapping[str, Count]:
    vague: Counter[str] = Counter()
    every: Counter[str] = Counter()
    for path in MODULES:
        names = [name.strip("_") for name in bindings(ast.parse(path.read_text(encoding="utf-8")))]
        every[room_of(path)] += len(names)
        vague[room_of(path)] += sum(name in VAGUE for name in names)
    return {room: Count(vague[room], every[room]) for room in sorted(every)}


def main() -> int:
    rooms = count_rooms()
    everywhere = Count(sum(room.vague for room in rooms.values()), sum(room.all for room in rooms.values()))
    for room, count in rooms.items():
        sys.stdout.write(f'    "{room}": {count.vague},  # {count.share:.0f} in 1,000\n')
    sys.stdout.write(f"# everywhere: {everywhere.vague} of {everywhere.all}, {everywhere.share:.1f} in 1,000\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
