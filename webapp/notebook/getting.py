"""Collecting what is missing of some symbols, waiting for it, and reading their bars: ``JobManager.get``."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from webapp.collecting.plan import SeriesNeeds, find_needs
from webapp.collecting.submit import submit_together
from webapp.collecting.validation import ValidRequest, validate_request
from webapp.context import Context
from webapp.database.transactions import reading
from webapp.errors import NotFoundError, Sentence, SymbolsError, sentence
from webapp.jobs.queries_jobs import JobRow
from webapp.kernel.job_states import JobState
from webapp.kernel.requests import CollectRequest
from webapp.notebook.bars_reading import BarsRequest, read_many, read_picked
from webapp.notebook.database_errors import opened
from webapp.notebook.job_waiting import wait_for_batch
from webapp.notebook.progress_display import ProgressDisplay
from webapp.reading.lookup import find_bars
from webapp.reading.panel.panel_opening import PickedBars
from webapp.reading.panel.picks import label_of
from webapp.series import queries_series


@dataclass(frozen=True, slots=True)
class _Collected:
    """What is there after the collection: ``labels`` say what each of the request's symbols is called in frames."""

    request: ValidRequest
    labels: Mapping[str, str]
    failed: Mapping[str, Sentence]
    """Why the collection of a symbol failed, by the request's symbols."""


def collect_and_read(
    collection: CollectRequest, frame: BarsRequest, timeout: float | None, display: ProgressDisplay, *, is_single: bool
) -> object:
    """Return the bars of a request once all of it is stored.

    :raises InvalidRequestError: with a sentence for each field that is wrong; nothing is queued then.
    :raises SymbolsError: when the collection of some symbols failed, unless what could be had is to be kept.
    :raises TimeoutError: when it takes longer than ``timeout`` seconds.
    """
    with opened() as context:
        request = validate_request(collection, context.now())
        names = dict(zip(request.request.symbols, collection.symbols, strict=False))
        labels = {symbol: label_of(names.get(symbol, symbol), symbol) for symbol in request.symbols}
        with reading() as connection:
            needs = {symbol: find_needs(connection, request, symbol) for symbol in request.symbols}
        batch_id = _submit_missing(context, request, needs)
    jobs = () if batch_id is None else wait_for_batch(batch_id, timeout, display)
    failed = {**_refused(needs), **{job.symbol: _why(job) for job in jobs if job.state is not JobState.SUCCEEDED}}
    with opened() as context:
        return _read(context, _Collected(request, labels, failed), frame, is_single=is_single)


def _submit_missing(context: Context, request: ValidRequest, needs: Mapping[str, SeriesNeeds]) -> int | None:
    """Submit jobs for the symbols that lack something; return the id of their batch, None when none does."""
    lacking = tuple(symbol for symbol, its in needs.items() if its.chunks)
    if not lacking:
        return None
    narrowed = validate_request(replace(request.request, symbols=lacking), context.now())
    return submit_together(context, [narrowed], "python").batch_id


def _refused(needs: Mapping[str, SeriesNeeds]) -> dict[str, Sentence]:
    """Return why the source cannot serve symbols of which nothing is stored and nothing can be had."""
    return {
        symbol: its.refusals[0].reason
        for symbol, its in needs.items()
        if its.refusals and not its.chunks and (its.row is None or not its.row.rows)
    }


def _why(job: JobRow) -> Sentence:
    if job.state is JobState.CANCELLED:
        return sentence("Its collection was cancelled (job %(id)d).", id=job.id)
    if job.message is None:
        return sentence("Its collection failed (job %(id)d); its log says why.", id=job.id)
    if job.hint is None:
        return job.message
    return Sentence("%(message)s %(hint)s", {"message": str(job.message), "hint": str(job.hint)})


def _read(context: Context, collected: _Collected, frame: BarsRequest, *, is_single: bool) -> object:
    picks: dict[str, PickedBars] = {}
    failed: dict[str, Sentence] = {}
    for symbol, label in collected.labels.items():
        reason = collected.failed.get(symbol)
        if reason is not None:
            failed[label] = reason
        if reason is None or frame.shape.keeps_partial:
            try:
                picks[label] = _pick(collected.request, symbol)
            except NotFoundError as err:
                failed.setdefault(label, err.message)
    if not is_single:
        return read_many(context, picks, frame, failed)
    if not picks or (failed and not frame.shape.keeps_partial):
        raise SymbolsError(failed, 1)
    return read_picked(context, next(iter(picks.values())), frame, failed)


def _pick(request: ValidRequest, symbol: str) -> PickedBars:
    """Return a symbol's series with the span that was asked for, in days of the exchange as it is known by now."""
    source = find_bars(symbol, request.source, request.interval, request.options)
    with reading() as connection:
        facts = queries_series.facts(connection, request.source, symbol)
    return PickedBars(source.series, source.step, request.span(symbol, facts))
