"""Reading the bars of symbols once what was missing is there: the second half of ``get``."""

from collections.abc import Collection, Iterable, Mapping

from webapp.collecting.plan import SeriesNeeds
from webapp.collecting.validation import ValidRequest
from webapp.context import Context
from webapp.database.transactions import reading
from webapp.errors import NotFoundError, Sentence, SymbolsError, sentence
from webapp.framing.bars_reading import read_many, read_picked
from webapp.framing.bars_request import BarsRequest
from webapp.framing.lacking import BarsNeeds
from webapp.framing.sheets import Sheet
from webapp.jobs.queries_jobs import JobRow
from webapp.kernel.job_states import JobState
from webapp.reading.lookup import find_bars
from webapp.reading.panel.panel_opening import PickedBars
from webapp.series import queries_series


def read_collected(
    context: Context, needed: BarsNeeds, jobs: Iterable[JobRow], frame: BarsRequest, *, is_single: bool
) -> Sheet:
    """Return the bars of a request once its jobs are over.

    :param is_single: whether one symbol is laid out by itself.
    :raises SymbolsError: when the collection of some symbols failed, unless what could be had is to be kept.
    :raises InvalidRequestError: with a sentence for each argument that is wrong.
    """
    states = {job.symbol: job for job in jobs}
    refused = _refused(needed.needs, states)
    failed = refused | {job.symbol: _why(job) for job in states.values() if job.state is not JobState.SUCCEEDED}
    return _read(context, needed, failed, frame, is_single=is_single)


def _refused(needs: Mapping[str, SeriesNeeds], collected: Collection[str]) -> dict[str, Sentence]:
    """Return why the source cannot serve symbols of which nothing is stored and nothing can be had."""
    return {
        symbol: its.refusals[0].reason
        for symbol, its in needs.items()
        if symbol not in collected and its.refusals and not its.chunks and (its.row is None or not its.row.rows)
    }


def _why(job: JobRow) -> Sentence:
    if job.state is JobState.CANCELLED:
        return sentence("Its collection was cancelled (job %(id)d).", id=job.id)
    if job.message is None:
        return sentence("Its collection failed (job %(id)d); its log says why.", id=job.id)
    if job.hint is None:
        return job.message
    return Sentence("%(message)s %(hint)s", {"message": str(job.message), "hint": str(job.hint)})


def _read(
    context: Context,
    needed: BarsNeeds,
    reasons: Mapping[str, Sentence],
    frame: BarsRequest,
    *,
    is_single: bool,
) -> Sheet:
    picks: dict[str, PickedBars] = {}
    failed: dict[str, Sentence] = {}
    for symbol, label in needed.labels.items():
        reason = reasons.get(symbol)
        if reason is not None:
            failed[label] = reason
        if reason is None or frame.shape.keeps_partial:
            try:
                picks[label] = _pick(needed.request, symbol)
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
