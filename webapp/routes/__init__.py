"""The pages, one blueprint a noun. Fragments that pages include have their own URLs under ``/ui``."""

from flask import Flask

from webapp.routes import (
    catalogue,
    catalogue_actions,
    collect,
    comparisons,
    coverage,
    error_pages,
    export_files,
    exports,
    formats,
    gateways,
    headers,
    health,
    imports,
    job_actions,
    job_groups,
    jobs,
    pages,
    preferences,
    provenance,
    review,
    searches,
    series,
    status,
)

_NOUNS = (
    *(collect, searches, jobs, job_actions, job_groups, catalogue, catalogue_actions, series, coverage),
    *(exports, export_files),
    *(comparisons, provenance, imports, review),
    *(gateways, status, health, preferences),
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
