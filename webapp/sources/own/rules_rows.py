"""A line of a file as a bar."""

from collections.abc import Sequence

from webapp.errors import Sentence, sentence
from webapp.kernel.bars import Bar
from webapp.sources.own.rules_imported import PRICES, TICKER, Cell, Reading, UnreadableLineError
from webapp.sources.own.rules_numbers import is_blank, number, volume
from webapp.sources.own.rules_times import Moments


class Rows:
    """Reads lines. What prices say (a low above a high) is not judged here: such a bar is kept, and flagged."""

    def __init__(self, reading: Reading) -> None:
        self._moments = Moments(reading)
        self._decimal = reading.decimal
        columns = reading.columns
        self._time, self._clock = columns["time"], columns.get("clock")
        self._prices = [columns[name] for name in PRICES]
        self._volume, self._wap, self._count = (columns.get(name) for name in ("volume", "wap", "count"))
        self._ticker = columns.get(TICKER)
        self._widest = max(columns.values())

    def ticker(self, cells: Sequence[Cell]) -> str:
        """Return what a line names as its symbol; empty where no column does, or the line is too short.

        :raises UnreadableLineError: when the column is there and names nothing.
        """
        if self._ticker is None or len(cells) <= self._ticker:
            return ""
        if ticker := ticker_of(cells[self._ticker]):
            return ticker
        raise UnreadableLineError(sentence("There is no symbol on this line."))

    def bar(self, cells: Sequence[Cell]) -> Bar:
        """Return the bar of a line.

        :raises UnreadableLineError: when it makes none.
        """
        if len(cells) <= self._widest:
            if len(cells) == 1 and '"' in str(cells[0]):
                raise UnreadableLineError(sentence("The quotation marks of this line do not match."))
            message = sentence(
                "This line has %(count)d columns; %(wanted)d are needed.", count=len(cells), wanted=self._widest + 1
            )
            raise UnreadableLineError(message)
        start = self._moments.start(cells[self._time], None if self._clock is None else cells[self._clock])
        first, high, low, close = (self._price(place, cells[place]) for place in self._prices)
        traded = 0.0 if self._volume is None else self._number(self._volume, cells[self._volume])
        wap = None if self._wap is None or is_blank(cells[self._wap]) else self._price(self._wap, cells[self._wap])
        return (start, first, high, low, close, traded, wap, self._trades(cells))

    def _price(self, place: int, cell: Cell) -> float:
        try:
            return number(cell, self._decimal)
        except (ValueError, TypeError) as err:
            raise UnreadableLineError(_no_number(place, cell)) from err

    def _number(self, place: int, cell: Cell) -> float:
        try:
            return volume(cell, self._decimal)
        except (ValueError, TypeError) as err:
            raise UnreadableLineError(_no_number(place, cell)) from err

    def _trades(self, cells: Sequence[Cell]) -> int | None:
        if self._count is None or is_blank(cells[self._count]):
            return None
        trades = self._number(self._count, cells[self._count])
        if trades != int(trades) or abs(trades) >= 2**31:
            raise UnreadableLineError(_no_number(self._count, cells[self._count]))
        return int(trades)


def ticker_of(cell: Cell) -> str:
    """Return the text of a symbol; empty for none."""
    return "" if is_blank(cell) else str(cell).strip()


def _no_number(place: int, cell: Cell) -> Sentence:
    if is_blank(cell):
        return sentence("There is no number in column %(place)d.", place=place + 1)
    return sentence("“%(text)s” is not a number (column %(place)d).", text=str(cell).strip()[:40], place=place + 1)
