"""What errors are called: a code for programs, a sentence for people."""

from webapp.errors import Sentence, sentence

CODES: dict[int, str] = {
    400: "bad_request",
    401: "not_authenticated",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    409: "conflict",
    413: "too_large",
    415: "not_json",
    422: "invalid",
    500: "internal",
    503: "unavailable",
}

SENTENCES: dict[int, Sentence] = {
    400: sentence("This request was not understood. Its body must be JSON, and the host name that of this server."),
    404: sentence("There is nothing at this address."),
    405: sentence("This address takes other requests than the one that was made."),
    413: sentence("What was sent is too large. Give at most 500 symbols at a time."),
    415: sentence("Send JSON, and say so: Content-Type: application/json."),
    422: sentence("This cannot be done as asked."),
    500: sentence("The error has been written to the log. Running collections go on; nothing is lost."),
}

_MARSHMALLOW: dict[str, Sentence] = {
    "Missing data for required field.": sentence("This is required."),
    "Field may not be null.": sentence("This may not be null."),
    "Unknown field.": sentence("There is no field of this name."),
    "Not a valid string.": sentence("This must be a text."),
    "Not a valid integer.": sentence("This must be a whole number."),
    "Not a valid boolean.": sentence("This must be true or false."),
    "Not a valid list.": sentence("This must be a list."),
    "Not a valid mapping type.": sentence("This must be an object of names and values."),
    "Invalid input type.": sentence("The body must be a JSON object."),
    "Invalid JSON body.": sentence("The body is not JSON."),
}
_OTHER = sentence("This value is not understood.")


def problem_of(message: object) -> Sentence:
    """Return what a schema says of a value: a sentence of ours, or one for marshmallow's own words."""
    return message if isinstance(message, Sentence) else _MARSHMALLOW.get(str(message), _OTHER)
