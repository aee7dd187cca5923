"""The daily prices of a listing, from the top down: a trend, a walk around it, and the prices of each day.

Any day is computed from its number alone. The walk is a Brownian bridge built by halving: it is fixed at
anchors 1,024 steps apart, and ten times the middle between two known steps is displaced by a hash of its
address. So the whole history costs milliseconds and a single day microseconds.
"""

from datetime import date
from fractions import Fraction

import numpy as np

from webapp.sandbox import noise
from webapp.sandbox.calendars import ALWAYS, Sessions, day_number, weekday
from webapp.sandbox.columns import Columns, Ticks
from webapp.sandbox.listings import Listing
from webapp.sandbox.noise import Floats, Ints

_CELL_LEVELS = 10
_CELL = 2**_CELL_LEVELS
_UNIT = float(np.sqrt(6.0))
"""Makes a triangular number one of unit variance; its narrow bounds keep moves from looking like errors."""
_YEAR = 365.25
_GROWTH = 0.05
"""How much the trend rises a year after the last price that a listing states."""
_KNOWN = day_number(date(2025, 1, 1))

_ANCHORS, _OPENINGS, _HIGHS, _LOWS, _VOLUMES, _LEVELS = 1, 2, 3, 4, 5, 100
"""The streams of noise; the levels of the walk take the ten from 100 on."""


def splits_after(splits: tuple[tuple[date, Fraction], ...], days: Ints) -> Floats:
    """Return the product of the ratios of the splits whose ex-date lies after each day."""
    factors = np.ones(len(days))
    product = Fraction(1)
    for day, ratio in sorted(splits, reverse=True):
        product *= ratio
        factors[days < day_number(day)] = float(product)
    return factors


def trend(listing: Listing, days: Ints) -> Floats:
    """Return the logarithm of the trend, on the basis of all splits that the listing knows."""
    first = day_number(listing.first)
    log_prices = np.log(listing.price)
    slope = (log_prices - np.log(listing.first_price)) / (_KNOWN - first) if first < _KNOWN else 0.0
    growth = _GROWTH / _YEAR if listing.volume else 0.0
    since = (days - _KNOWN).astype(np.float64)
    return np.asarray(log_prices + np.where(since < 0, slope * since, growth * since))


def log_prices(listing: Listing, days: Ints) -> Floats:
    """Return the logarithm of each day's closing price, on the basis of all splits that the listing knows."""
    return trend(listing, days) + listing.volatility * _walk(noise.seed_of(listing.symbol), _steps(listing, days))


def daily(listing: Listing, sessions: Sessions) -> Ticks:
    """Return one bar for each session of a listing's life, its start being the day's number."""
    seed = noise.seed_of(listing.symbol)
    days = sessions.day
    after = log_prices(listing, days)
    before = previous_close(listing, sessions)
    move = after - before
    swing = listing.volatility * 0.6
    opening = before + move * 0.4 * noise.uniform(noise.seeds(seed, _OPENINGS, days))
    if listing.daily_only:
        opening, swing = after, 0.0
    top = np.maximum(opening, after) + swing * np.abs(noise.normal(noise.seeds(seed, _HIGHS, days)))
    bottom = np.minimum(opening, after) - swing * np.abs(noise.normal(noise.seeds(seed, _LOWS, days)))
    first, high, low, last = (as_ticks(listing, days, logs) for logs in (opening, top, bottom, after))
    return Columns(days, first, high, low, last, _lots(listing, sessions, np.abs(move)))


def previous_close(listing: Listing, sessions: Sessions) -> Floats:
    """Return the logarithm of the price at which the session before each one closed."""
    return log_prices(listing, np.concatenate((sessions.day[:1] - 1, sessions.day[:-1])))


def as_ticks(listing: Listing, days: Ints, logarithms: Floats) -> Ints:
    """Round prices on the basis of all splits to the grid of prices as traded; nothing is ever free."""
    scale = 10**listing.hint * splits_after(listing.splits, days)
    return np.asarray(np.maximum(np.rint(np.exp(logarithms) * scale), 1), dtype=np.int64)


def _steps(listing: Listing, days: Ints) -> Ints:
    """Return how many steps the walk has taken by each day: none at the weekend, where that is free.

    So a Monday moves no more than any day, and nothing looks like an error that is none.
    """
    if listing.venue.calendar == ALWAYS:
        return days
    today = weekday(days)
    return np.asarray((days - today) // 7 * 5 + np.minimum(today, 4), dtype=np.int64)


def _walk(seed: int, steps: Ints) -> Floats:
    """Return the walk of unit variance a step, for each step."""
    cell = steps // _CELL
    reach = np.sqrt(_CELL) / 2
    low = reach * noise.normal(noise.seeds(seed, _ANCHORS, cell))
    high = reach * noise.normal(noise.seeds(seed, _ANCHORS, cell + 1))
    position = cell * _CELL
    for level in range(_CELL_LEVELS):
        width = _CELL >> level
        middle_at = position + width // 2
        displacement = noise.triangular(noise.seeds(seed, _LEVELS + level, middle_at)) * _UNIT
        middle = (low + high) / 2 + np.sqrt(width) / 2 * displacement
        later = steps >= middle_at
        position = np.where(later, middle_at, position)
        low, high = np.where(later, middle, low), np.where(later, high, middle)
    return np.asarray(low, dtype=np.float64)


def _lots(listing: Listing, sessions: Sessions, moves: Floats) -> Ints:
    """Return volumes: more on days of large moves, less on half days."""
    if not listing.volume:
        return np.zeros(len(sessions), dtype=np.int64)
    seed = noise.seed_of(listing.symbol)
    usual = np.exp(0.3 * noise.normal(noise.seeds(seed, _VOLUMES, sessions.day)))
    length = sessions.close - sessions.open
    whole = np.median(length) if len(length) else 1
    volume = listing.volume * usual * (0.7 + 0.4 * moves / listing.volatility) * (length / whole)
    return np.maximum(np.rint(volume / listing.lot), 1).astype(np.int64)
