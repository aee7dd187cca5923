"""Streams of frames: in blocks, of pages or of packs, on both databases; and what breaks off is no answer."""

import json
import sys
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tests.stored import Store
from webapp.errors import NotFoundError, sentence
from webapp.framing import bar_columns, packed_streams, streams
from webapp.framing.arguments import FrameShape
from webapp.framing.bar_blocks import blocks
from webapp.framing.bar_columns import columns_of
from webapp.framing.bars_reading import read_symbol
from webapp.framing.bars_request import BarsRequest
from webapp.framing.packed_streams import PackError
from webapp.framing.sheets import arrow_table
from webapp.kernel.bars import Action, Bar
from webapp.kernel.intervals import DAY, Interval
from webapp.kernel.spans import EVER, Span
from webapp.reading import queries_packed_bars
from webapp.reading.bars import open_bars
from webapp.reading.steadiness import SeriesChangedError, Steadiness


def bars(count: int, *, is_wide: bool = False) -> list[Bar]:
    """Bars whose figures are hard to copy; of wide ones, some averages and counts are unknown."""
    return [
        (
            DAY * n,
            0.1 + n / 3,
            2.5,
            -0.0,
            187.14999389648438,
            float(n),
            0.1 * n if is_wide and n > 2 else None,
            n if is_wide and n % 3 else None,
        )
        for n in range(count)
    ]


def request(**shape: Any) -> BarsRequest:  # noqa: ANN401 -- how frames are laid out
    return BarsRequest(None, Interval.D1, "all", FrameShape(**shape))


def table_of(chunks: Iterator[bytes]) -> pa.Table:
    return pa.ipc.open_stream(pa.py_buffer(b"".join(chunks))).read_all()


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let few bars be many, and packs and pages be small."""
    monkeypatch.setattr(bar_columns, "MANY", {"sqlite": 0, "postgresql": 0})
    monkeypatch.setattr(packed_streams, "_MOST", 40)
    monkeypatch.setattr(packed_streams, "_PAGE", 40)


@pytest.mark.parametrize("is_wide", [False, True])
@pytest.mark.usefixtures("many")
def test_blocks_hold_what_all_columns_hold(both_stores: Store, *, is_wide: bool) -> None:
    series_id = both_stores.series()
    both_stores.put(series_id, bars(100, is_wide=is_wide))
    both_stores.act(series_id, Action("dividend", DAY * 50, 0.01), Action("split", DAY * 80, 4.0))
    for adjust, span, count in (("none", EVER, 3), ("all", Span(DAY * 20, DAY * 60), 1), ("splits", Span(0, 0), 0)):
        opened = open_bars(series_id, adjust, span)
        parts = list(blocks(opened))
        assert len(parts) == count
        whole = columns_of(opened, many=10**9)
        assert np.array_equal(np.concatenate([np.empty(0), *(times for times, _ in parts)]), whole.times)
        values = np.concatenate([np.empty((len(whole.names), 0)), *(values for _, values in parts)], axis=1)
        assert np.array_equal(values.view(np.int64), np.ascontiguousarray(whole.values).view(np.int64))


@pytest.mark.parametrize("shape", [{}, {"columns": ("close", "open")}, {"actions": True}, {"zone": "Europe/Paris"}])
@pytest.mark.usefixtures("many")
def test_a_stream_holds_the_table_that_scripts_get(both_stores: Store, shape: dict[str, Any]) -> None:
    series_id = both_stores.series()
    both_stores.facts(series_id, timezone="America/New_York", currency="USD")
    both_stores.put(series_id, bars(100, is_wide=True))
    streamed = table_of(streams.stream_symbol(both_stores.context, "AAPL", request(**shape)))
    whole = arrow_table(read_symbol(both_stores.context, "AAPL", request(**shape)))
    assert streamed.equals(whole)
    facts = [json.loads(table.schema.metadata[b"moisson"]) for table in (streamed, whole)]
    assert facts[0] == facts[1]
    assert facts[0]["unit"] == "USD"


def test_what_is_wrong_is_said_before_anything_is_sent(store: Store) -> None:
    with pytest.raises(NotFoundError):
        streams.stream_symbol(store.context, "NOPE", request())


@pytest.mark.usefixtures("many")
def test_a_series_that_changes_meanwhile_breaks_the_stream_off(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    series_id = store.series()
    store.put(series_id, bars(100))
    monkeypatch.setattr(Steadiness, "check", changed)
    chunks = streams.stream_symbol(store.context, "AAPL", request())
    sent: list[bytes] = []
    with pytest.raises(SeriesChangedError):
        sent.extend(chunks)
    assert sent
    assert not sent[-1].endswith(END), "it has no end, so that nobody takes it for whole"


def changed(_steady: Steadiness) -> None:
    raise SeriesChangedError(sentence("The series was changed."))


END = b"\xff\xff\xff\xff\x00\x00\x00\x00"
"""How an Arrow stream ends."""
WRITES_TWO = (
    "import sys, pyarrow as pa; b = pa.record_batch({'time': [1, 2], **{n: [1.0, 2.0] for n in 'ohlcv'}});"
    " w = pa.ipc.new_stream(sys.stdout.buffer, b.schema); w.write_batch(b); sys.stdout.flush();"
)


@pytest.mark.parametrize("ending", ["sys.exit(1)", "w.close(); sys.exit(1)", "sys.stdout.buffer.write(b'x' * 99)"])
def test_a_reader_that_breaks_off_later_is_an_error(ending: str) -> None:
    tables = packed_streams._tables([sys.executable, "-c", WRITES_TWO + ending])  # noqa: SLF001 -- of one process
    assert next(tables).num_rows == 2
    with pytest.raises(PackError):
        list(tables)


@pytest.mark.parametrize("command", [["/nowhere/python"], [sys.executable, "-c", "import sys; sys.exit(3)"]])
@pytest.mark.usefixtures("many")
def test_a_reader_that_does_not_even_begin_leaves_it_to_the_pages(
    store: Store, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    series_id = store.series()
    store.put(series_id, bars(30))
    monkeypatch.setattr(queries_packed_bars, "file_command", answer_with(command))
    assert packed_streams.stream(open_bars(series_id, "none").reading, series_id, EVER, has_wap=False) is None
    assert sum(len(times) for times, _ in blocks(open_bars(series_id, "none"))) == 30


def answer_with(command: list[str]) -> Callable[..., list[str]]:
    return lambda *_places, **_named: command


def test_a_stream_that_nobody_wants_ends_its_reader() -> None:
    waiting = "import time; time.sleep(600)"
    tables = packed_streams._tables([sys.executable, "-c", WRITES_TWO + waiting])  # noqa: SLF001 -- of one process
    assert next(tables).num_rows == 2
    tables.close()  # type: ignore[attr-defined]  # a generator: it returns once the process has ended
