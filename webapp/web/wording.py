"""The names of states, events, kinds of errors and choices, as people read them.

Sentences and not strings, so that the same table serves every language; templates write them with ``| say``.
"""

from webapp.errors import Sentence, sentence
from webapp.kernel.instruments import InstrumentKind
from webapp.kernel.job_states import ErrorKind, Intent, JobState, Priority
from webapp.scheduling.submitting_runs import ORIGIN
from webapp.sources import choices

STATES: dict[JobState, Sentence] = {
    JobState.PENDING: sentence("Pending"),
    JobState.WAITING: sentence("Waiting"),
    JobState.RUNNING: sentence("Running"),
    JobState.PAUSED: sentence("Paused"),
    JobState.SUCCEEDED: sentence("Succeeded"),
    JobState.FAILED: sentence("Failed"),
    JobState.CANCELLED: sentence("Cancelled"),
}

STATE_ICONS: dict[JobState, str] = {
    JobState.PENDING: "clock",
    JobState.WAITING: "hourglass",
    JobState.RUNNING: "play",
    JobState.PAUSED: "pause",
    JobState.SUCCEEDED: "check",
    JobState.FAILED: "cross",
    JobState.CANCELLED: "stop",
}

STOPPING: dict[Intent, Sentence] = {
    Intent.PAUSE: sentence("Pausing…"),
    Intent.CANCEL: sentence("Cancelling…"),
}

PRIORITIES: dict[Priority, Sentence] = {
    Priority.HIGH: sentence("High"),
    Priority.NORMAL: sentence("Normal"),
    Priority.LOW: sentence("Low"),
}

ERROR_KINDS: dict[ErrorKind, Sentence] = {
    ErrorKind.UNKNOWN_SYMBOL: sentence("Unknown symbol"),
    ErrorKind.NO_PERMISSION: sentence("No permission for these data"),
    ErrorKind.BAD_REQUEST: sentence("Request refused by the source"),
    ErrorKind.RATE_LIMITED: sentence("Too many requests for the source"),
    ErrorKind.UNAVAILABLE: sentence("Source unavailable"),
    ErrorKind.TIMEOUT: sentence("No answer in time"),
    ErrorKind.GATEWAY_DOWN: sentence("Gateway not connected"),
    ErrorKind.NONSENSE: sentence("Nonsense from the source"),
    ErrorKind.CRASHED: sentence("Worker crashed"),
}

EVENTS: dict[str, Sentence] = {
    "submitted": sentence("Submitted"),
    "claimed": sentence("Taken by a worker"),
    "chunk": sentence("Bars received"),
    "error": sentence("Error"),
    "restated": sentence("Stored bars changed"),
    "flagged": sentence("Bars that look wrong"),
    "left_out": sentence("Left out"),
    "actions": sentence("Dividends and splits"),
    "unlisted": sentence("Dividends and splits not checked"),
    "split_wait": sentence("Waiting for a split"),
    "waiting": sentence("Waits"),
    "pending": sentence("Back in the queue"),
    "succeeded": sentence("Succeeded"),
    "failed": sentence("Failed"),
    "cancelled": sentence("Cancelled"),
    "paused": sentence("Paused"),
    "resumed": sentence("Resumed"),
    "retried": sentence("Retried"),
    "cancel_asked": sentence("Cancellation requested"),
    "pause_asked": sentence("Pause requested"),
    "priority_changed": sentence("Priority changed"),
    "lost": sentence("Worker lost"),
    "rescued": sentence("Rescued"),
    "delivered": sentence("Delivered to the queue"),
    "yielded": sentence("Made way for others"),
    "rebased": sentence("History re-based"),
    "differs": sentence("History changed"),
}

ACTORS: dict[str, Sentence] = {
    "web": sentence("in the browser"),
    "cli": sentence("by command"),
    "api": sentence("through the API"),
    "python": sentence("from Python"),
    "clock": sentence("the clock"),
    "import": sentence("by an import"),
    "split": sentence("after a split"),
}

PERIODS: dict[str, Sentence] = {
    "ytd": sentence("Since 1 January"),
    "max": sentence("Everything available"),
}

ACTIONS: dict[str, Sentence] = {
    "dividend": sentence("Dividend"),
    "split": sentence("Split"),
    "capital_gain": sentence("Capital gain"),
}

ADJUSTMENTS: dict[str, Sentence] = {
    "splits": sentence("Splits"),
    "all": sentence("Splits and dividends"),
    "none": sentence("None"),
}

INSTRUMENT_KINDS: dict[InstrumentKind, Sentence] = {
    InstrumentKind.SHARE: sentence("Share"),
    InstrumentKind.ETF: sentence("Exchange-traded fund"),
    InstrumentKind.FUND: sentence("Mutual fund"),
    InstrumentKind.SHARE_OR_FUND: sentence("Share or fund"),
    InstrumentKind.INDEX: sentence("Index"),
    InstrumentKind.CURRENCY: sentence("Currency pair"),
    InstrumentKind.CRYPTO: sentence("Cryptocurrency"),
    InstrumentKind.FUTURE: sentence("Future"),
    InstrumentKind.OPTION: sentence("Option"),
    InstrumentKind.BOND: sentence("Bond"),
    InstrumentKind.COMMODITY: sentence("Commodity"),
    InstrumentKind.CFD: sentence("Contract for difference"),
    InstrumentKind.WARRANT: sentence("Warrant"),
    InstrumentKind.UNKNOWN: sentence("Other"),
}

FARMS: dict[str, Sentence] = {
    "ok": sentence("available"),
    "broken": sentence("disconnected"),
    "inactive": sentence("on demand"),
}
"""How the data farms behind a gateway stand."""

THEMES: dict[str, Sentence] = {
    "auto": sentence("Automatic"),
    "light": sentence("Light"),
    "dark": sentence("Dark"),
}


def event_name(kind: str) -> Sentence:
    """Return the name of a kind of event; a kind that has none yet is shown as it is."""
    return EVENTS.get(kind) or Sentence(kind.replace("_", " ").capitalize())


def actor_name(actor: str) -> Sentence:
    """Return who or what acted; a worker's name is shown as it is."""
    if actor.startswith(ORIGIN):
        return sentence("by schedule %(id)s", id=actor.removeprefix(ORIGIN))
    return ACTORS.get(actor) or Sentence(actor)


def instrument_kind(word: str, source: str = "") -> Sentence:
    """Return the name of a kind of instrument, as the source writes it where we have no word.

    :param word: the source's word, or the one that the database has.
    """
    kind = choices.kind_of(source, word)
    is_own_word = kind is InstrumentKind.UNKNOWN and word.upper() != kind
    return Sentence(word) if is_own_word else INSTRUMENT_KINDS[kind]


def variant_name(source: str, variant: str) -> tuple[Sentence, ...]:
    """Return the name of a series' variant, in parts that a comma separates."""
    return choices.variant_of(source, variant).names
