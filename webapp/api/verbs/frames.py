"""Bars of symbols as one table, laid out as asked: the Arrow stream that ``JobManager`` makes its frames of."""

import json
from collections.abc import Iterator
from typing import Any

from flask import Response

from webapp.access.queries_idempotency import KeptAnswer
from webapp.access.queries_tokens import Scope
from webapp.api.answering.once import KEY_PARAMETER, answer_once
from webapp.api.endpoints import Accepts, Answers, Endpoints
from webapp.api.negotiation.acceptance import BYTES_MEDIA
from webapp.api.verbs.frame_schemas import (
    CollectedBody,
    CollectionBody,
    CollectionStarted,
    FrameBody,
    bars_request_of,
    collection_of,
)
from webapp.collecting.groups import find_batch
from webapp.context import context
from webapp.framing.lacking import find_lacking, submit_lacking
from webapp.framing.on_demand import MIMETYPE, load_streams
from webapp.kernel.requests import CollectRequest

endpoints = Endpoints("frames", __name__, "Bars of one symbol or of many as one table, an Arrow stream.")
_TABLE = Answers(None, media=(MIMETYPE, BYTES_MEDIA), errors=(404, 409))


@endpoints.post("/frames", _TABLE, Accepts(body=FrameBody), scope=Scope.READ)
def read(body: dict[str, Any]) -> Response:
    """Read stored bars: of one symbol, or of several above or beside each other; nothing is asked of a source.

    The schema's metadata ``moisson`` says what the figures are, as JSON. A stream that breaks off is to be asked for
    again: the series was changed from the ground up meanwhile.
    """
    symbols, request = bars_request_of(body)
    if isinstance(symbols, str) and request.shape.field is None:
        return _sent(load_streams().stream_symbol(context(), symbols, request))
    names = [symbols] if isinstance(symbols, str) else symbols
    return _sent(load_streams().stream_symbols(context(), names, request))


@endpoints.post(
    "/collections", Answers(CollectionStarted, 202, (409,)), Accepts(body=CollectionBody, headers=(KEY_PARAMETER,))
)
def collect(body: dict[str, Any]) -> Response:
    """Collect what is missing of some symbols: a job for each that lacks something, none where all is there.

    Wait for the batch, and read the bars at ``/collections/frame``.
    """
    request, _ = collection_of(body)
    return answer_once(lambda: _collected(request))


def _collected(request: CollectRequest) -> KeptAnswer:
    submission = submit_lacking(context(), find_lacking(context(), request), "api")
    return KeptAnswer(202, json.dumps({"batch_id": submission.batch_id if submission else None}))


@endpoints.post("/collections/frame", _TABLE, Accepts(body=CollectedBody), scope=Scope.READ)
def read_collection(body: dict[str, Any]) -> Response:
    """Read the bars of a collection that is over: exactly the span that it asked for."""
    request, frame = collection_of(body)
    jobs = find_batch(body["batch"]).jobs if body["batch"] is not None else ()
    needed = find_lacking(context(), request)
    is_single = body["is_single"] and len(request.symbols) == 1
    return _sent(load_streams().stream_collected(context(), needed, jobs, frame, is_single=is_single))


def _sent(chunks: Iterator[bytes]) -> Response:
    return Response(chunks, mimetype=MIMETYPE)
