"""Collecting what is missing of some symbols, waiting for it, and reading their bars: ``JobManager.get``."""

from webapp.framing.bars_request import BarsRequest
from webapp.framing.collected_bars import read_collected
from webapp.framing.lacking import find_lacking, submit_lacking
from webapp.kernel.requests import CollectRequest
from webapp.notebook.database_errors import opened
from webapp.notebook.frames import as_kind
from webapp.notebook.job_waiting import wait_for_batch
from webapp.notebook.progress_display import ProgressDisplay


def collect_and_read(
    collection: CollectRequest, frame: BarsRequest, timeout: float | None, display: ProgressDisplay, *, is_single: bool
) -> object:
    """Return the bars of a request once all of it is stored.

    :raises InvalidRequestError: with a sentence for each field that is wrong; nothing is queued then.
    :raises SymbolsError: when the collection of some symbols failed, unless what could be had is to be kept.
    :raises TimeoutError: when it takes longer than ``timeout`` seconds.
    """
    with opened() as context:
        needed = find_lacking(context, collection)
        submission = submit_lacking(context, needed, "python")
    jobs = () if submission is None else wait_for_batch(submission.batch_id, timeout, display)
    with opened() as context:
        sheet = read_collected(context, needed, jobs, frame, is_single=is_single)
    return as_kind(sheet, frame.shape.kind)
