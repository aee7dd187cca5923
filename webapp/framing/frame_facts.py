"""What frames say of themselves in ``attrs``: plain values that JSON can hold, so that files keep them."""

import datetime as dt
from collections.abc import Mapping
from typing import TypedDict

import numpy as np

from webapp.errors import Sentence
from webapp.framing.bar_columns import Flags
from webapp.kernel.currencies import parse_unit
from webapp.reading.bars import StoredBars


class SeriesFacts(TypedDict, total=False):
    """What a frame says of one series.

    ``currency`` is the currency (``GBP``), ``unit`` what prices are in (``GBp``), ``exchange_zone`` the exchange's time
    zone; empty texts where the source has told none of it. ``made_of`` is the interval of the stored bars, and
    ``partial`` how many of those made of them are partial. ``notes``, where there are any, say what prices are not
    adjusted for.
    """

    source: str
    symbol: str
    interval: str
    variant: str
    currency: str
    unit: str
    exchange_zone: str
    made_of: str
    partial: int
    notes: list[str]


class FrameFacts(TypedDict, total=False):
    """What a frame of several series says in ``attrs``; one of a single series has its ``SeriesFacts`` there, too.

    ``zone`` is that of the index, ``adjust`` the adjustment by what was known at ``as_of`` (ISO 8601, UTC), ``field``
    the column of a wide frame. ``series`` says of each symbol what it is, ``failed`` why others are not there.
    """

    interval: str
    zone: str
    adjust: str
    as_of: str
    field: str
    series: dict[str, SeriesFacts]
    failed: dict[str, str]


def series_facts(stored: StoredBars, partial: Flags | None) -> SeriesFacts:
    """Return what is said of one series.

    :param partial: which of its bars are partial; None where they are stored ones.
    """
    row, notes = stored.series, [str(note) for note in stored.notes]
    unit = parse_unit(row.facts.currency)
    facts = SeriesFacts(
        source=row.source,
        symbol=row.symbol,
        interval=stored.interval.value,
        variant=row.variant,
        currency=unit.whole if unit else "",
        unit=row.facts.currency or "",
        exchange_zone=row.facts.timezone or "",
        made_of=row.interval.value,
        partial=0 if partial is None else int(np.count_nonzero(partial)),
    )
    if notes:
        facts["notes"] = notes
    return facts


def frame_facts(zone: str, adjust: str, now: dt.datetime) -> FrameFacts:
    """Return what is said of any frame."""
    return FrameFacts(zone=zone, adjust=adjust, as_of=now.astimezone(dt.UTC).isoformat(timespec="seconds"))


def failed_facts(failed: Mapping[str, Sentence]) -> dict[str, str]:
    """Return why symbols are not there, in English."""
    return {label: str(reason) for label, reason in failed.items()}
