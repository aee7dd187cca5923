"""A watchlist as a file: a table that says all of it, or the symbols of one source under their headings."""

import csv
import io
import re
from collections.abc import Iterator

from webapp.errors import InvalidRequestError, sentence
from webapp.sources.choices import label
from webapp.watchlists.watchlist import Entry, Watchlist

FORMATS = ("csv", "txt")
_SEPARATORS = re.compile(r"[,;\s]+")
"""What would end a heading in the middle of a line."""
_COLUMNS = ("source", "symbol", "section", "note", "options")


def write_file(watchlist: Watchlist, fmt: str, source: str = "") -> str:
    """Return a list as text; both forms can be read again (``rules_written_lists``).

    :param fmt: ``csv``: a table of source, symbol, section, note and options; ``txt``: the symbols of one source, one a
        line, ``###`` before a heading.
    :param source: whose entries; empty for all, which ``txt`` takes only of a list of one source.
    :raises InvalidRequestError: with the field ``source`` or ``format`` when that cannot be written.
    """
    entries = [entry for entry in watchlist.entries if source in ("", entry.source)]
    if fmt == "csv":
        return _write_table(entries)
    if fmt != "txt":
        raise InvalidRequestError({"format": sentence("Choose a format from the list.")})
    sources = dict.fromkeys(entry.source for entry in entries)
    if len(sources) > 1:
        message = sentence(
            "A text has the symbols of one source, and this list has several (%(sources)s). Choose one, or a table "
            "(csv).",
            sources=", ".join(label(name) for name in sources),
        )
        raise InvalidRequestError({"source": message})
    return "".join(f"{line}\n" for line in _write_lines(entries))


def _write_table(entries: list[Entry]) -> str:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for entry in entries:
        options = " ".join(f"{name}={value}" for name, value in sorted(entry.options.items()))
        writer.writerow((entry.source, entry.symbol, entry.section, entry.note, options))
    return stream.getvalue()


def _write_lines(entries: list[Entry]) -> Iterator[str]:
    section = ""
    for entry in entries:
        if entry.section != section:
            section = entry.section
            yield "###" + " ".join(_SEPARATORS.split(section))
        yield entry.symbol
