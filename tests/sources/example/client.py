"""Answers for any symbol at once: prices go by the time and the variant; symbols in ``WRONG`` get nonsense."""

import dataclasses
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tests.sources.example.offer import OFFER
from webapp.errors import sentence
from webapp.kernel.bars import Bar
from webapp.kernel.gateways import Gateway
from webapp.kernel.instruments import InstrumentFacts, InstrumentKind
from webapp.kernel.intervals import DAY, HOUR
from webapp.kernel.job_states import ErrorKind
from webapp.sources.base import Answer, ChunkRequest, Client, ClientTools, SearchHit, SourceError
from webapp.sources.kit.errors import ServiceErrors
from webapp.sources.kit.labels import closed_part
from webapp.sources.kit.turns import Turns, open_pace

FACTS = InstrumentFacts(name="Good Coin", kind=InstrumentKind.CRYPTO, currency="USD", timezone="UTC")
ERRORS = ServiceErrors(OFFER.label, "EXAMPLE")
Spoil = Callable[[Answer], Answer]


def _each_bar(change: Callable[[Bar], Any]) -> Spoil:
    return lambda answer: dataclasses.replace(answer, bars=[change(bar) for bar in answer.bars])


def _last_bar(column: int, value: object) -> Spoil:
    def spoil(answer: Answer) -> Answer:
        *bars, last = answer.bars
        wrong: Any = (*last[:column], value, *last[column + 1 :])
        return dataclasses.replace(answer, bars=[*bars, wrong])

    return spoil


def _zone(answer: Answer) -> Answer:
    return dataclasses.replace(answer, facts=dataclasses.replace(FACTS, timezone="Mars/Olympus"))


WRONG: Mapping[str, Spoil] = {
    "OUTSIDE": _each_bar(lambda bar: (bar[0] - 400 * DAY, *bar[1:])),
    "FIVE": _each_bar(lambda bar: (bar[0] + 5 * HOUR, *bar[1:])),
    "NAN": _last_bar(4, math.nan),
    "NONE": _last_bar(5, None),
    "TEXT": _last_bar(1, "12.5"),
    "SHORT": _each_bar(lambda bar: bar[:6]),
    "ZONE": _zone,
    "TWICE": lambda answer: dataclasses.replace(answer, bars=[*answer.bars, *answer.bars]),
}


def open_client(tools: ClientTools) -> Client:
    return ExampleClient(tools)


class ExampleClient:
    """See ``webapp.sources.base.Client``."""

    def __init__(self, tools: ClientTools) -> None:
        self._now = tools.now
        self._turns = Turns(open_pace(tools, OFFER.name), ERRORS)
        self._journal = tools.settings.get("journal")

    def fetch(self, request: ChunkRequest) -> Answer:
        self._turns.wait()
        self._note(request.symbol)
        if request.symbol == "UNKNOWN":
            raise SourceError(ErrorKind.UNKNOWN_SYMBOL, sentence("There is no %(symbol)s.", symbol=request.symbol))
        step = request.interval.seconds
        first = -(-request.span.start // step) * step
        bars, until = closed_part(
            [_bar(time, OFFER.variant(request.options)) for time in range(first, request.span.end, step)],
            *(request, FACTS, self._now(), OFFER.finality_delay),
        )
        answer = Answer(bars, (), FACTS, until)
        return WRONG.get(request.symbol, _leave)(answer)

    def _note(self, symbol: str) -> None:
        if self._journal:
            with Path(str(self._journal)).open("a", encoding="ascii") as file:
                file.write(f"{symbol}\n")

    def search(self, text: str, gateway: Gateway | None = None) -> list[SearchHit]:
        raise NotImplementedError

    def close(self) -> None:
        pass


def _leave(answer: Answer) -> Answer:
    return answer


def _bar(time: int, variant: str) -> Bar:
    price = 100.0 + time // HOUR % 50 + len(variant)
    return (time, price, price + 2, price - 2, price + 1, 10.0, None, None)
