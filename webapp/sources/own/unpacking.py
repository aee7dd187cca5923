"""Unpacking a file that came squeezed: gzip, or a ZIP archive with one file in it. Only workers call this.

What it says of its own size is not believed: bytes are counted as they come, and there is an end of them.
"""

import gzip
import os
import shutil
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from webapp.errors import sentence
from webapp.sources.own.rules_imported import UnreadableFileError

MOST_UNPACKED = 1_000_000_000
"""Bytes that a file may have when it is unpacked."""
_HARMLESS = 50_000_000
_DENSEST = 100
"""Text of prices is squeezed to a tenth or so; what grows to a hundred times its size was made to fill a disk."""
_PIECE = 1 << 20
_GZIP, _ZIP = b"\x1f\x8b", b"PK\x03\x04"
_EMPTY_ZIP = b"PK\x05\x06"
_ENCRYPTED = 0x1
_BROKEN = (EOFError, OSError, zlib.error, zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError)


def unpack(sent: Path, target: Path) -> str:
    """Write what is in a file to another, or the file itself where it is not squeezed; return its name inside a ZIP.

    :raises UnreadableFileError: when it is broken, encrypted, grows too large, or holds something else than one file.
    """
    with sent.open("rb") as file:
        start = file.read(4)
    draft = target.with_name(f"{target.name}.{os.getpid()}.part")
    try:
        if start.startswith(_GZIP):
            with _in_words(), gzip.open(sent) as source:
                _copy(source, draft, sent.stat().st_size)
            name = ""
        elif start in (_ZIP, _EMPTY_ZIP):
            with _in_words(), zipfile.ZipFile(sent) as archive:
                member = _only_member(archive)
                with archive.open(member) as source:
                    _copy(source, draft, member.compress_size)
            name = Path(member.filename).name
        else:
            _link(sent, draft)
            name = ""
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
    return name


def _link(sent: Path, draft: Path) -> None:
    try:
        draft.hardlink_to(sent)
    except OSError:  # not every disk can
        shutil.copyfile(sent, draft)


def _only_member(archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    members = [member for member in archive.infolist() if not member.is_dir() and not _is_of_a_system(member.filename)]
    if any(member.filename == "[Content_Types].xml" for member in members):
        raise UnreadableFileError(sentence("This is a workbook. Save the table as CSV first."))
    if len(members) != 1:
        message = sentence("This archive holds %(count)d files. Pack and import them one by one.", count=len(members))
        raise UnreadableFileError(message)
    if members[0].flag_bits & _ENCRYPTED:
        raise UnreadableFileError(sentence("This archive needs a password. Unpack it first."))
    return members[0]


def _is_of_a_system(name: str) -> bool:
    """Tell whether macOS or Windows put a file beside the one that a person did."""
    return name.startswith("__MACOSX/") or Path(name).name in {".DS_Store", "Thumbs.db", "desktop.ini"}


def _copy(source: IO[bytes] | gzip.GzipFile, target: Path, packed_size: int) -> None:
    """Write all bytes of a stream, as long as there are not too many of them."""
    limit = min(MOST_UNPACKED, max(_HARMLESS, packed_size * _DENSEST))
    size = 0
    with target.open("wb") as file:
        while piece := source.read(_PIECE):
            size += len(piece)
            if size > limit:
                raise UnreadableFileError(
                    sentence("Unpacked, this file is larger than %(size)d MB. Cut it in two.", size=limit // 1_000_000)
                )
            file.write(piece)


@contextmanager
def _in_words() -> Iterator[None]:
    """Turn what libraries say of a broken archive into a sentence."""
    try:
        yield
    except _BROKEN as err:
        message = sentence(
            "This archive cannot be unpacked (%(reason)s). Pack it anew, or send the file as it is.",
            reason=(str(err).splitlines() or [type(err).__name__])[0][:120],
        )
        raise UnreadableFileError(message) from err
