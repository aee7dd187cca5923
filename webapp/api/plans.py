"""Plans: what a request would take; nothing is queued."""

from typing import Any

from webapp.access.queries_tokens import Scope
from webapp.api.endpoints import Accepts, Answers, Endpoints
from webapp.api.problems import say
from webapp.api.requests import request_of
from webapp.api.schemas import CollectBody, Plan
from webapp.collecting.plan import make_plan
from webapp.collecting.validation import validate_request
from webapp.context import context
from webapp.jobs.records import plan_record

endpoints = Endpoints("plans", __name__, "What a request would take, before anything is queued.")


@endpoints.post("/plans", Answers(Plan), Accepts(body=CollectBody), scope=Scope.READ)
def make(body: dict[str, Any]) -> dict[str, object]:
    """Say what a request still needs, what is there already, and what cannot be had and why."""
    valid = validate_request(request_of(body), context().now())
    plan = make_plan(context(), valid)
    return plan_record(plan, valid.merged, say)
