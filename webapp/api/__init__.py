"""The JSON API, v1, for programs: bearer tokens instead of cookies, JSON errors, described at ``openapi.json``."""

from flask import Flask

from webapp.api import (
    batch_actions,
    batches,
    job_actions,
    job_events,
    jobs,
    metrics,
    openapi,
    plans,
    problems,
    review,
    statistics,
    vanishing,
)
from webapp.api.choices import calendars, intervals, sources
from webapp.api.endpoints import JsonApi
from webapp.api.scheduling import late, schedules
from webapp.api.series import actions, bar_archives, bars, deletions, gaps, origins, series
from webapp.api.verbs import by_symbol, commands, frames
from webapp.api.watchlists import watchlists

_NOUNS = (
    *(jobs, job_actions, job_events, batches, batch_actions, plans, statistics, vanishing),
    *(series, deletions, bars, bar_archives, actions, gaps, origins, review),
    *(sources, intervals, calendars, watchlists),
    *(schedules, late),
    *(commands, by_symbol, frames),
)


def register(app: Flask) -> None:
    """Bind the API. Forms' CSRF tokens are not asked for here: a browser never sends a bearer token by itself."""
    app.before_request(problems.answer_routing_error)
    app.register_blueprint(metrics.blueprint)
    api = JsonApi(app, spec_kwargs=openapi.DESCRIPTION)
    for noun in _NOUNS:
        app.extensions["csrf"].exempt(noun.endpoints.blueprint)
        api.register_blueprint(noun.endpoints.blueprint)
    app.register_blueprint(openapi.blueprint)
