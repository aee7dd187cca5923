"""Answers with blank rows: when they are worth asking again at once, and what several of them say together."""

import dataclasses
from collections.abc import Sequence

from webapp.kernel.bars import Bar
from webapp.sources.base import Answer

_FEW = 1
_SMALL_SHARE = 0.05


def has_many_blanks(answer: Answer) -> bool:
    """Tell whether an answer is worth asking again at once: empty against its own facts, or with more than a blank row.

    Of a hundred rows, five may be blank: those are holes, which later looks ask for again. A single one never triples
    the requests of an instrument that hardly trades.
    """
    if not answer.bars:
        return answer.blank_rows > len(answer.holes) or answer.blank_rows > _FEW
    return answer.blank_rows > max(_FEW, _SMALL_SHARE * (len(answer.bars) + len(answer.holes)))


def put_together(answers: Sequence[Answer]) -> Answer:
    """Return the last answer with each bar that any of them has, and only the holes that are in all of them.

    :param answers: to the same request, at least one.
    """
    *earlier, last = answers
    if not earlier:
        return last
    bars: dict[int, Bar] = {}
    incomplete: set[int] = set()
    for answer in answers:
        for bar in answer.bars:
            is_complete = bar[0] not in answer.incomplete
            if is_complete or bar[0] not in bars or bar[0] in incomplete:
                bars[bar[0]] = bar
                (incomplete.discard if is_complete else incomplete.add)(bar[0])
    blank = frozenset(last.holes).intersection(*(answer.holes for answer in earlier))
    return dataclasses.replace(
        last,
        bars=[bars[start] for start in sorted(bars)],
        holes=[hole for hole in last.holes if hole in blank],
        incomplete=frozenset(incomplete),
    )
