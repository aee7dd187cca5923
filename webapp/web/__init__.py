"""The pages, one blueprint a noun. Fragments that pages include have their own URLs under ``/ui``."""

from flask import Flask

from webapp.web import error_pages, formats, gateways, headers, health, pages, preferences, scripts, status
from webapp.web.catalogue import catalogue, verbs
from webapp.web.collect import collect, searches
from webapp.web.comparisons import comparisons
from webapp.web.coverage import corrections, coverage
from webapp.web.exports import exports, files
from webapp.web.imports import imports
from webapp.web.jobs import groups, jobs
from webapp.web.jobs import verbs as job_actions
from webapp.web.review import review
from webapp.web.schedules import schedules
from webapp.web.schedules import verbs as schedule_actions
from webapp.web.series import provenance, series
from webapp.web.vanishing import vanishing
from webapp.web.watchlists import entries, making, watchlists

_NOUNS = (
    *(collect, searches, jobs, job_actions, groups, catalogue, verbs, series, coverage, corrections),
    *(exports, files),
    *(comparisons, provenance, imports, review, vanishing),
    *(watchlists, making, entries),
    *(schedules, schedule_actions),
    *(gateways, status, health, preferences, scripts),
)


def register(app: Flask) -> None:
    """Bind all blueprints, and what every answer has in common."""
    formats.register(app)
    headers.register(app)
    error_pages.register(app)
    imports.register(app)
    app.context_processor(pages.shared_values)
    for noun in _NOUNS:
        app.register_blueprint(noun.blueprint)
