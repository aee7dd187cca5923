"""What became of a run, in a few words."""

from collections.abc import Mapping

from webapp.errors import Sentence, sentence
from webapp.scheduling.queries_runs import RunRow
from webapp.scheduling.rules_run_states import RunState
from webapp.scheduling.timing_words import Say

STATES: Mapping[RunState, Sentence] = {
    RunState.DUE: sentence("about to begin"),
    RunState.WAITING: sentence("waits for the run before"),
    RunState.RUNNING: sentence("at work"),
    RunState.SUCCEEDED: sentence("collected"),
    RunState.PARTLY: sentence("collected in part"),
    RunState.FAILED: sentence("failed"),
    RunState.UP_TO_DATE: sentence("nothing was missing"),
    RunState.REFUSED: sentence("could not be submitted"),
    RunState.MISSED: sentence("missed: nothing ran at that time"),
    RunState.SKIPPED: sentence("skipped"),
}
_LATE = sentence("%(state)s, late")
_BY_HAND = sentence("%(state)s, by hand")


def describe_run(run: RunRow, say: Say) -> str:
    """Say what became of a run, and whether it was late or asked for by a person."""
    text = say(STATES[run.state])
    if run.is_late:
        text = say(Sentence(_LATE.text, {"state": text}))
    if run.is_by_hand:
        text = say(Sentence(_BY_HAND.text, {"state": text}))
    return text
