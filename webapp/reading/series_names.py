"""What people call a series, as each source names it; and where a symbol is stored, when no source is said."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from webapp.coverage.answered import describe_last_job, describe_missing
from webapp.database.transactions import reading
from webapp.errors import InvalidRequestError, NotFoundError, sentence
from webapp.kernel.collect_fields import COLLECT_FIELDS, SERIES_FIELDS
from webapp.kernel.intervals import Interval
from webapp.kernel.request_fields import FieldProblems, parse_interval_field, parse_text
from webapp.kernel.requests import CollectRequest
from webapp.series import queries_series as series
from webapp.series.queries_series import SeriesRow
from webapp.sources.choices import grammar_of
from webapp.sources.option_values import option_texts, parse_options
from webapp.sources.registry import OFFERS, offer

DEFAULT_SOURCE = COLLECT_FIELDS["source"].default or ""
"""Whose series is meant when several sources have one and nobody says which."""
_LONGEST = 40
_SINGULAR = {"symbols": "symbol"}
"""What an offer calls a field, and who asks for one series."""


@dataclass(frozen=True, slots=True)
class SeriesName:
    """A series by what people call it, and as its source names it."""

    typed: str
    source: str
    symbol: str
    variant: str
    interval: Interval

    def find(self, connection: Connection, interval: Interval) -> SeriesRow | None:
        """Return the series of this name with bars of an interval; None without one."""
        return series.find(connection, self.source, self.symbol, interval, self.variant)


@dataclass(frozen=True, slots=True)
class SeriesFields:
    """What names a series, as it was asked for; ``source`` is None for wherever the symbol is stored."""

    symbol: str
    source: str | None
    interval: Interval
    options: dict[str, str]


def read_series_fields(values: Mapping[str, object], problems: FieldProblems) -> SeriesFields:
    """Return what values by the names of ``SERIES_FIELDS``, and the source's ``options``, say.

    What is wrong goes to ``problems``; where there are any, there are stand-ins for what could not be read.
    """
    fields = SERIES_FIELDS
    symbol = problems.read(lambda: parse_text(fields["symbol"], values.get("symbol")))
    source = problems.read(lambda: parse_text(fields["source"], values.get("source")))
    interval = problems.read(lambda: parse_interval_field(fields["interval"], values.get("interval")))
    options = problems.read(lambda: parse_options(source, values.get("options")))
    if problems.fields and symbol and "options" not in problems.fields:
        problems.read(lambda: possible_names(symbol, source, interval or Interval.D1, options or {}))
    return SeriesFields(symbol or "", source, interval or Interval.D1, options or {})


def name_at(symbol: str, source: str, interval: Interval, options: Mapping[str, str]) -> SeriesName:
    """Return what a source calls a series.

    :raises InvalidRequestError: with the field ``source`` for an unknown one, or that of an option that is wrong.
    """
    serving = offer(source)
    written = grammar_of(source).normalize(symbol)
    request = CollectRequest(source, (written,), interval, options=option_texts(source, options))
    try:
        named = serving.normalized(request)
    except InvalidRequestError as err:
        raise InvalidRequestError({_SINGULAR.get(name, name): said for name, said in err.fields.items()}) from err
    return SeriesName(symbol, source, named.symbols[0], serving.variant(named.options), interval)


def possible_names(
    symbol: str, source: str | None, interval: Interval, options: Mapping[str, str]
) -> tuple[SeriesName, ...]:
    """Return what a series may be called: at the source that is said, or else at each that takes the options.

    :raises InvalidRequestError: as ``name_at``, with a source; without one, when no source takes symbol and options.
    """
    if source:
        return (name_at(symbol, source, interval, options),)
    names = []
    for each in sorted(OFFERS, key=lambda name: name != DEFAULT_SOURCE):
        try:
            names.append(name_at(symbol, each, interval, options))
        except InvalidRequestError:
            continue
    return tuple(names) or (name_at(symbol, DEFAULT_SOURCE, interval, options),)


def missing_series(names: Sequence[SeriesName], unanswered: Sequence[SeriesRow] = ()) -> NotFoundError:
    """Return the error for a series of which nothing was ever told: what its last job met, and where its symbol is.

    :param unanswered: the rows that there are all the same, when the caller has read them; else those of the names.
    """
    name = names[0]
    every = possible_names(name.typed, None, name.interval, {})
    with reading() as connection:
        stored = series.stored_intervals(connection, {each.source: each.symbol for each in (*every, *names)})
        rows = list(unanswered) or [row for each in names if (row := each.find(connection, name.interval))]
        row = rows[0] if rows else None
        reason = describe_last_job(connection, row) if row else None
    params = {
        "interval": (row or name).interval.value,
        "symbol": name.typed[:_LONGEST],
        "source": (row or name).source,
    }
    if not stored:
        return NotFoundError(describe_missing(params, reason))
    listed = ", ".join(f"{interval.value} ({source})" for source, interval in stored)
    if reason is None:
        message = sentence(
            "There are no %(interval)s bars of %(symbol)s from %(source)s. What is stored of it: %(stored)s.",
            **params,
            stored=listed,
        )
    else:
        message = sentence(
            "There are no %(interval)s bars of %(symbol)s from %(source)s. %(reason)s What is stored of it: "
            "%(stored)s.",
            **params,
            reason=reason,
            stored=listed,
        )
    return NotFoundError(message)


def ambiguous_source(names: tuple[SeriesName, ...]) -> InvalidRequestError:
    """Return the error for a symbol that several sources have, none of them the usual one."""
    message = sentence(
        "%(symbol)s is stored from several sources: %(sources)s. Say which.",
        symbol=names[0].typed[:_LONGEST],
        sources=", ".join(name.source for name in names),
    )
    return InvalidRequestError({"source": message})
