"""Looking at an uploaded file for the first time: it is unpacked, and what it is is written beside it.

Only workers call this: a stranger's file is neither parsed nor unpacked in the web process.
"""

from collections.abc import Sequence

from webapp.sources.own.checked import SAMPLE
from webapp.sources.own.files import Line, first_lines, layout_of
from webapp.sources.own.layouts.rules_layout_guess import guess
from webapp.sources.own.rules_imported import Cell, Layout
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
    about = About(
        filename=sent.filename,
        inside=inside,
        size=upload.original.stat().st_size,
        layout=layout,
        head=tuple((line, _shown(cells)) for line, cells in head[:SHOWN]),
        guess=guess(layout.names, rows, layout.delimiter, has_header=layout.has_header),
    )
    upload.write("about", about)
    return about


def head_of(upload: Upload, about: About) -> list[Line]:
    """Return the first lines of a file as they stand in it, ``SAMPLE`` and one more: a number and the columns each.

    :raises UnreadableFileError: when they cannot be read.
    """
    return first_lines(upload.original, about.layout, SAMPLE + 1)


def _shown(cells: Sequence[Cell]) -> tuple[str, ...]:
    return tuple(map(_short, cells))


def _short(cell: Cell) -> str:
    """Write what stands in a file, cut to what a column can show."""
    text = "" if cell is None else str(cell)
    return text if len(text) <= _CELL else text[:_CELL] + "…"
