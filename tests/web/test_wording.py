"""Words of pages: nothing that a page may have to say is left without its own."""

import re

from tests.servers import ROOT
from webapp.kernel.job_states import JobState
from webapp.web.wording import EVENTS

APPENDED = re.compile(r"""append_event\([^"]{,80}"([a-z_]+)",""")


def test_every_event_that_is_written_to_a_jobs_log_has_words() -> None:
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "webapp").rglob("*.py")]
    kinds = {kind for text in texts for kind in APPENDED.findall(text)}
    assert {"chunk", "error", "submitted"} <= kinds
    states = {state.value for state in JobState} - {JobState.RUNNING.value}  # a claim is an event of its own
    assert (kinds | states) - EVENTS.keys() == set()
