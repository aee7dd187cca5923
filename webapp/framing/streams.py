"""Frames on their way over a network: Arrow streams, of which a long series is passed on while it is read."""

from collections.abc import Iterable, Iterator, Mapping

import pyarrow as pa

from webapp.context import Context
from webapp.errors import Sentence
from webapp.exporting.rules_exports import UTC
from webapp.exporting.sink import Sink
from webapp.framing.arguments import FrameShape
from webapp.framing.bar_blocks import blocks
from webapp.framing.bar_columns import is_long, names_of
from webapp.framing.bars_reading import read_picked, read_symbols, within
from webapp.framing.bars_request import BarsRequest
from webapp.framing.collected_bars import read_collected
from webapp.framing.frame_facts import failed_facts, frame_facts, series_facts
from webapp.framing.lacking import BarsNeeds
from webapp.framing.layouts import index_zone
from webapp.framing.sheets import Sheet, arrow_numbers, arrow_table, arrow_times, metadata_of
from webapp.jobs.queries_jobs import JobRow
from webapp.reading.bars import StoredBars, open_bars
from webapp.reading.lookup import find_bars
from webapp.reading.panel.panel_opening import PickedBars
from webapp.reading.queries_packed_bars import Packed

_ROWS = 65_536


def stream_symbol(context: Context, symbol: str, request: BarsRequest) -> Iterator[bytes]:
    """Yield the bars of one symbol as an Arrow stream (see ``stream_picked``).

    :raises NotFoundError: when nothing of the kind was ever collected.
    """
    series = find_bars(symbol, request.source, request.interval, request.options)
    return stream_picked(context, within(series, request), request)


def stream_symbols(context: Context, symbols: Iterable[str], request: BarsRequest) -> Iterator[bytes]:
    """Yield the bars of several symbols as an Arrow stream.

    :raises SymbolsError: when some of them cannot be had, and are not to be left out.
    :raises InvalidRequestError: when an argument is not understood.
    """
    return stream_sheet(read_symbols(context, symbols, request))


def stream_collected(
    context: Context, needed: BarsNeeds, jobs: Iterable[JobRow], request: BarsRequest, *, is_single: bool
) -> Iterator[bytes]:
    """Yield what ``read_collected`` returns as an Arrow stream."""
    return stream_sheet(read_collected(context, needed, jobs, request, is_single=is_single))


def stream_sheet(sheet: Sheet) -> Iterator[bytes]:
    """Yield a sheet as an Arrow stream (IPC stream, as ``pyarrow.ipc.open_stream`` takes it)."""
    table = arrow_table(sheet)
    return _stream(table.schema, iter(table.to_batches(max_chunksize=_ROWS)))


def stream_picked(
    context: Context, pick: PickedBars, request: BarsRequest, failed: Mapping[str, Sentence] | None = None
) -> Iterator[bytes]:
    """Yield what ``read_picked`` returns as an Arrow stream; a long series while it is read, with little memory.

    What is wrong with the request is raised before the iterator is returned. The iterator itself may raise
    ``SeriesChangedError`` and ``PackError``: the stream breaks off then, and is to be asked for again. It may be read
    after the application context has gone.

    :raises NotFoundError: when the series has just been deleted.
    :raises InvalidRequestError: when an argument is not understood.
    """
    stored = open_bars(pick.series.id, request.adjust, pick.span) if pick.step is None else None
    if stored is None or not _is_plain(stored, request.shape) or not is_long(stored):
        return stream_sheet(read_picked(context, pick, request, failed))
    zone = index_zone(request.shape.zone, [stored])
    facts: dict[str, object] = {**series_facts(stored, None), **frame_facts(zone, request.adjust, context.now())}
    if failed:
        facts["failed"] = failed_facts(failed)
    names = request.shape.columns or names_of(stored)
    fields = [("time", pa.timestamp("us", tz=zone)), *((name, pa.float64()) for name in names)]
    schema = pa.schema(fields, metadata=metadata_of(facts))
    places = [names_of(stored).index(name) for name in names]
    is_dated = stored.interval.is_dated
    return _stream(schema, (_batch(block, places, schema, is_dated=is_dated) for block in blocks(stored)))


def _is_plain(stored: StoredBars, shape: FrameShape) -> bool:
    """Tell whether bars are wanted as they are stored, adjusted; whatever else is asked, ``layouts`` answers."""
    return (
        shape.field is None
        and not shape.has_actions
        and set(shape.columns or ()) <= set(names_of(stored))
        and (shape.zone == UTC or not stored.interval.is_dated)
    )


def _batch(block: Packed, places: list[int], schema: pa.Schema, *, is_dated: bool) -> pa.RecordBatch:
    times, values = block
    zone = schema.field("time").type.tz
    columns = [arrow_numbers(values[place]) for place in places]
    return pa.record_batch([arrow_times(times, zone, is_dated=is_dated), *columns], schema=schema)


def _stream(schema: pa.Schema, batches: Iterator[pa.RecordBatch]) -> Iterator[bytes]:
    sink = Sink()
    with pa.ipc.new_stream(sink, schema) as writer:
        for batch in batches:
            writer.write_batch(batch)
            yield from sink.take_pieces()
    yield from sink.take_pieces()
