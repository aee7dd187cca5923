"""Bars as JSON text, a page at a time, so that a long series takes little memory."""

from collections.abc import Callable, Container, Iterable, Iterator

import orjson

from webapp.kernel.bars import Bar

_NAMES = ("time", "open", "high", "low", "close", "volume", "wap", "count")
_PLAIN = _NAMES[:6]


def stream(
    facts: dict[str, object],
    pages: Iterable[Iterable[Bar]],
    moment: Callable[[int], str],
    *,
    has_wap: bool,
    partial: Container[int] | None = None,
) -> Iterator[bytes]:
    """Yield an object: ``facts``, and under ``bars`` an object for each bar; ``moment`` writes times.

    A number that is not finite is null. ``partial`` are the starts of partial bars; without it, none is marked.
    """
    names = _NAMES if has_wap else _PLAIN
    yield orjson.dumps(facts)[:-1] + b',"bars":['
    comma = b""
    for page in pages:
        described = [
            dict(zip(names, (moment(bar[0]), *bar[1:]), strict=False))
            | ({} if partial is None else {"partial": bar[0] in partial})
            for bar in page
        ]
        rows = orjson.dumps(described)[1:-1]
        if rows:
            yield comma + rows
            comma = b","
    yield b"]}"
