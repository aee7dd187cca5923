"""Measuring ours and a peer in turns, and saying what came of it: a line for people and one for programs."""

import gc
import json
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

Work = Callable[[], object]
Clock = Callable[[], float]
ROUNDS = 7


@dataclass(frozen=True)
class Row:
    """What was measured. ``value`` is held against ``limit``; without a limit it is only told.

    ``is_least`` tells whether the limit is the least that is good enough, and not the most.
    """

    what: str
    ours: float
    unit: str
    peer: str
    theirs: float | None
    value: float
    limit: float | None
    is_least: bool = False

    @property
    def is_met(self) -> bool:
        """Whether the value keeps to the limit."""
        if self.limit is None:
            return True
        return self.value >= self.limit if self.is_least else self.value <= self.limit


def cpu_seconds() -> float:
    """Return the CPU seconds that this process and those it has started and waited for have used."""
    spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in spent)


def in_turns(works: Mapping[str, Work], rounds: int, clock: Clock = cpu_seconds) -> dict[str, list[float]]:
    """Return the seconds of each work in each round.

    By default these are CPU seconds, which other processes' load moves least. Where a server does the work they say
    nothing: then ``clock`` is ``time.perf_counter``.
    """
    taken: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            gc.collect()
            started = clock()
            work()
            taken[name].append(clock() - started)
    return taken


def beside(what: str, taken: Mapping[str, list[float]], peer: str, limit: float | None) -> Row:
    """Compare the first of several with another one: the median of the rounds' ratios."""
    ours, theirs = next(iter(taken.values())), taken[peer]
    ratio = statistics.median(a / b for a, b in zip(ours, theirs, strict=True))
    return Row(what, statistics.median(ours), "s", peer, statistics.median(theirs), ratio, limit)


def speed(what: str, taken: Mapping[str, list[float]], ours: str, peer: str, limit: float | None) -> Row:
    """Say how many times as fast as another one of them is: the median of the rounds' ratios."""
    pairs = list(zip(taken[ours], taken[peer], strict=True))
    ratio = statistics.median(b / a for a, b in pairs)
    mine, theirs = statistics.median(taken[ours]), statistics.median(taken[peer])
    return Row(what, mine, "s", peer, theirs, ratio, limit, is_least=True)


def wall(work: Work, rounds: int) -> float:
    """Return the median wall time of a work in seconds."""
    taken = []
    for _ in range(rounds):
        started = time.perf_counter()
        work()
        taken.append(time.perf_counter() - started)
    return statistics.median(taken)


def anonymous_memory() -> int:
    """Return the bytes of memory that are the process's own, without mapped files; 0 where Linux does not say it."""
    status = Path("/proc/self/status")
    if not status.exists():
        return 0
    lines = (line.split() for line in status.read_text(encoding="ascii").splitlines())
    return next((int(words[1]) * 1024 for words in lines if words[0] == "RssAnon:"), 0)


def memory_of(chunks: Iterable[bytes]) -> int:
    """Return by how many bytes the process's own memory grows while chunks are made and thrown away."""
    before, most = anonymous_memory(), 0
    for _ in chunks:
        most = max(most, anonymous_memory() - before)
    return most


def is_quick() -> bool:
    """Whether a quick look is wanted (``--quick``): fewer rounds and fewer bars, in about a minute."""
    return "--quick" in sys.argv[1:]


def tell(rows: list[Row]) -> int:
    """Print a table, then a JSON line for each row; return 1 when a limit was missed."""
    table = [("what", "ours", "peer", "", "value", "limit", "")]
    for row in rows:
        theirs = "" if row.theirs is None else f"{row.theirs:.3g} {row.unit}"
        limit = "" if row.limit is None else f"{'≥' if row.is_least else '≤'} {row.limit:g}"
        told = "" if row.limit is None else ("met" if row.is_met else "MISSED")
        table.append((row.what, f"{row.ours:.3g} {row.unit}", row.peer, theirs, f"{row.value:.2f}", limit, told))
    widths = [max(len(line[column]) for line in table) for column in range(len(table[0]))]
    for line in table:
        cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        sys.stdout.write(f"{'  '.join(cells).rstrip()}\n")
    for row in rows:
        sys.stdout.write(f"{json.dumps(asdict(row) | {'met': row.is_met}, ensure_ascii=False)}\n")
    return 0 if all(row.is_met for row in rows) else 1
