"""Asking the same of several jobs, or of a batch, with a reason for their logs; and submitting a job once more."""

import json
from typing import Any

from flask import Response
from marshmallow import Schema, fields

from webapp.access.queries_idempotency import KeptAnswer
from webapp.api.answering.once import KEY_PARAMETER, answer_once
from webapp.api.endpoints import Accepts, Answers, Endpoints
from webapp.api.fields import Choice, Number, Text
from webapp.api.jobs import JOB, shown, submitted
from webapp.api.problems import say
from webapp.api.schemas import Job, RefusedJob, Submitted
from webapp.collecting import submit as jobs
from webapp.collecting.groups import BatchOutcome, execute_batch, execute_each
from webapp.collecting.verbs import LONGEST_REASON, JobCommand, Verb
from webapp.context import context
from webapp.database.types import LARGEST_ID
from webapp.errors import InvalidRequestError, sentence
from webapp.kernel.collect_fields import priority_of
from webapp.kernel.job_states import Priority

MOST_JOBS = 1000
endpoints = Endpoints("job_commands", __name__, "The same asked of several jobs at once, or of a whole batch.")


class CommandBody(Schema):
    """What is asked of which jobs: of those in ``jobs``, or of those of ``batch`` that it can be asked of.

    A retry of a batch is for what failed. ``priority`` says which one, with the verb of that name; ``reason`` is kept
    in the jobs' logs.
    """

    verb = Choice([verb.value for verb in Verb], "What is asked.", Verb.CANCEL.value, required=True)
    jobs = fields.List(
        fields.Integer(),
        metadata={"description": "The numbers of jobs.", "maxItems": MOST_JOBS, "examples": [[12, 13]]},
    )
    batch = Number(1, LARGEST_ID, "The number of a batch.", 7)
    priority = Text(
        16, "The new priority.", "high", metadata={"enum": [priority.name.lower() for priority in Priority]}
    )
    reason = Text(4 * LONGEST_REASON, "Why; their logs keep it.", "wrong list", load_default="")


class Commanded(Schema):
    """What came of it: the jobs as they stand now, in the order asked, and those that did not change."""

    changed = fields.List(fields.Nested(Job), required=True)
    refused = fields.List(fields.Nested(RefusedJob), required=True)


_KEYED = (KEY_PARAMETER,)


@endpoints.post("/job-commands", Answers(Commanded, 202, (404, 409)), Accepts(body=CommandBody, headers=_KEYED))
def execute(body: dict[str, Any]) -> Response:
    """Cancel, pause, resume, retry or prioritize several jobs; one that cannot be changed stops none of the others."""
    verb = Verb(body["verb"])
    priority = priority_of(body.get("priority", "")) if verb is Verb.PRIORITY else Priority.NORMAL
    if ("jobs" in body) == ("batch" in body):
        raise InvalidRequestError({"jobs": sentence("Give either jobs, by their numbers, or the number of a batch.")})
    if len(body.get("jobs", ())) > MOST_JOBS:
        message = sentence("These are too many jobs at once. Give at most %(most)d.", most=MOST_JOBS)
        raise InvalidRequestError({"jobs": message})
    command = JobCommand(verb, "api", body["reason"], priority)
    return answer_once(lambda: _executed(body, command))


def _executed(body: dict[str, Any], command: JobCommand) -> KeptAnswer:
    if "batch" in body:
        outcome = execute_batch(context(), body["batch"], command)
    else:
        outcome = execute_each(context(), body["jobs"], command)
    return KeptAnswer(202, json.dumps(_told(outcome)))


def _told(outcome: BatchOutcome) -> dict[str, object]:
    refused = [{"job_id": refusal.job_id, "message": say(refusal.why)} for refusal in outcome.refused]
    return {"changed": [shown(job) for job in outcome.changed], "refused": refused}


class CloneBody(Schema):
    """Nothing is to be said besides which job."""


@endpoints.post(f"{JOB}/clone", Answers(Submitted, 202, (409,)), Accepts(body=CloneBody, headers=_KEYED))
def clone(body: dict[str, Any], job_id: int) -> Response:  # noqa: ARG001 -- an empty object, so that it may carry a key
    """Submit once more what a job collects."""
    return answer_once(lambda: submitted(jobs.clone(context(), job_id, "api")))
