"""How it is said that a request has to wait, and for which rule."""

import math
from collections.abc import Callable

from webapp.errors import Sentence, sentence
from webapp.kernel.job_states import ErrorKind
from webapp.sources.base import SourceError
from webapp.sources.ibkr.budget.rules import PacingRules, Rule


def refusal(rule: Rule, wait: float, rules: PacingRules) -> SourceError:
    """Say which rule makes the request wait, and how long, in whole seconds."""
    return SourceError(
        ErrorKind.RATE_LIMITED,
        _SENTENCES[rule](rules, max(1, math.ceil(wait))),
        retry_after=wait,
        hint=sentence("The job goes on by itself when it is its turn."),
    )


def _window(rules: PacingRules, seconds: int) -> Sentence:
    return sentence(
        "Interactive Brokers allows %(requests)d requests for small bars in %(window)g seconds, and they are used up: "
        "the next is possible in %(seconds)d seconds.",
        requests=rules.window_requests,
        window=rules.window_seconds,
        seconds=seconds,
    )


def _burst(rules: PacingRules, seconds: int) -> Sentence:
    return sentence(
        "Interactive Brokers allows %(requests)d requests for the same contract in %(window)g seconds: the next is "
        "possible in %(seconds)d seconds.",
        requests=rules.burst_requests,
        window=rules.burst_seconds,
        seconds=seconds,
    )


def _identical(rules: PacingRules, seconds: int) -> Sentence:
    return sentence(
        "Interactive Brokers does not allow an identical request within %(window)g seconds: it is possible in "
        "%(seconds)d seconds.",
        window=rules.identical_seconds,
        seconds=seconds,
    )


def _soft(rules: PacingRules, seconds: int) -> Sentence:
    return sentence(
        "Requests to Interactive Brokers are spread to %(rate)g a second, and many wait: the next is possible in "
        "%(seconds)d seconds.",
        rate=rules.soft_per_second,
        seconds=seconds,
    )


def _open(rules: PacingRules, seconds: int) -> Sentence:
    return sentence(
        "All %(open)d requests that may be open at once at Interactive Brokers are waiting for their answers; the job "
        "asks again in %(seconds)d seconds.",
        open=rules.max_open,
        seconds=seconds,
    )


def _cooling(_rules: PacingRules, seconds: int) -> Sentence:
    return sentence(
        "Interactive Brokers reported a pacing violation: all workers pause for another %(seconds)d seconds.",
        seconds=seconds,
    )


def _lost(_rules: PacingRules, seconds: int) -> Sentence:
    return sentence(
        "Redis lost its memory of earlier requests to Interactive Brokers, so all of them are taken as used: the next "
        "is possible in %(seconds)d seconds.",
        seconds=seconds,
    )


_SENTENCES: dict[Rule, Callable[[PacingRules, int], Sentence]] = {
    Rule.WINDOW: _window,
    Rule.BURST: _burst,
    Rule.IDENTICAL: _identical,
    Rule.SOFT: _soft,
    Rule.OPEN: _open,
    Rule.COOLING: _cooling,
    Rule.LOST: _lost,
}
