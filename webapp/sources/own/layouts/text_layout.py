"""How a text of lines is written: its encoding, what parts its columns, and whether the first line names them."""

import codecs
import csv
import io
import re
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from webapp.errors import sentence
from webapp.sources.own.layouts.rules_header_lines import header_of, is_value, names_of
from webapp.sources.own.rules_imported import FileKind, Layout, UnreadableFileError

_HEAD = 256 * 1024
_LINES = 50
_DELIMITERS = ",;\t|"
_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_CONTROL = frozenset(map(chr, range(32))) - set("\t\r\n\f")
_MOST_COLUMNS = 500
_SAID = re.compile(r'"?sep=(.)"?\r?\n', re.IGNORECASE)


def text_layout(path: Path) -> Layout:
    """Return how a text is laid out.

    :raises UnreadableFileError: when it is empty, no text, or has no columns.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if not head.strip():
        raise UnreadableFileError(sentence("The file is empty."))
    encoding = _encoding(head)
    text = codecs.getincrementaldecoder(encoding)("replace").decode(head)
    if any(letter in _CONTROL for letter in text):
        raise UnreadableFileError(
            sentence("This is neither CSV nor Parquet nor Arrow. From a spreadsheet, save the table as CSV first.")
        )
    if not text.strip():
        raise UnreadableFileError(sentence("The file is empty."))
    lines = _lines_of(text)
    if len(lines) > 1 and len(head) == _HEAD:
        lines.pop()  # it may have been cut in the middle
    delimiter = (_said_delimiter(text) if lines else "") or _delimiter([line for _, line in lines])
    rows = [(number, parted(line, delimiter)) for number, line in lines]
    place = _beginning([row for _, row in rows])
    table = [row for _, row in rows[place:]]
    header = header_of(table)
    names = names_of(header, max(map(len, table)))[:_MOST_COLUMNS]
    return Layout(FileKind.CSV, names, encoding, delimiter, bool(header), rows[place][0], len(header))


def _lines_of(text: str) -> list[tuple[int, str]]:
    """Return the first lines on which anything stands, with their numbers, as a file is read line by line."""
    lines = enumerate(io.StringIO(text, newline=""), 1)
    said = 1 if _SAID.match(text) else 0
    rows = (line for line in lines if line[0] > said and line[1].strip(" \t\r\n;,") and not line[1].startswith("#"))
    return list(islice(rows, _LINES))


def _said_delimiter(text: str) -> str:
    """Return what the first line says that parts the columns, as spreadsheets write it; empty when it says nothing."""
    said = _SAID.match(text)
    return said[1] if said else ""


def _beginning(rows: Sequence[Sequence[str]]) -> int:
    """Return the place of the row that the table begins with: the first of the usual width, or the header before it.

    A header may be wider or narrower than the lines below it, where they end with a delimiter.
    """
    widths = [len(row) for row in rows]
    usual = max(set(widths), key=lambda width: (widths.count(width), width))
    first = widths.index(usual)
    has_header = first > 0 and widths[first - 1] > 1 and not any(map(is_value, rows[first - 1]))
    return first - 1 if has_header and any(map(is_value, rows[first])) else first


def parted(line: str, delimiter: str) -> list[str]:
    """Return the columns of one line; the line itself as the only one when its quotation marks do not match.

    Each line is read for itself, so that a mark that nothing closes takes no other line with it.
    """
    bare = line.rstrip("\r\n")
    if '"' not in bare:
        return bare.split(delimiter)
    for is_strict in (True, False):
        try:
            return next(csv.reader([bare], delimiter=delimiter, strict=is_strict))
        except csv.Error:
            if bare.count('"') % 2:
                break  # what is merely odd, like a space after a closing mark, has them in pairs
    return [bare]


def _encoding(head: bytes) -> str:
    for mark, encoding in _MARKS.items():
        if head.startswith(mark):
            return encoding
    even, odd = head[0:400:2].count(0), head[1:400:2].count(0)
    if max(even, odd) > len(head[:400]) // 5:  # text of our letters in two bytes each, without a mark
        return "utf-16-le" if odd > even else "utf-16-be"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _delimiter(lines: Sequence[str]) -> str:
    """Return what parts the columns: what gives the most of them, the same number on most lines.

    :raises UnreadableFileError: when nothing does.
    """
    best, most = "", (0, 0)
    for delimiter in _DELIMITERS:
        widths = [len(parted(line, delimiter)) for line in lines]
        width = max(set(widths), key=widths.count, default=0)
        if 1 < width <= _MOST_COLUMNS:
            best, most = max(
                (best, most), (delimiter, (widths.count(width), width)), key=lambda candidate: candidate[1]
            )
    if not best:
        raise UnreadableFileError(
            sentence("No columns were found. Part them with commas, semicolons or tabs, one bar a line.")
        )
    return best
