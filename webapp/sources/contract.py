"""The contract of a source, as laws that its author can try: what offer and manifest must keep, and its answers.

Nothing here asks anybody, and no test library is needed::

    from webapp.sources.contract import find_broken_laws
    assert find_broken_laws(MANIFEST) == []
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import pairwise, product

from webapp.errors import InvalidRequestError, MoissonError
from webapp.kernel.intervals import DAY, Interval, period_start
from webapp.kernel.request_fields import FieldKind
from webapp.kernel.requests import CollectRequest
from webapp.kernel.spans import Span, union
from webapp.sources.base import Answer, ChunkRequest, Client, SeriesQuery, SourceError
from webapp.sources.manifest import Manifest, Option, SettingKind

Law = Callable[[Manifest], Iterator[str]]
"""Yields what breaks the law, in English sentences for the author of the source."""
NOW = 1_772_474_400.0
"""When the laws are tried: Monday, 2 March 2026, 18:00 UTC."""
_LONGEST_VARIANT = 64
_FLAG_TEXTS = ("", "true")
_SWITCH_TEXTS = ("", "true", "false")
_LENGTHS = (1, 2, 10, 1000, 100_000)
"""How many bars long the spans are that the laws cut; half of them begin at no round time."""


def find_broken_laws(manifest: Manifest) -> list[str]:
    """Return what the source breaks of all laws that need no client, each as a sentence that begins with the law."""
    return [f"{name}: {problem}" for name, law in LAWS.items() for problem in law(manifest)]


def cut_tiles_spans(manifest: Manifest) -> Iterator[str]:
    """Chunks follow each other without gap or overlap, and make up the span exactly."""
    for query in list_queries(manifest):
        for span in list_spans(query.interval):
            yield from find_cut_problems(manifest, query, span)


def find_cut_problems(manifest: Manifest, query: SeriesQuery, span: Span) -> Iterator[str]:
    """Yield what is wrong with the chunks of a span."""
    chunks = manifest.offer.cut(query, span)
    where = f"{span} of {query.interval.value} with {dict(query.options)}"
    if not all(chunks):
        yield f"cut has empty chunks for {where}"
    if any(earlier.end > later.start for earlier, later in pairwise(chunks)):
        yield f"cut has chunks that overlap, or are not oldest first, for {where}"
    if union(chunks) != union([span]):
        yield f"cut makes {union(chunks)} out of {where}"


def split_tiles_spans(manifest: Manifest) -> Iterator[str]:
    """Nothing of a span is lost or doubled between what can be served and what is refused, with a reason."""
    for query in list_queries(manifest):
        for span in list_spans(query.interval):
            yield from find_split_problems(manifest, query, span)


def find_split_problems(manifest: Manifest, query: SeriesQuery, span: Span) -> Iterator[str]:
    """Yield what is wrong with what is said to be served of a span."""
    servable, refusals = manifest.offer.split_servable(query, span, NOW)
    where = f"{span} of {query.interval.value} with {dict(query.options)}"
    pieces = [piece for piece in (servable, *(refusal.span for refusal in refusals)) if piece]
    if union(pieces) != union([span]) or sum(piece.seconds for piece in pieces) != span.seconds:
        yield f"split_servable makes {pieces} out of {where}"
    if not all(str(refusal.reason) for refusal in refusals):
        yield f"split_servable refuses without a reason, of {where}"
    is_refused = manifest.offer.span_problem(query, span, NOW) is not None
    if span and is_refused == bool(servable):
        yield f"span_problem and split_servable contradict each other about {where}"


def intervals_can_be_asked(manifest: Manifest) -> Iterator[str]:
    """Of each interval, the newest bar can be had; a source that is not collected has no such law."""
    if not manifest.offer.intervals:
        yield "the offer has no interval"
    for interval in manifest.offer.intervals if manifest.capabilities.is_collected else ():
        query = SeriesQuery(manifest.offer.example, interval)
        newest = Span(period_start(int(NOW) - 2 * interval.seconds, interval), int(NOW))
        servable, _ = manifest.offer.split_servable(query, newest, NOW)
        if not manifest.offer.cut(query, servable):
            yield f"not even the newest {interval.value} bar can be asked for"


def variants_have_options(manifest: Manifest) -> Iterator[str]:
    """Options of a variant select that variant; its name fits into the database."""
    for options in list_options(manifest):
        variant = manifest.offer.variant(options)
        again = manifest.offer.variant(manifest.offer.options_of(variant))
        if again != variant:
            yield f"options {options} select “{variant}”, whose own options select “{again}”"
        if len(variant) > _LONGEST_VARIANT:
            yield f"the variant “{variant}” has more than {_LONGEST_VARIANT} characters"
        if not all(str(word) for word in manifest.describe_variant(variant).names):
            yield f"the variant “{variant}” has no name"
    if manifest.offer.variant({}) != "":
        yield "without any option, the variant is not the usual one, whose name is empty"


def symbols_keep_their_order(manifest: Manifest) -> Iterator[str]:
    """Examples are symbols; each symbol of a request is one after normalizing, in its place, and stays what it is.

    Several together may be refused, as where their bars show different things.
    """
    symbols = tuple(dict.fromkeys((manifest.offer.example, *manifest.grammar.examples)))
    names = []
    for symbol in symbols:
        try:
            [name] = _normalize(manifest, symbol)
            names.append(name)
            if _normalize(manifest, name) != (name,):
                yield f"“{symbol}” becomes “{name}”, which becomes something else when it is normalized again"
        except (InvalidRequestError, ValueError) as err:
            yield f"the example “{symbol}” is not accepted as one symbol ({err})"
    with suppress(InvalidRequestError):
        if len(names) == len(symbols) and _normalize(manifest, *symbols) != tuple(names):
            yield f"{symbols} are not as many, or in another order, when they are normalized together"


def _normalize(manifest: Manifest, *symbols: str) -> tuple[str, ...]:
    request = CollectRequest(manifest.name, symbols, manifest.offer.intervals[0], period="max")
    return manifest.offer.normalized(request).symbols


def seconds_can_be_told(manifest: Manifest) -> Iterator[str]:
    """By the usual settings, requests take some time, and more of them more."""
    pace = {
        each.name: float(each.default) for each in manifest.settings if each.kind is SettingKind.NUMBER and each.default
    }
    for interval in manifest.offer.intervals:
        query = SeriesQuery(manifest.offer.example, interval)
        few, many = (manifest.offer.seconds(query, requests, pace) for requests in (1, 1000))
        if not 0 < few < many:
            yield f"1 request of {interval.value} takes {few} s, and 1000 take {many} s"


def demonstration_asks_nobody(manifest: Manifest) -> Iterator[str]:
    """No variable is set by the demonstration but the source's settings."""
    market = {"proxy": "http://127.0.0.1:1", "ca_bundle": "ca.pem", "tws": "127.0.0.1:2"}
    strangers = set(manifest.demonstration({}, market)) - set(manifest.environments)
    if strangers:
        yield f"the demonstration sets {sorted(strangers)}, which are no settings of the source"


LAWS: dict[str, Law] = {
    law.__name__: law
    for law in (
        cut_tiles_spans,
        split_tiles_spans,
        intervals_can_be_asked,
        variants_have_options,
        symbols_keep_their_order,
        seconds_can_be_told,
        demonstration_asks_nobody,
    )
}
"""All laws that need no client, by their names."""


def find_answer_problems(client: Client, request: ChunkRequest, now: float) -> Iterator[str]:
    """Yield what is wrong with the answer of a client to a request that it can answer.

    :param now: epoch seconds, by the clock that the client was handed.
    """
    answer = _fetch(client, request)
    if isinstance(answer, str):
        yield answer
        return
    try:
        answer.checked(request, now)
    except SourceError as err:
        yield f"{err} {err.hint}"
    if not answer.bars and answer.note is None:
        yield f"no bars of {request.symbol} from {request.span}, and no note that says why"


def find_error_problems(client: Client, request: ChunkRequest) -> Iterator[str]:
    """Yield what leaks out of a client besides ``SourceError`` when it is asked for what it cannot answer."""
    try:
        answer = client.fetch(request)
    except SourceError as err:
        if not str(err):
            yield "an error has no sentence"
    except Exception as err:  # noqa: BLE001 -- that is what is looked for
        yield f"{type(err).__name__} leaks out of fetch: {err}"
    else:
        yield f"an answer came instead of an error: {len(answer.bars)} bars of {request.symbol}"


def _fetch(client: Client, request: ChunkRequest) -> Answer | str:
    try:
        return client.fetch(request)
    except MoissonError as err:
        return f"an error came instead of an answer: {err}"
    except Exception as err:  # noqa: BLE001 -- that is what is looked for
        return f"{type(err).__name__} leaks out of fetch: {err}"


def list_options(manifest: Manifest) -> list[dict[str, str]]:
    """Return the options' combinations that tell stored series apart, of those whose values are known."""
    options = [option for option in manifest.options if option.is_stored and _texts(option) != ("",)]
    rows = product(*map(_texts, options))
    return [{option.field.name: text for option, text in zip(options, texts, strict=True) if text} for texts in rows]


def _texts(option: Option) -> tuple[str, ...]:
    match option.field.kind:
        case FieldKind.FLAG:
            return _FLAG_TEXTS
        case FieldKind.SWITCH:
            return _SWITCH_TEXTS
    return ("", *option.field.values)


def list_queries(manifest: Manifest) -> list[SeriesQuery]:
    """Return series of the example's instrument: of each interval, with each combination of options."""
    return [
        SeriesQuery(manifest.offer.example, interval, options)
        for interval in manifest.offer.intervals
        for options in list_options(manifest)
    ]


def list_spans(interval: Interval) -> list[Span]:
    """Return spans of bars until now, from one bar to as many as fit into a hundred years; and an empty one."""
    end = period_start(int(NOW), interval)
    lengths = [min(count * interval.seconds, 36_500 * DAY) for count in _LENGTHS]
    return [Span(end, end), *(Span(start, end) for length in lengths for start in (end - length, end - length + 7))]
