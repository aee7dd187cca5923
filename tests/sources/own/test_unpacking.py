"""Squeezed files: one file inside, and an end of what they may grow to."""

import gzip
import io
import zipfile
from pathlib import Path

import pytest

from webapp.sources.own import unpacking
from webapp.sources.own.rules_imported import UnreadableFileError
from webapp.sources.own.unpacking import unpack

TEXT = b"time,open,high,low,close\n2024-02-01,1,2,1,2\n"


def zipped(*names: str, content: bytes = TEXT, kind: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", kind) as archive:
        for name in names:
            archive.writestr(name, content)
    return file.getvalue()


def unpacked(folder: Path, sent: bytes) -> tuple[str, bytes]:
    (folder / "sent").write_bytes(sent)
    name = unpack(folder / "sent", folder / "original")
    assert sorted(path.name for path in folder.iterdir()) == ["original", "sent"]
    return name, (folder / "original").read_bytes()


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        (TEXT, ""),
        (gzip.compress(TEXT), ""),
        (gzip.compress(TEXT[:20]) + gzip.compress(TEXT[20:]), ""),
        (zipped("AAPL.csv"), "AAPL.csv"),
        (zipped("AAPL.csv", kind=zipfile.ZIP_STORED), "AAPL.csv"),
        (zipped("data/", "data/AAPL.csv", "__MACOSX/data/._AAPL.csv", "data/.DS_Store"), "AAPL.csv"),
        (zipped("../../etc/AAPL.csv"), "AAPL.csv"),
    ],
)
def test_the_one_file_inside_is_read(tmp_path: Path, sent: bytes, name: str) -> None:
    assert unpacked(tmp_path, sent) == (name, TEXT)


def encrypted() -> bytes:
    raw = bytearray(zipped("AAPL.csv"))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        raw[raw.index(mark) + place] |= 1
    return bytes(raw)


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        (zipped("a.csv", "b.csv"), "holds 2 files"),
        (zipped(), "holds 0 files"),
        (zipped("[Content_Types].xml", "xl/workbook.xml"), "This is a workbook"),
        (encrypted(), "needs a password"),
        (gzip.compress(TEXT)[:-9], "cannot be unpacked"),
        (gzip.compress(TEXT)[:10] + b"\xff" * 40, "cannot be unpacked"),
        (zipped("a.csv")[:60], "cannot be unpacked"),
    ],
)
def test_what_cannot_be_unpacked_gets_a_sentence(tmp_path: Path, sent: bytes, sentence: str) -> None:
    (tmp_path / "sent").write_bytes(sent)
    with pytest.raises(UnreadableFileError, match=sentence):
        unpack(tmp_path / "sent", tmp_path / "original")
    assert [path.name for path in tmp_path.iterdir()] == ["sent"]


@pytest.mark.parametrize("pack", [gzip.compress, lambda content: zipped("bomb.csv", content=content)])
def test_a_file_that_was_made_to_fill_a_disk_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pack: "object"
) -> None:
    monkeypatch.setattr(unpacking, "_HARMLESS", 1_000_000)
    assert callable(pack)
    (tmp_path / "sent").write_bytes(pack(bytes(20_000_000)))
    with pytest.raises(UnreadableFileError, match="Unpacked, this file is larger than"):
        unpack(tmp_path / "sent", tmp_path / "original")
    assert [path.name for path in tmp_path.iterdir()] == ["sent"]


def test_a_file_has_an_end_however_honestly_it_was_squeezed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "MOST_UNPACKED", len(TEXT) - 1)
    (tmp_path / "sent").write_bytes(gzip.compress(TEXT))
    with pytest.raises(UnreadableFileError, match="larger than"):
        unpack(tmp_path / "sent", tmp_path / "original")
