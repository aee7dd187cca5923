"""How an endpoint is declared: one decorator says who may ask, what is accepted, and all that may be answered.

The only module that knows flask-smorest, which has no types.
"""

from collections.abc import Callable
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
            return cast("dict[str, Any]", self.spec.to_dict())

    def describe_later(self, describe: Callable[[], None]) -> None:
        """Leave a part of the description until it is read."""
        self._undescribed.append(describe)

    def _register_error_handlers(self) -> None:
        """Register nothing for the whole application: each blueprint answers for itself, the pages have their own."""


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
    """What an endpoint answers when all goes well, and the errors of its own. ``media`` are types besides JSON."""

    schema: type[Schema]
    status: int = 200
    errors: tuple[int, ...] = ()
    media: tuple[str, ...] = ()


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
        """Declare an endpoint that changes a part of something."""
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
            guarded = _guarded(self._taking(answering, accepts), scope)
            described = self.blueprint.doc(
                operationId=f"{view.__name__}_{self._noun}",
                security=[{"bearer": [scope.value]}],
                **({"parameters": list(accepts.headers)} if accepts.headers else {}),
            )(guarded)
            self.blueprint.route(rule, methods=[method], endpoint=view.__name__)(described)
            return view

        return decorate

    def _taking(self, view: Callable[..., Any], accepts: Accepts) -> Callable[..., Any]:
        if accepts.query:
            view = self.blueprint.arguments(accepts.query, location="query", unknown=RAISE)(view)
        if accepts.body:
            view = self.blueprint.arguments(accepts.body)(view)
        return view

    def _answering(self, view: Callable[..., Any], rule: str, answers: Answers, accepts: Accepts) -> Callable[..., Any]:
        statuses = {400, 401, 403, *answers.errors}
        statuses |= {404} if "<" in rule else set()
        statuses |= {413, 415, 422} if accepts.body else set()
        statuses |= {422} if accepts.query else set()
        for status in sorted(statuses):
            view = self.blueprint.alt_response(status, schema=Problem)(view)
        for media in answers.media:
            view = self.blueprint.alt_response(answers.status, schema=_FILE, content_type=media)(view)
        return cast("Callable[..., Any]", self.blueprint.response(answers.status, answers.schema)(view))


_FILE = {"type": "string", "format": "binary"}


def _guarded(view: Callable[..., Response], scope: Scope) -> Callable[..., Response]:
    @wraps(view)
    def guarded(*args: object, **kwargs: object) -> Response:
        require(scope)
        return view(*args, **kwargs)

    return guarded
