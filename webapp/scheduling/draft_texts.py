"""A schedule as entrances read it: texts by the names of fields, beside a request that is read as any other."""

import dataclasses
from collections.abc import Mapping

from webapp.errors import InvalidRequestError, Sentence, sentence
from webapp.kernel.requests import CollectRequest
from webapp.scheduling.definitions import ScheduleDraft
from webapp.scheduling.rules_timing import TimingTexts


def draft_from(request: CollectRequest, texts: Mapping[str, str]) -> ScheduleDraft:
    """Return what was typed; which of the texts its kind of timing needs is for the check to say.

    :param texts: by the names of ``schedule_fields.TIMING_FIELDS``; what is left out is empty.
    :raises InvalidRequestError: when the request has an end, or asks again for what is there.
    """
    problems: dict[str, Sentence] = {}
    if request.end is not None:
        problems["end"] = sentence("A schedule has no last day: it goes on until it is paused or deleted.")
    if request.refresh:
        problems["refresh"] = sentence("A schedule asks only for what is missing.")
    if problems:
        raise InvalidRequestError(problems)
    timing = TimingTexts(*(texts.get(name, "") for name in ("when", "minutes", "cron", "zone")))
    return ScheduleDraft(request, timing, texts.get("name", ""), texts.get("overlap", ""), texts.get("fresh", ""))


def texts_of(draft: ScheduleDraft) -> dict[str, str]:
    """Return the texts of a draft, by the names of fields."""
    timing = dataclasses.asdict(draft.timing)
    texts = {"when": timing.pop("kind")} | timing
    return texts | {"name": draft.name, "overlap": draft.overlap, "fresh": draft.fresh}
