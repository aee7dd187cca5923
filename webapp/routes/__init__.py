"""The pages, one blueprint a noun. Fragments that pages include have their own URLs under ``/ui``."""

from flask import Flask

from webapp.routes import (
    collect,
    coverage,
    error_pages,
    formats,
    gateways,
    headers,
    health,
    job_actions,
    job_groups,
    jobs,
    pages,
    preferences,
    searches,
    series,
    status,
)

_NOUNS = (collect, searches, jobs, job_actions, job_groups, series, coverage, gateways, status, health, preferences)


def register(app: Flask) -> None:
    """Bind all blueprints, and what every answer has in common."""
    formats.register(app)
    headers.register(app)
    error_pages.register(app)
    app.context_processor(pages.shared_values)
    for noun in _NOUNS:
        app.register_blueprint(noun.blueprint)
