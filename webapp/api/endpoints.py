"""How an endpoint is declared: one decorator says who may ask, what is accepted, and all that may be answered.

The only module that knows flask-smorest, which has no types.
"""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from functools import partial, wraps
from threading import Lock
from typing import Any, TypeVar, cast

import flask_smorest
from flask import Flask, Response
from marshmallow import RAISE, Schema

from webapp.access.queries_tokens import Scope
from webapp.api import problems
from webapp.api.authentication import require
from webapp.api.bodies import BodyParser
from webapp.api.negotiation import tags
from webapp.api.negotiation.acceptance import JSON_MEDIA, negotiate
from webapp.api.schemas import Problem

PREFIX = "/api/v1"
View = TypeVar("View", bound=Callable[..., object])


class JsonApi(flask_smorest.Api):  # type: ignore[misc]  # it has no types
    """Flask-smorest, with our form of errors; the description is made when somebody reads it, and not at each start."""

    ERROR_SCHEMA = Problem

    def __init__(self, app: Flask, **options: Any) -> None:  # noqa: ANN401 -- as its base class has it
        self._undescribed: list[Callable[[], None]] = []
        self._describing = Lock()
        super().__init__(app, **options)

    def describe(self) -> dict[str, Any]:
        """Return the OpenAPI document."""
        with self._describing:
            while self._undescribed:
                self._undescribed[0]()  # kept when it fails: the next reader gets no document without it
                del self._undescribed[0]
            return _opened(cast("dict[str, Any]", self.spec.to_dict()))

    def describe_later(self, describe: Callable[[], None]) -> None:
        """Leave a part of the description until it is read."""
        self._undescribed.append(describe)

    def _register_error_handlers(self) -> None:
        """Register nothing for the whole application: each blueprint answers for itself, the pages have their own."""


def _opened(document: dict[str, Any]) -> dict[str, Any]:
    """Return the document with answers that may have more fields one day: a client made of it must not refuse them.

    Bodies stay closed, since a field of another name is refused.
    """
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    contents = [operation["requestBody"]["content"] for operation in operations if "requestBody" in operation]
    bodies = {media["schema"]["$ref"].rpartition("/")[2] for content in contents for media in content.values()}
    for name, schema in document["components"]["schemas"].items():
        if name not in bodies and schema.get("additionalProperties") is False:
            del schema["additionalProperties"]
    return document


class _Blueprint(flask_smorest.Blueprint):  # type: ignore[misc]  # it has no types
    """A blueprint that reads bodies our way."""

    ARGUMENTS_PARSER = BodyParser()

    def register_views_in_doc(self, api: JsonApi, *args: Any, **options: Any) -> None:  # noqa: ANN401 -- as its base class has it
        api.describe_later(partial(super().register_views_in_doc, api, *args, **options))


@dataclass(frozen=True, slots=True)
class Accepts:
    """What an endpoint takes besides its path: a schema for the query string, one for the body, and headers.

    ``headers`` are OpenAPI parameters.
    """

    query: type[Schema] | None = None
    body: type[Schema] | None = None
    headers: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Answers:
    """What an endpoint answers when all goes well, and the errors of its own.

    ``schema`` is that of its JSON, None where it answers with files alone; ``media`` are the types of these.
    ``is_tagged`` says that the answer carries an ETag.
    """

    schema: type[Schema] | None
    status: int = 200
    errors: tuple[int, ...] = ()
    media: tuple[str, ...] = ()
    is_tagged: bool = False

    @property
    def all_media(self) -> tuple[str, ...]:
        """All types that it may answer with."""
        return (*((JSON_MEDIA,) if self.schema else ()), *self.media)


class Endpoints:
    """The endpoints of one noun."""

    def __init__(self, noun: str, module: str, description: str) -> None:
        self.blueprint = _Blueprint(f"api_{noun}", module, url_prefix=PREFIX, description=description)
        problems.register(self.blueprint)
        self._noun = noun

    def get(self, rule: str, answers: Answers, accepts: Accepts | None = None) -> Callable[[View], View]:
        """Declare an endpoint that shows something."""
        return self._declare("GET", rule, Scope.READ, answers, accepts or Accepts())

    def post(
        self, rule: str, answers: Answers, accepts: Accepts | None = None, scope: Scope = Scope.WRITE
    ) -> Callable[[View], View]:
        """Declare an endpoint that does something, or (with the scope ``read``) one that takes a body."""
        return self._declare("POST", rule, scope, answers, accepts or Accepts())

    def patch(self, rule: str, answers: Answers, accepts: Accepts) -> Callable[[View], View]:
        """Declare an endpoint that changes what its body names, and leaves the rest as it is."""
        return self._declare("PATCH", rule, Scope.WRITE, answers, accepts)

    def delete(self, rule: str, answers: Answers) -> Callable[[View], View]:
        """Declare an endpoint that takes something away."""
        return self._declare("DELETE", rule, Scope.WRITE, answers, Accepts())

    def _declare(
        self, method: str, rule: str, scope: Scope, answers: Answers, accepts: Accepts
    ) -> Callable[[View], View]:
        """Return the decorator: the token is looked at first, then the arguments, then the view is called."""

        def decorate(view: View) -> View:
            answering = self._answering(view, rule, answers, accepts)
            guarded = _guarded(self._taking(answering, accepts), scope, answers.all_media)
            _describe_headers(guarded, [*accepts.headers, *([tags.PARAMETER] if answers.is_tagged else [])])
            described = self.blueprint.doc(
                operationId=f"{view.__name__}_{self._noun}", security=[{"bearer": [scope.value]}]
            )(guarded)
            parameters = [dict(parameter) for name, parameter in _IN_PATHS.items() if f":{name}>" in rule]
            self.blueprint.route(rule, methods=[method], endpoint=view.__name__, parameters=parameters)(described)
            return view

        return decorate

    def _taking(self, view: Callable[..., Any], accepts: Accepts) -> Callable[..., Any]:
        if accepts.query:
            view = self.blueprint.arguments(accepts.query(), location="query", unknown=RAISE)(view)
        if accepts.body:
            view = self.blueprint.arguments(accepts.body())(view)
        return view

    def _answering(self, view: Callable[..., Any], rule: str, answers: Answers, accepts: Accepts) -> Callable[..., Any]:
        plain = _plain(view)
        statuses = {400, 401, 403, 406, *answers.errors}
        statuses |= {404} if "<" in rule else set()
        statuses |= {413, 415, 422} if accepts.body else set()
        statuses |= {422} if accepts.query else set()
        for status in sorted(statuses):
            view = self.blueprint.alt_response(status, schema=Problem)(view)
        headers = tags.HEADER if answers.is_tagged else None
        if answers.is_tagged:
            view = self.blueprint.alt_response(304, description="Nothing has changed.", headers=headers)(view)
        for media in answers.media:
            body = _TEXT if media.startswith("text/") else _FILE
            view = self.blueprint.alt_response(answers.status, schema=body, content_type=media, headers=headers)(view)
        plain._apidoc = cast("Any", view)._apidoc  # noqa: SLF001 -- each of its decorators would be called with each request
        if answers.schema is None:
            return cast("Callable[..., Any]", plain)
        return cast(
            "Callable[..., Any]", self.blueprint.response(answers.status, answers.schema, headers=headers)(plain)
        )


def _plain(view: Callable[..., Any]) -> Any:  # noqa: ANN401 -- a function, with an attribute of flask-smorest's
    """Return a function that does the same, for flask-smorest to describe."""

    @wraps(view)
    def plain(*args: object, **kwargs: object) -> object:
        return view(*args, **kwargs)

    return plain


_FILE = {"type": "string", "format": "binary"}
_TEXT = {"type": "string"}


def _in_path(name: str, about: str, example: object) -> dict[str, object]:
    return {"in": "path", "name": name, "description": about, "example": example}


_IN_PATHS = {
    "job_id": _in_path("job_id", "The number of a job.", 12),
    "batch_id": _in_path("batch_id", "The number of a batch.", 7),
    "series_id": _in_path("series_id", "The number of a series.", 3),
    "name": _in_path("name", "The name of a watchlist.", "tech"),
    "schedule_id": _in_path("schedule_id", "The number of a schedule.", 3),
    "time": _in_path("time", "The start of a bar, UTC.", "2024-03-01T14:30:00Z"),
}
"""What is said of the parts of paths."""


def _describe_headers(view: Any, headers: list[dict[str, Any]]) -> None:  # noqa: ANN401 -- a function, with an attribute of flask-smorest's
    """Describe headers beside the parameters of the query; flask-smorest takes manual ones in their place."""
    if headers:
        view._apidoc = deepcopy(view._apidoc)  # noqa: SLF001 -- where its own decorators keep what they describe
        view._apidoc.setdefault("arguments", {}).setdefault("parameters", []).extend(deepcopy(headers))  # noqa: SLF001


def _guarded(view: Callable[..., Response], scope: Scope, media: tuple[str, ...]) -> Callable[..., Response]:
    @wraps(view)
    def guarded(*args: object, **kwargs: object) -> Response:
        require(scope)
        negotiate(media)
        return view(*args, **kwargs)

    return guarded
