"""The description of the API, for people's tools; it says nothing that is not public, so it needs no token."""

from flask import Blueprint, Response, current_app, jsonify

DESCRIPTION = {
    "title": "Moisson",
    "version": "1",
    "openapi_version": "3.1.0",
    "info": {
        "description": "Market data collected in the background. Make a token with: "
        "flask --app wsgi tokens create NAME --scope read --scope write"
    },
    "components": {"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}}},
}

blueprint = Blueprint("api_description", __name__, url_prefix="/api/v1")


@blueprint.get("/openapi.json")
def show() -> Response:
    """Show the OpenAPI document."""
    return jsonify(current_app.extensions["flask-smorest"]["apis"][""]["ext_obj"].spec.to_dict())
