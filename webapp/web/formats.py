"""How values are written in the reader's language: the filters, tests and globals that templates have."""

import datetime as dt
import hashlib
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Literal

from babel import dates
from babel.units import format_unit
from flask import Flask, current_app, request
from flask_babel import (
    format_decimal,
    format_percent,
    format_timedelta,
    get_locale,
    gettext,
    ngettext,
)
from jinja2 import StrictUndefined

from webapp.errors import Sentence
from webapp.kernel.collect_fields import COLLECT_FIELDS
from webapp.kernel.intervals import Interval
from webapp.kernel.requests import EARLIEST
from webapp.kernel.spans import Span
from webapp.sources import choices
from webapp.web import wording
from webapp.web.locale import LANGUAGES
from webapp.web.scripts import script

_UNITS = {"s": "second", "m": "minute", "h": "hour", "d": "day", "wk": "week", "mo": "month", "y": "year"}
_WHOLE_FROM = 10
_STARTERS = 3
"""How many of the usual source's symbols an empty history proposes."""
_MOST_DECIMALS, _DECIMALS_OF_LARGE = 6, 4
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


def register(app: Flask) -> None:
    """Give templates their filters, and make a misspelt name an error instead of an empty string."""
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters |= {
        "say": say,
        "say_all": say_all,
        "number": number,
        "price": price,
        "percent": percent,
        "share": share,
        "duration": duration,
        "spell": spell,
        "source_label": choices.label,
        "bar_time": bar_time,
        "day": day,
        "is_everything": is_everything,
        "iso": iso,
        "moment": moment,
        "ago": ago,
    }
    app.jinja_env.tests["imported"] = choices.is_imported
    app.jinja_env.globals |= {
        "asset": asset,
        "script": script,
        "words": wording,
        "starter_symbols": ", ".join(choices.grammar_of(COLLECT_FIELDS["source"].default).examples[:_STARTERS]),
        "languages": LANGUAGES,
        "language": language,
    }


def language() -> str:
    """Return the reader's language, ``fr`` or ``en``."""
    locale = get_locale()
    return locale.language if locale else "en"


def say(message: Sentence) -> str:
    """Write a sentence in the reader's language."""
    return message.translate(gettext)


def say_all(texts: Iterable[Sentence]) -> str:
    """Write sentences that belong together, with commas between them; all but the first begin small."""
    first, *rest = map(say, texts)
    return ", ".join([first, *(text[:1].lower() + text[1:] for text in rest)])


def number(value: float) -> str:
    """Write a number with the reader's separators, whole from ten on."""
    return str(format_decimal(round(value) if abs(value) >= _WHOLE_FROM else round(value, 1)))


def percent(value: int) -> str:
    """Write whole percents (0 to 100)."""
    return str(format_percent(value / 100))


def share(value: float) -> str:
    """Write a relative difference (-0.0155) in percents, with its sign."""
    return str(format_percent(value, format="+#,##0.00\u202f%;-#,##0.00\u202f%"))


def price(value: float, decimals: int | None = None) -> str:
    """Write a price with the decimals its source quotes it in, or with those it needs."""
    pattern = "#,##0.######" if decimals is None else f"#,##0.{'0' * decimals}" if decimals else "#,##0"
    return str(format_decimal(value, format=pattern))


def decimals_of(values: Iterable[float], minimum: int | None = None) -> int:
    """Return the decimals of prices below each other: those the source quotes them in, else the most that one needs."""
    if minimum is not None:
        return minimum
    numbers = list(values)
    most = _MOST_DECIMALS if max(map(abs, numbers), default=0) < _WHOLE_FROM else _DECIMALS_OF_LARGE
    return max((len(f"{value:.{most}f}".rstrip("0").partition(".")[2]) for value in numbers), default=0)


def spell(text: str) -> str:
    """Write an interval or a period (``5m``, ``1wk``, ``20y``) in words."""
    if text in wording.PERIODS:
        return say(wording.PERIODS[text])
    digits = "".join(character for character in text if character.isdigit())
    return _unit(int(digits), _UNITS[text[len(digits) :]], "long", language())


def duration(seconds: float) -> str:
    """Write a length of time with its two largest units, for example “2 h 5 min”."""
    whole = max(1, round(seconds))
    parts = [
        ("day", whole // _DAY),
        ("hour", whole % _DAY // _HOUR),
        ("minute", whole % _HOUR // _MINUTE),
        ("second", whole % _MINUTE),
    ]
    first = next(index for index, (_, count) in enumerate(parts) if count)
    shown = [(unit, count) for unit, count in parts[first : first + 2] if count]
    return " ".join(_unit(count, unit, "short", language()) for unit, count in shown)


def bar_time(time: int, interval: Interval) -> str:
    """Write a bar's start (epoch seconds): a trading date, or a UTC instant for intraday bars."""
    instant = dt.datetime.fromtimestamp(time, dt.UTC)
    return _date(instant.date(), language()) if interval.is_dated else moment(instant)


def day(time: int) -> str:
    """Write the UTC date of an instant (epoch seconds)."""
    return _date(dt.datetime.fromtimestamp(time, dt.UTC).date(), language())


def is_everything(span: Span) -> bool:
    """Tell whether a span reaches back to before anything was traded: “everything available” was asked for."""
    return span.start <= EARLIEST


def iso(value: dt.datetime | int) -> str:
    """Write an instant (a moment or epoch seconds) for machines: ISO 8601, UTC."""
    instant = value if isinstance(value, dt.datetime) else dt.datetime.fromtimestamp(value, dt.UTC)
    return instant.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment(value: dt.datetime) -> str:
    """Write an instant in UTC; in the browser a script turns it into the reader's own time."""
    return _moment(value, language())


@lru_cache(maxsize=4096)
def _moment(value: dt.datetime, locale: str) -> str:
    return f"{dates.format_datetime(value, 'medium', locale=locale)} UTC"


@lru_cache(maxsize=4096)
def _date(date: dt.date, locale: str) -> str:
    return dates.format_date(date, "medium", locale=locale)


@lru_cache(maxsize=256)
def _unit(count: int, unit: str, width: Literal["short", "long"], locale: str) -> str:
    return format_unit(count, f"duration-{unit}", length=width, locale=locale)


def ago(value: dt.datetime, now: dt.datetime) -> str:
    """Write how long before ``now`` an instant lies, for example “5 minutes ago”."""
    return str(format_timedelta(value - now, granularity="second", add_direction=True))


def asset(filename: str) -> str:
    """Return the URL of one of our own static files, with its content's hash, so that browsers may keep it for good."""
    if current_app.debug:
        _digest.cache_clear()
    digest = _digest(f"{current_app.static_folder}/{filename}")
    return f"{request.script_root}{current_app.static_url_path}/{filename}?v={digest}"


@lru_cache(maxsize=64)
def _digest(path: str) -> str:
    return hashlib.blake2s(Path(path).read_bytes(), digest_size=6).hexdigest()


def count_sessions(count: int, interval: Interval) -> str:
    """Write how many sessions, weeks or months, in the reader's language."""
    if interval in (Interval.W1, Interval.MO1):
        return spell(f"{count}{interval.value[1:]}")
    return str(ngettext("%(count)s session", "%(count)s sessions", count, count=number(count)))
