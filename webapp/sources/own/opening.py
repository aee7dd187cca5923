"""Looking at an uploaded file for the first time: it is unpacked, and what it is is written beside it.

Only workers call this: a stranger's file is neither parsed nor unpacked in the web process.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from webapp.errors import sentence
from webapp.sources.own.checked import SAMPLE
from webapp.sources.own.files import Line, counted, first_lines, layout_of, lines
from webapp.sources.own.layouts.rules_layout_guess import Guess, guess
from webapp.sources.own.rules_imported import MOST_SERIES, TICKER, Cell, Layout, UnreadableFileError
from webapp.sources.own.rules_rows import ticker_of
from webapp.sources.own.unpacking import unpack
from webapp.sources.own.uploads import About, Upload

SHOWN = 20
"""How many lines are shown as they stand in the file."""
_CELL = 40


def open_upload(upload: Upload) -> About:
    """Find out what an uploaded file is, and write it down; it may be done again, and by two at a time.

    :raises UnreadableFileError: when it is no table, or cannot be unpacked.
    :raises FileNotFoundError: when it was cleared away.
    """
    sent = upload.sent_as()
    inside = unpack(upload.sent, upload.original)
    layout: Layout = layout_of(upload.original)
    head = first_lines(upload.original, layout, SAMPLE + 1)
    rows = [cells for _, cells in head]
    guessed = guess(layout.names, rows, layout.delimiter, has_header=layout.has_header)
    ticker, guessed = _without_needless_ticker(upload, layout, guessed)
    about = About(
        filename=sent.filename,
        inside=inside,
        ticker=ticker,
        size=upload.original.stat().st_size,
        layout=layout,
        head=tuple((line, _shown(cells)) for line, cells in head[:SHOWN]),
        guess=guessed,
    )
    upload.write("about", about)
    return about


def head_of(upload: Upload, about: About) -> list[Line]:
    """Return the first lines of a file as they stand in it, ``SAMPLE`` and one more: a number and the columns each.

    :raises UnreadableFileError: when they cannot be read.
    """
    return first_lines(upload.original, about.layout, SAMPLE + 1)


def count_tickers(upload: Upload, layout: Layout, place: int) -> Mapping[str, int]:
    """Return how many lines each symbol has that a column names, in the order of the file, which is read once.

    :raises UnreadableFileError: when there are too many of them, or too many lines.
    """
    if (counts := upload.tickers(place)) is not None:
        return counts
    lines_by_ticker: Counter[str] = Counter()
    for _, cells in counted(lines(upload.original, layout)):
        if len(cells) > place and (ticker := ticker_of(cells[place])):
            lines_by_ticker[ticker] += 1
            if len(lines_by_ticker) > MOST_SERIES:
                raise UnreadableFileError(
                    sentence("This column names more than %(most)d symbols. Cut the file.", most=MOST_SERIES), TICKER
                )
    upload.write_tickers(place, lines_by_ticker)
    return lines_by_ticker


def _without_needless_ticker(upload: Upload, layout: Layout, guessed: Guess) -> tuple[str, Guess]:
    """Return the only symbol that a file names, and the guess: its column is kept where there are several."""
    place = guessed.columns.get(TICKER)
    if place is None:
        return "", guessed
    try:
        tickers = list(count_tickers(upload, layout, place))
    except UnreadableFileError:  # what has so many values may be anything; a person can choose it
        tickers = []
    if len(tickers) > 1:
        return "", guessed
    columns = {role: column for role, column in guessed.columns.items() if role != TICKER}
    return "".join(tickers), replace(guessed, columns=columns)


def _shown(cells: Sequence[Cell]) -> tuple[str, ...]:
    return tuple(map(_short, cells))


def _short(cell: Cell) -> str:
    """Write what stands in a file, cut to what a column can show."""
    text = "" if cell is None else str(cell)
    return text if len(text) <= _CELL else text[:_CELL] + "…"
