"""What a file would become: its first lines as they stand, and the bars that are made of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from types import MappingProxyType

from webapp.context import Context
from webapp.errors import InvalidRequestError
from webapp.importing.reading import Ask, facts_of, reading_of
from webapp.importing.series import choices_of, symbols_by_ticker
from webapp.importing.sessions import count_outside
from webapp.kernel.bars import Bar
from webapp.kernel.closing import closed_until
from webapp.kernel.intervals import Interval
from webapp.sources.own.checked import SAMPLE, Checked, refuse_contradiction
from webapp.sources.own.files import Line
from webapp.sources.own.opening import SHOWN
from webapp.sources.own.rules_imported import TICKER, Cell, DateOrder, Fault, FileKind, UnreadableFileError
from webapp.sources.own.uploads import About, Wish

_FAULTS_SHOWN = 12
_COMPARED = 2
"""So many bars show how readings differ."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What the first lines become. ``estimate`` counts all lines, about; None where that cannot be told.

    ``is_whole`` tells that the file has no more lines than were looked at. Faults come by line.
    Of a whole file, ``rows``, ``bad``, ``unfinished``, ``same`` (as an earlier one) and ``others`` (of symbols that are
    not chosen) add up to ``lines``. ``symbols`` are those of ``bars``.
    ``outside`` counts the bars among ``rows`` that lie outside the sessions of the chosen exchange.
    """

    interval: Interval
    bars: Sequence[Bar]
    rows: int
    lines: int
    bad: int
    unfinished: int
    same: int
    faults: Sequence[Fault]
    is_whole: bool
    estimate: int | None
    first: int | None
    last: int | None
    outside: int
    others: int
    symbols: Sequence[str]


def wish_of(context: Context, ask: Ask, series: Mapping[str, str]) -> Wish:
    """Return how a file is to be checked now.

    :param series: where the lines of each symbol go, see ``Wish``.
    :raises InvalidRequestError: with a sentence for each thing that is still to be said.
    """
    reading = reading_of(ask)
    facts = facts_of(ask, reading.zone)
    return Wish(reading, closed_until(reading.interval, facts, context.now().timestamp(), 0), series)


def preview(
    context: Context, about: About, head: Sequence[Line], ask: Ask, tickers: Mapping[str, int] = MappingProxyType({})
) -> Preview:
    """Return what the first lines become.

    :param head: ``SAMPLE`` lines and one more, or all of a shorter file.
    :param tickers: how many lines each symbol has, of a file with a column of them.
    :raises InvalidRequestError: with a sentence for each thing that is still to be said.
    """
    series = symbols_by_ticker(choices_of(tickers, ask)) if TICKER in ask.columns else {"": ask.symbol}
    wish = wish_of(context, ask, series)
    checked = Checked()
    try:
        refuse_contradiction(wish.reading, [cells for _, cells in head[:SAMPLE]])
        by_time = _bars_by_time(checked, head[:SAMPLE], wish)
    except UnreadableFileError as err:
        raise InvalidRequestError({err.field: err.message}) from err
    starts = [start for _, start in by_time]
    is_whole = len(head) <= SAMPLE
    return Preview(
        interval=wish.reading.interval,
        bars=[bar for _, bar in islice(by_time.values(), SHOWN)],
        symbols=[symbol for symbol, _ in islice(by_time, SHOWN)],
        rows=len(by_time),
        lines=checked.lines,
        bad=checked.bad,
        unfinished=checked.unfinished,
        same=checked.same,
        faults=checked.named()[:_FAULTS_SHOWN],
        is_whole=is_whole,
        estimate=checked.lines if is_whole else _estimate(about, head),
        first=min(starts, default=None),
        last=max(starts, default=None),
        outside=count_outside(starts, wish.reading.interval, ask.calendar),
        others=checked.others,
    )


def _bars_by_time(checked: Checked, head: Sequence[Line], wish: Wish) -> dict[tuple[str, int], tuple[int, Bar]]:
    """Return the bar of each symbol and time with its line: of several with one time, the first."""
    by_time: dict[tuple[str, int], tuple[int, Bar]] = {}
    for line, symbol, bar in checked.bars(head, wish):
        if (symbol, bar[0]) in by_time:
            earlier_line, earlier_bar = by_time[symbol, bar[0]]
            checked.left_out(line, earlier_line, is_same=bar == earlier_bar)
        else:
            by_time[symbol, bar[0]] = (line, bar)
    return by_time


@dataclass(frozen=True, slots=True)
class Alternative:
    """One of several ways in which a file can be read, and its first bars read so."""

    order: DateOrder
    decimal: str
    interval: Interval
    bars: Sequence[Bar]


def alternatives(
    context: Context, about: About, head: Sequence[Line], ask: Ask, tickers: Mapping[str, int] = MappingProxyType({})
) -> list[Alternative]:
    """Return what the first lines are in each way of reading their dates and numbers, where that is to be said."""
    orders = [ask.order] if ask.order else [DateOrder.DAY_FIRST, DateOrder.MONTH_FIRST]
    decimals = [ask.decimal] if ask.decimal else [".", ","]
    ways = [(order, decimal) for order in orders for decimal in decimals]
    if len(ways) == 1:
        return []
    readings = []
    for order, decimal in ways:
        try:
            shown = preview(context, about, head[:SHOWN], replace(ask, order=order, decimal=decimal), tickers)
        except InvalidRequestError:
            return []
        if shown.bars:
            readings.append(Alternative(order, decimal, shown.interval, shown.bars[:_COMPARED]))
    return readings if len(readings) > 1 else []


def _estimate(about: About, head: Sequence[Line]) -> int | None:
    """Return about how many lines a text has, to two digits; a typed file is squeezed and tells nothing by its size."""
    if about.layout.kind is not FileKind.CSV:
        return None
    width = 2 if about.layout.encoding.startswith("utf-16") else 1
    letters = sum(sum(map(_length, cells)) + len(cells) for _, cells in head)
    lines = round(about.size * len(head) / (letters * width))
    return int(float(f"{lines:.2g}"))


def _length(cell: Cell) -> int:
    return len(str(cell))
