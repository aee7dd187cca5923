"""Reading the body of a request: JSON, of a size that a request has, and nothing that makes a parser fall over."""

from flask import Request
from marshmallow import Schema
from webargs import missing
from webargs.flaskparser import FlaskParser, is_json_request
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

LARGEST = 256 * 1024
"""Bytes; 500 symbols take 16 kB."""


class BodyParser(FlaskParser):
    """Webargs' parser, with an error for each way in which a body can be wrong."""

    def load_json(self, req: Request, schema: Schema) -> object:
        """Return the body as JSON.

        :raises UnsupportedMediaType: when it does not say that it is JSON.
        :raises BadRequest: when it is not.
        :raises RequestEntityTooLarge: when there is too much of it.
        """
        req.max_content_length = LARGEST
        if not is_json_request(req):
            raise UnsupportedMediaType
        try:
            body = super().load_json(req, schema)
        except (ValueError, RecursionError) as err:  # a number of thousands of digits, or thousands of brackets
            raise BadRequest from err
        if body is missing:
            raise BadRequest
        return body
