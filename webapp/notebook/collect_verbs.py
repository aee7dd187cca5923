"""``JobManager``'s verbs for collecting: submit, wait, and both with the bars at the end."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal, Unpack, overload

import pandas as pd

from webapp.collecting.request_values import parse_request
from webapp.collecting.submit import clone, submit
from webapp.collecting.validation import validate_request
from webapp.framing.arguments import (
    AdjustName,
    ColumnName,
    FrameKind,
    IntervalName,
    Moment,
    OnFailure,
    PriorityName,
)
from webapp.framing.bars_parsing import parse_get_request
from webapp.jobs.records import JobRecord, record
from webapp.kernel.request_fields import parse_whole
from webapp.notebook.batch import Batch
from webapp.notebook.database_errors import opened
from webapp.notebook.frames import ArrowTable
from webapp.notebook.getting import collect_and_read
from webapp.notebook.job_waiting import wait_for_batch
from webapp.notebook.progress_display import choose_display
from webapp.notebook.values import parse_timeout, plain, plain_values
from webapp.sources.choices import SourceOptions

if TYPE_CHECKING:
    import polars as pl


class GetArguments(SourceOptions, total=False):
    """What ``JobManager.get`` takes by name, besides ``as_``."""

    source: str
    interval: IntervalName
    start: Moment | None
    end: Moment | None
    period: str | None
    priority: PriorityName
    refresh: bool
    adjust: AdjustName
    complete_only: bool
    field: ColumnName | None
    columns: Iterable[ColumnName] | None
    actions: bool
    zone: str
    partial: OnFailure
    timeout: float | None
    progress: bool | None


class CollectVerbs:
    """Collecting what is missing."""

    @staticmethod
    def submit(  # noqa: PLR0913 -- the fields of the form
        symbols: str | Iterable[str],
        *,
        source: str = "yahoo",
        interval: IntervalName = "1d",
        start: Moment | None = None,
        end: Moment | None = None,
        period: str | None = None,
        priority: PriorityName = "normal",
        refresh: bool = False,
        **options: Unpack[SourceOptions],
    ) -> Batch:
        """Submit a collection of what is missing: give ``period``, or ``start`` with an optional ``end``.

        A date, as text (``2024-03-01``) or as a ``date``, is a whole day of the exchange, the last one included; a
        date-time is an instant, UTC unless it says otherwise, and as an end exclusive; for bars of a day or longer only
        its date counts. ``options`` are the source's, by the names that its manifest says; ``SourceOptions`` lists
        those that type checkers know; any other is taken, too.

        :raises InvalidRequestError: with a sentence for each field that is wrong; nothing is queued then.
        """
        values: dict[str, object] = {"source": source, "symbols": symbols, "interval": interval}
        values |= {"start": start, "end": end, "period": period, "options": options}
        values |= {"priority": priority, "refresh": refresh}
        with opened() as context:
            request = parse_request(plain_values(values), context.now())
            submission = submit(context, validate_request(request, context.now()), "python")
        return Batch(submission.batch_id, submission.job_ids, submission.repeated)

    @overload
    @staticmethod
    def get(
        symbols: str | Iterable[str], *, as_: Literal["pandas"] = "pandas", **arguments: Unpack[GetArguments]
    ) -> pd.DataFrame: ...

    @overload
    @staticmethod
    def get(
        symbols: str | Iterable[str], *, as_: Literal["polars"], **arguments: Unpack[GetArguments]
    ) -> "pl.DataFrame": ...

    @overload
    @staticmethod
    def get(
        symbols: str | Iterable[str], *, as_: Literal["arrow"], **arguments: Unpack[GetArguments]
    ) -> ArrowTable: ...

    @staticmethod
    def get(  # noqa: PLR0913 -- the fields of a collection, of an export, and how frames are laid out
        symbols: str | Iterable[str],
        *,
        source: str = "yahoo",
        interval: IntervalName = "1d",
        start: Moment | None = None,
        end: Moment | None = None,
        period: str | None = None,
        priority: PriorityName = "normal",
        refresh: bool = False,
        adjust: AdjustName = "splits",
        complete_only: bool = False,
        field: ColumnName | None = None,
        columns: Iterable[ColumnName] | None = None,
        actions: bool = False,
        zone: str = "UTC",
        partial: OnFailure = "raise",
        as_: FrameKind = "pandas",
        timeout: float | None = None,
        progress: bool | None = None,
        **options: Unpack[SourceOptions],
    ) -> object:
        """Collect what is missing of some symbols, wait for it, and return their bars: ``submit``, ``wait``, ``bars``.

        The arguments are those of ``submit``, which say what is collected and which bars are returned, and those of
        ``bars``, which say how. One symbol makes a frame of its own; a list, and a text with several symbols, a long
        frame, or a wide one with ``field``. A job is submitted only for symbols that lack something, so that what is
        stored needs neither a worker nor a queue.

        Meanwhile a bar shows how far it is, on standard error of a terminal or in a notebook, and says when no worker
        is there; elsewhere only that is said, in a line. ``progress=True`` draws it in any case, False says nothing.

        ``partial="keep"`` returns what could be had, although the collection of other symbols, or a part of it, failed:
        ``attrs["failed"]`` has a sentence for each.

        :raises SymbolsError: when the collection of some symbols failed or was cancelled, or nothing came of them:
            ``symbols`` has a sentence for each.
        :raises InvalidRequestError: with a sentence for each argument that is wrong; nothing is queued then.
        :raises TimeoutError: when it takes longer than ``timeout`` seconds; the jobs go on.
        :raises MissingPackageError: when polars is asked for and not installed.
        """
        values: dict[str, object] = {"source": source, "symbols": symbols, "interval": interval}
        values |= {"start": start, "end": end, "period": period, "options": options}
        values |= {"priority": priority, "refresh": refresh}
        chosen = {"adjust": adjust, "start": start, "end": end, "complete_only": complete_only}
        layout = {"field": field, "columns": columns, "actions": actions, "zone": zone, "as_": as_, "partial": partial}
        seconds = parse_timeout(timeout)
        with opened() as context:
            request, frame = parse_get_request(
                plain_values(values), plain_values(chosen), plain_values(layout), context.now()
            )
        is_single = isinstance(symbols, str) and len(request.symbols) == 1 and field is None
        return collect_and_read(request, frame, seconds, choose_display(is_shown=progress), is_single=is_single)

    @staticmethod
    def wait(batch: int | Batch, timeout: float | None = None, *, progress: bool | None = None) -> list[JobRecord]:
        """Wait until no job that serves a batch (or the one of that id) is active; return them as they ended, by id.

        Jobs that were at work on the same for an earlier batch are waited for, too, and so is one that is paused.
        ``progress`` is as in ``get``.

        :raises NotFoundError: when there is no such batch, or its jobs were cleared away.
        :raises TimeoutError: when that takes longer than ``timeout`` seconds; the jobs go on.
        """
        batch_id = batch.id if isinstance(batch, Batch) else parse_whole("batch", plain(batch))
        jobs = wait_for_batch(batch_id, parse_timeout(timeout), choose_display(is_shown=progress))
        with opened() as context:
            return [record(context, job) for job in jobs]

    @staticmethod
    def clone(job_id: int) -> Batch:
        """Submit once more what a job collects.

        :raises NotFoundError: when there is none of this id.
        """
        with opened() as context:
            submission = clone(context, parse_whole("job_id", plain(job_id)), "python")
        return Batch(submission.batch_id, submission.job_ids, submission.repeated)
