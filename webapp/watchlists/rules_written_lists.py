"""Reading lists as people paste them and programs save them: symbols, TradingView's lists, tables with a header.

TradingView saves one line, or one a symbol: ``###Chips,NASDAQ:AMD,NASDAQ:NVDA``; what follows three number signs is a
heading for what comes after it. A table is known by its header: one of its columns is called symbol. Nothing here
knows a source: what a text means is seen later (``naming``).
"""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from webapp.errors import InvalidRequestError, Sentence, sentence

LARGEST_TEXT = 256 * 1024
"""Characters; 2,000 entries with a note each take half of it."""
_HEADING = "###"
_REMARK = "#"
_DELIMITERS = ",;\t|"
_PIECES = re.compile(r"[,;\n\r\t]")
_BYTE_MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"\xef\xbb\xbf": "utf-8-sig"}
_COLUMNS = {
    "symbol": ("symbol", "symbols", "ticker", "symbole", "symboles", "code"),
    "exchange": ("exchange", "market", "bourse", "place", "marché"),
    "source": ("source",),
    "section": ("section", "group", "groupe", "sector", "secteur", "category", "catégorie"),
    "options": ("options",),
    "note": ("note", "notes", "comment", "comments", "remark", "commentaire", "remarque"),
}
_FIELDS = {word: column for column, words in _COLUMNS.items() for word in words}


@dataclass(frozen=True, slots=True)
class WrittenEntry:
    """An entry as it was written: ``text`` is a symbol, perhaps with an exchange's code before a colon."""

    text: str
    exchange: str = ""
    source: str = ""
    section: str = ""
    note: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    """Options of its source that it says itself."""


def decode(content: bytes) -> str:
    """Return a file's text: UTF-8 or UTF-16, or Windows' western European where it is neither.

    :raises InvalidRequestError: with the field ``text`` for what is no text.
    """
    if len(content) > 4 * LARGEST_TEXT:
        raise InvalidRequestError({"text": _too_long()})
    encoding = next((name for mark, name in _BYTE_MARKS.items() if content.startswith(mark)), "utf-8")
    if encoding != "utf-16" and b"\0" in content:
        raise InvalidRequestError({"text": sentence("This file is not a text. Save the list as .txt or .csv.")})
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def read_text(text: str) -> list[WrittenEntry]:
    """Return the entries of a text in their order.

    :raises InvalidRequestError: with the field ``text`` when it is too long, or a table that cannot be read.
    """
    if len(text) > LARGEST_TEXT:
        raise InvalidRequestError({"text": _too_long()})
    text = text.removeprefix("\ufeff").replace("\0", "")
    lines = [line for line in text.splitlines() if line.strip()]
    header = _parse_header(lines[0]) if lines else None
    return list(_read_table(lines, *header)) if header else list(_read_pieces(lines))


def _too_long() -> Sentence:
    return sentence("This text is too long for a list: at most %(most)d kB are read.", most=LARGEST_TEXT // 1024)


def _parse_header(line: str) -> tuple[str, dict[str, int]] | None:
    """Return the delimiter of a table and where its columns stand, of the line that names them; else None."""
    for delimiter in _DELIMITERS:
        cells = [cell.strip().strip('"').casefold() for cell in line.split(delimiter)]
        columns: dict[str, int] = {}
        for place, cell in enumerate(cells):
            if cell in _FIELDS:
                columns.setdefault(_FIELDS[cell], place)
        if "symbol" in columns and (len(cells) > 1 or delimiter == _DELIMITERS[-1]):
            return delimiter, columns
    return None


def _read_table(lines: Sequence[str], delimiter: str, columns: dict[str, int]) -> Iterator[WrittenEntry]:
    reader = csv.reader(lines[1:], delimiter=delimiter)
    try:
        for cells in reader:
            values = {name: cells[place].strip() for name, place in columns.items() if place < len(cells)}
            text, options = values.pop("symbol", ""), values.pop("options", "")
            if text:
                yield WrittenEntry(text, **values, options=_parse_options(options))
    except csv.Error as err:
        message = sentence("Line %(line)d of this table cannot be read.", line=reader.line_num + 1)
        raise InvalidRequestError({"text": message}) from err


def _parse_options(text: str) -> dict[str, str]:
    """Return the options in ``what=BID rth=false``."""
    pairs = (word.partition("=") for word in text.split())
    return {name: value for name, _, value in pairs}


def _read_pieces(lines: Sequence[str]) -> Iterator[WrittenEntry]:
    section = ""
    for line in lines:
        if line.lstrip().startswith(_REMARK) and not line.lstrip().startswith(_HEADING):
            continue
        for piece in _PIECES.split(line):
            text = piece.strip()
            if text.startswith(_HEADING):
                section = text.removeprefix(_HEADING).strip()
            elif text:
                yield WrittenEntry(text, section=section)
