"""How files are read: what parts their columns, where they begin, and how their bars are kept."""

from pathlib import Path

import pytest

from webapp.kernel.bars import Bar
from webapp.kernel.spans import Span
from webapp.sources.own.files import first_lines, layout_of
from webapp.sources.own.rules_imported import UnreadableFileError
from webapp.sources.own.staged import bars_between, edges, in_order, packed


def written(folder: Path, content: bytes) -> Path:
    path = folder / "original"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("content", "encoding", "delimiter", "names"),
    [
        (b"a,b,c\n2024-01-02,2,3\n", "utf-8", ",", ("a", "b", "c")),
        (b"\xef\xbb\xbfa;b\n1,5;2,5\n1,5;2,5\n", "utf-8-sig", ";", ("a", "b")),
        ("Clôture\tHaut\n1\t2\n".encode("cp1252"), "cp1252", "\t", ("Clôture", "Haut")),
        ("a;b\n1;2\n".encode("utf-16"), "utf-16", ";", ("a", "b")),
        (b"20240102 170000;1.1;1.2\n", "utf-8", ";", ("1", "2", "3")),
        (b'# a comment\n"a","b"\n"1,234.5",2\n', "utf-8", ",", ("a", "b")),
    ],
)
def test_the_layout_of_a_text_is_found(
    tmp_path: Path, content: bytes, encoding: str, delimiter: str, names: tuple[str, ...]
) -> None:
    layout = layout_of(written(tmp_path, content))
    assert (layout.encoding, layout.delimiter, layout.names) == (encoding, delimiter, names)


@pytest.mark.parametrize(
    ("content", "names", "first"),
    [
        (b"sep=;\r\na;b\r\n1,5;2\r\n1,5;2\r\n", ("a", "b"), (3, ["1,5", "2"])),
        (b"Apple Inc (AAPL)\n\na,b,c\n1,2,3\n4,5,6\n", ("a", "b", "c"), (4, ["1", "2", "3"])),
        (b"Apple Inc, daily\na,b,c\n1,2,3\n4,5,6\n", ("a", "b", "c"), (3, ["1", "2", "3"])),
        (b"a,b\n1,2,\n3,4,\n5,6,\n", ("a", "b", "3"), (2, ["1", "2", ""])),
        (b"a,b,c,d\n1,2,3\n4,5,6\n", ("a", "b", "c", "d"), (2, ["1", "2", "3"])),
        (b"Apple Inc (AAPL)\n1,2,3\n4,5,6\n", ("1", "2", "3"), (2, ["1", "2", "3"])),
    ],
)
def test_a_table_begins_where_its_columns_do(
    tmp_path: Path, content: bytes, names: tuple[str, ...], first: tuple[int, list[str]]
) -> None:
    path = written(tmp_path, content)
    layout = layout_of(path)
    assert layout.names == names
    assert first_lines(path, layout, 1) == [first]


def test_lines_are_counted_as_an_editor_counts_them(tmp_path: Path) -> None:
    path = written(tmp_path, b"# made by hand\na,b\n\n1,2\n3,4\n")
    assert first_lines(path, layout_of(path), 5) == [(4, ["1", "2"]), (5, ["3", "4"])]


def test_a_quotation_mark_that_nothing_closes_takes_no_other_line_with_it(tmp_path: Path) -> None:
    path = written(tmp_path, b'a,b\n1,"2\n3,4\n5,"6" \n7,8" pipe\n"9","1""0"\n')
    assert [cells for _, cells in first_lines(path, layout_of(path), 9)] == [
        ['1,"2'],
        ["3", "4"],
        ["5", "6 "],
        ["7", '8" pipe'],
        ["9", '1"0'],
    ]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"# only\n# comments\n", "No columns"),
        (b",,,\n;;;\n", "No columns"),
        (b"sep=;\n", "No columns"),
        (b"\xef\xbb\xbf", "empty"),
        (b"\xff\xfe", "empty"),
        ("\n".encode("utf-16"), "empty"),
        (b'{"bars":[' + b'{"t":1,"c":1.5},' * 20_000 + b"]}", "No columns"),
        (b'"' + b"x" * 200_000 + b'"', "No columns"),
    ],
)
def test_a_text_that_holds_no_table_is_refused(tmp_path: Path, content: bytes, told: str) -> None:
    with pytest.raises(UnreadableFileError, match=told):
        layout_of(written(tmp_path, content))


def test_a_file_without_a_second_column_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match="No columns"):
        layout_of(written(tmp_path, b"a\n1\n2\n"))


@pytest.mark.parametrize("times", [[1, 2, 3, 3], [3, 2, 1], [2, 3, 1, 2], [3, 3, 2]])
def test_bars_are_kept_by_time_and_the_first_of_two_counts(tmp_path: Path, times: list[int]) -> None:
    bars: list[Bar] = [(time, 1.0, 2.0, 0.5, float(line), 3.0, None, line) for line, time in enumerate(times)]
    draft, target = tmp_path / "draft", tmp_path / "bars"
    draft.write_bytes(b"".join(packed(bar, line) for line, bar in enumerate(bars)))
    with target.open("wb") as file:
        left_out = list(in_order(draft, file))
    first = {bar[0]: bar for bar in reversed(bars)}
    assert bars_between(target, Span(0, 10)) == [first[time] for time in sorted(first)]
    assert bars_between(target, Span(2, 3)) == [first[2]]
    assert edges(target) == (min(times), max(times))
    assert not any(is_same for *_, is_same in left_out)
    assert [times[line] == times[earlier] and earlier < line for line, earlier, _ in left_out] == [True] * (
        len(times) - len(first)
    )
