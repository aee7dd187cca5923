"""For whatever watches the process: is it up, and could it do its work."""

from flask import Blueprint, Response, jsonify

from webapp.context import context
from webapp.upkeep import status

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> Response:
    """Say that the process answers; nothing else is touched."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
def readyz() -> tuple[Response, int]:
    """Say whether database, schema and queue are ready: 200 when all are, else 503."""
    checks = status.readiness(context())
    ready = all(checks.values())
    return jsonify(status="ok" if ready else "unavailable", checks=checks), 200 if ready else 503
