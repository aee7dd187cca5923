"""What came of asking several jobs, in the reader's language."""

from collections.abc import Callable, Mapping

from flask_babel import gettext, ngettext

from webapp.collecting.groups import BatchOutcome
from webapp.collecting.verbs import Verb
from webapp.kernel.job_states import JobState
from webapp.web.formats import number, say
from webapp.web.toasts import Toast

_SHOWN = 4


def toast_for(outcome: BatchOutcome) -> Toast:
    """Say what came of it."""
    done, refused = len(outcome.changed), len(outcome.refused)
    if not done and not refused:
        return Toast("warning", gettext("There was nothing to change."), [])
    sentences = [_DONE[outcome.command.verb](done)] if done else []
    if refused:
        sentences.append(gettext("Not possible for %(count)s.", count=number(refused)))
    kind = "error" if not done else "warning" if refused or outcome.queue_is_away else "success"
    return Toast(kind, " ".join(sentences), _notes(outcome))


def _notes(outcome: BatchOutcome) -> list[str]:
    notes = []
    stopping = sum(job.state is JobState.RUNNING for job in outcome.changed)
    if stopping and outcome.command.verb in (Verb.CANCEL, Verb.PAUSE):
        notes.append(gettext("Those that are running stop after the request they are waiting for."))
    if outcome.queue_is_away:
        notes.append(gettext("The queue (Redis) does not answer. The jobs are kept and start when it is back."))
    whys = list(dict.fromkeys(say(refused.why) for refused in outcome.refused))
    if len(whys) > _SHOWN:
        whys[_SHOWN:] = [gettext("And %(count)s more.", count=number(len(whys) - _SHOWN))]
    return notes + whys


def _cancelled(count: int) -> str:
    return str(
        ngettext("%(count)s collection cancelled.", "%(count)s collections cancelled.", count, count=number(count))
    )


def _paused(count: int) -> str:
    return str(ngettext("%(count)s collection paused.", "%(count)s collections paused.", count, count=number(count)))


def _resumed(count: int) -> str:
    return str(ngettext("%(count)s collection resumed.", "%(count)s collections resumed.", count, count=number(count)))


def _retried(count: int) -> str:
    return str(
        ngettext(
            "%(count)s collection is tried again.", "%(count)s collections are tried again.", count, count=number(count)
        )
    )


def _prioritized(count: int) -> str:
    return str(
        ngettext(
            "%(count)s collection has the new priority.",
            "%(count)s collections have the new priority.",
            count,
            count=number(count),
        )
    )


_DONE: Mapping[Verb, Callable[[int], str]] = {
    Verb.CANCEL: _cancelled,
    Verb.PAUSE: _paused,
    Verb.RESUME: _resumed,
    Verb.RETRY: _retried,
    Verb.PRIORITY: _prioritized,
}
