"""What is missing of some symbols, and jobs for it: the first half of ``get``."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from webapp.collecting.plan import SeriesNeeds, find_needs
from webapp.collecting.submit import Submission, submit_together
from webapp.collecting.validation import ValidRequest, validate_request
from webapp.context import Context
from webapp.database.transactions import reading
from webapp.kernel.requests import CollectRequest
from webapp.reading.panel.picks import label_of


@dataclass(frozen=True, slots=True)
class BarsNeeds:
    """What a request needs. ``labels`` say what each of its symbols is called in frames, ``needs`` what it lacks."""

    request: ValidRequest
    labels: Mapping[str, str]
    needs: Mapping[str, SeriesNeeds]


def find_lacking(context: Context, collection: CollectRequest) -> BarsNeeds:
    """Return what a request still needs.

    :raises InvalidRequestError: with a sentence for each field that is wrong.
    """
    request = validate_request(collection, context.now())
    names = dict(zip(request.request.symbols, collection.symbols, strict=False))
    labels = {symbol: label_of(names.get(symbol, symbol), symbol) for symbol in request.symbols}
    with reading() as connection:
        needs = {symbol: find_needs(connection, request, symbol) for symbol in request.symbols}
    return BarsNeeds(request, labels, needs)


def submit_lacking(context: Context, needed: BarsNeeds, origin: str) -> Submission | None:
    """Submit jobs for the symbols that lack something; return None when none does.

    :raises InvalidRequestError: see ``submit_together``.
    """
    lacking = tuple(symbol for symbol, its in needed.needs.items() if its.chunks)
    if not lacking:
        return None
    narrowed = validate_request(replace(needed.request.request, symbols=lacking), context.now())
    return submit_together(context, [narrowed], origin)
