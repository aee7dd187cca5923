"""Bars as JSON text, a page at a time, so that a long series takes little memory."""

from collections.abc import Callable, Iterable, Iterator

import orjson

from webapp.kernel.bars import Bar

_NAMES = ("time", "open", "high", "low", "close", "volume", "wap", "count")
_PLAIN = _NAMES[:6]


def stream(
    facts: dict[str, object], pages: Iterable[Iterable[Bar]], moment: Callable[[int], str], *, has_wap: bool
) -> Iterator[bytes]:
    """Yield an object: ``facts``, and under ``bars`` an object for each bar; ``moment`` writes times.

    A number that is not finite is null.
    """
    names = _NAMES if has_wap else _PLAIN
    yield orjson.dumps(facts)[:-1] + b',"bars":['
    comma = b""
    for page in pages:
        rows = orjson.dumps([dict(zip(names, (moment(bar[0]), *bar[1:]), strict=False)) for bar in page])[1:-1]
        if rows:
            yield comma + rows
            comma = b","
    yield b"]}"
