"""How a text of lines is written: its encoding, what parts its columns, and whether the first line names them."""

import codecs
import csv
from collections.abc import Sequence
from pathlib import Path

from webapp.domain.imported import FileKind, Layout, UnreadableFileError
from webapp.domain.imported_guess import order_of
from webapp.domain.imported_numbers import number
from webapp.errors import sentence

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
    lines = [line for line in text.splitlines()[:_LINES] if line.strip(" \t;,") and not line.startswith("#")]
    if len(lines) > 1 and len(head) == _HEAD:
        lines.pop()  # it may have been cut in the middle
    delimiter = _delimiter(lines)
    names, has_header = _names(parted(lines[0], delimiter))
    return Layout(FileKind.CSV, names, encoding, delimiter, has_header)


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
            best, most = max((best, most), (delimiter, (widths.count(width), width)), key=lambda one: one[1])
    if not best:
        raise UnreadableFileError(
            sentence("No columns were found. Part them with commas, semicolons or tabs, one bar a line.")
        )
    return best


def _names(row: Sequence[str]) -> tuple[tuple[str, ...], bool]:
    """Return the names of the columns, and whether they stand in the first line: one without a date or a number."""
    if any(_is_value(cell) for cell in row):
        return tuple(f"{place}" for place in range(1, len(row) + 1)), False
    return tuple(cell.strip() or f"{place}" for place, cell in enumerate(row, 1)), True


def _is_value(cell: str) -> bool:
    if order_of([cell]) != (None, False):
        return True
    for decimal in ".,":
        try:
            number(cell, decimal)
        except ValueError:
            continue
        return True
    return False
