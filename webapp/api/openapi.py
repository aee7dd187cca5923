"""The description of the API, for people's tools; it says nothing that is not public, so it needs no token."""

import json

from flask import Blueprint, Response, current_app

DESCRIPTION = {
    "title": "Moisson",
    "version": "1.1",
    "openapi_version": "3.1.0",
    "info": {
        "description": "Market data collected in the background. Make a token with: "
        "flask --app wsgi tokens create NAME --scope read --scope write. "
        "Times are ISO 8601, UTC; a bar's time is its start, and the exchange's date for bars of a day and longer. "
        "Files of bars have the columns time, open, high, low, close, volume (then wap, count where the source gives "
        "them): time is a timestamp in UTC or a date, count a whole number, all else a 64-bit floating-point number. "
        "Prices are in the series' currency."
    },
    "components": {"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}}},
}

blueprint = Blueprint("api_description", __name__, url_prefix="/api/v1")


@blueprint.get("/openapi.json")
def show() -> Response:
    """Show the OpenAPI document, its fields in the order in which they are declared."""
    document = current_app.extensions["flask-smorest"]["apis"][""]["ext_obj"].describe()
    return Response(json.dumps(document), mimetype="application/json")
