"""What lines become: bars, and faults that are counted and of which the first are named."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from webapp.errors import Sentence
from webapp.kernel.bars import Bar
from webapp.sources.own.files import Line
from webapp.sources.own.layouts.rules_bar_length import contradiction, starts
from webapp.sources.own.rules_imported import (
    Cell,
    Fault,
    Reading,
    UnreadableFileError,
    UnreadableLineError,
    repeated,
    unfinished,
)
from webapp.sources.own.rules_rows import Rows
from webapp.sources.own.uploads import Wish

SAMPLE = 20_000
"""How many lines tell what a file is: a preview looks at no more."""
MOST_FAULTS = 50
"""How many faults are named; the rest is counted."""


def refuse_contradiction(reading: Reading, rows: Sequence[Sequence[Cell]]) -> None:
    """Refuse an interval that the times of lines contradict.

    :raises UnreadableFileError: with the field ``interval``.
    """
    if problem := contradiction(starts(reading.columns, rows, reading.order), reading.interval):
        raise UnreadableFileError(problem, "interval")


@dataclass(slots=True)
class Checked:
    """What has been found so far.

    ``unfinished`` bars are left out, lines that are the ``same`` as an earlier one, and those of ``others`` than the
    chosen symbols; none is a fault of the file.
    """

    lines: int = 0
    bad: int = 0
    unfinished: int = 0
    same: int = 0
    others: int = 0
    faults: list[Fault] = field(default_factory=list)

    def note(self, line: int, why: Sentence) -> None:
        """Count a line that makes no bar."""
        self.bad += 1
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(Fault(line, why))

    def left_out(self, line: int, earlier: int, *, is_same: bool) -> None:
        """Count a line with the time of an earlier one; when it says the very same, nothing is lost with it."""
        if is_same:
            self.same += 1
        else:
            self.note(line, repeated(earlier))

    def bars(self, lines: Iterable[Line], wish: Wish) -> Iterator[tuple[int, str, Bar]]:
        """Yield the bar of each line that makes one, with its number and where it goes (``Wish.series``), in order.

        :raises UnreadableFileError: when something of how to read them is still to be said.
        """
        rows = Rows(wish.reading)
        for line, cells in lines:
            self.lines += 1
            try:
                ticker = rows.ticker(cells)
                if ticker and ticker not in wish.series:
                    self.others += 1
                    continue
                bar = rows.bar(cells)
            except UnreadableLineError as err:
                self.note(line, err.message)
                continue
            if bar[0] >= wish.closed:
                self.unfinished += 1
                if len(self.faults) < MOST_FAULTS:
                    self.faults.append(Fault(line, unfinished()))
                continue
            yield line, wish.series[ticker], bar

    def named(self) -> tuple[Fault, ...]:
        """Return the faults that are named, by line."""
        return tuple(sorted(self.faults, key=lambda fault: fault.line))
