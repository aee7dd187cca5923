"""When a schedule runs, as a person puts it: after a close, within the session, or by a cron line."""

from dataclasses import dataclass
from enum import StrEnum

from webapp.errors import InvalidRequestError, Sentence, sentence
from webapp.kernel.intervals import Interval
from webapp.scheduling import rules_cron

MOST_MINUTES = 24 * 60
"""A delay of more than a day, or a step, is another kind of schedule."""
LEAST_STEP = 1


class TimingKind(StrEnum):
    """What decides when a schedule runs."""

    CLOSE = "close"
    """The close of each exchange, plus a delay."""
    SESSION = "session"
    """Every so many minutes while an exchange trades, and once more when its last bar is final."""
    CRON = "cron"
    """A cron line in a time zone."""


class OverlapPolicy(StrEnum):
    """What becomes of a run whose predecessor is still at work."""

    WAIT = "wait"
    SKIP = "skip"


@dataclass(frozen=True, slots=True)
class Timing:
    """When a schedule runs: ``minutes`` are the delay or the step, ``cron`` and ``zone`` stand for the third kind."""

    kind: TimingKind
    minutes: int = 0
    cron: str = ""
    zone: str = ""


@dataclass(frozen=True, slots=True)
class TimingTexts:
    """The same as typed. What a kind does not need is left alone."""

    kind: str
    minutes: str = ""
    cron: str = ""
    zone: str = ""


def parse_timing(texts: TimingTexts, interval: Interval) -> Timing:
    """Return the timing that is meant.

    :raises InvalidRequestError: with the fields ``when``, ``minutes``, ``cron`` or ``zone``.
    """
    if texts.kind not in list(TimingKind):
        raise InvalidRequestError({"when": sentence("Say when it runs: after the close, in the session, or by cron.")})
    kind = TimingKind(texts.kind)
    if kind is TimingKind.CRON:
        return _parse_cron(texts)
    if kind is TimingKind.SESSION and interval.is_dated:
        message = sentence("Bars of a day or longer are over with the close, and not before: let it run after that.")
        raise InvalidRequestError({"when": message})
    least = LEAST_STEP if kind is TimingKind.SESSION else 0
    return Timing(kind, parse_minutes("minutes", texts.minutes, least))


def _parse_cron(texts: TimingTexts) -> Timing:
    problems: dict[str, Sentence] = {}
    line = ""
    try:
        line = rules_cron.check_line(texts.cron)
    except InvalidRequestError as err:
        problems |= err.fields
    try:
        rules_cron.find_zone(texts.zone)
    except InvalidRequestError as err:
        problems |= err.fields
    if problems:
        raise InvalidRequestError(problems)
    return Timing(TimingKind.CRON, cron=line, zone=texts.zone)


def parse_minutes(field: str, text: str, least: int = 0) -> int:
    """Return a number of minutes between ``least`` and a day.

    :raises InvalidRequestError: with the field that it stands in.
    """
    digits = text.strip()
    if digits.isascii() and digits.isdigit() and least <= int(digits[:6]) <= MOST_MINUTES:
        return int(digits[:6])
    message = sentence("Give a whole number of minutes from %(least)d to %(most)d.", least=least, most=MOST_MINUTES)
    raise InvalidRequestError({field: message})
