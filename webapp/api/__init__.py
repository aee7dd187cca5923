"""The JSON API, v1, for programs: bearer tokens instead of cookies, JSON errors, described at ``openapi.json``."""

from flask import Flask

from webapp.api import (
    bars,
    batches,
    deletions,
    job_actions,
    jobs,
    metrics,
    openapi,
    origins,
    plans,
    problems,
    review,
    series,
)
from webapp.api.endpoints import JsonApi
from webapp.api.scheduling import late, schedules

_NOUNS = (jobs, job_actions, batches, plans, series, deletions, bars, origins, review, schedules, late)


def register(app: Flask) -> None:
    """Bind the API. Forms' CSRF tokens are not asked for here: a browser never sends a bearer token by itself."""
    app.before_request(problems.answer_routing_error)
    app.register_blueprint(metrics.blueprint)
    api = JsonApi(app, spec_kwargs=openapi.DESCRIPTION)
    for noun in _NOUNS:
        app.extensions["csrf"].exempt(noun.endpoints.blueprint)
        api.register_blueprint(noun.endpoints.blueprint)
    app.register_blueprint(openapi.blueprint)
