"""Column types: moments and sentences."""

import datetime as dt
import json
from typing import Any

from sqlalchemy import BigInteger, Dialect, Text
from sqlalchemy.types import TypeDecorator

from webapp.errors import Sentence
from webapp.kernel.instants import EPOCH

LARGEST_ID = 2**31 - 1
"""What PostgreSQL's integer holds; it refuses to compare with more."""
_MICROSECOND = dt.timedelta(microseconds=1)


class Moment(TypeDecorator[dt.datetime]):
    """An aware instant, kept as whole microseconds since 1970 UTC: the same on SQLite and PostgreSQL, and compares."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> int | None:
        """Turn an aware datetime into microseconds."""
        del dialect
        return None if value is None else (value - EPOCH) // _MICROSECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> dt.datetime | None:
        """Turn microseconds into an aware UTC datetime."""
        del dialect
        return None if value is None else EPOCH + value * _MICROSECOND


class SentenceText(TypeDecorator[Sentence]):
    """A sentence with its parameters, kept as JSON so that it is shown in each reader's language."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Sentence | None, dialect: Dialect) -> str | None:
        """Turn a sentence into JSON."""
        del dialect
        return None if value is None else json.dumps(_plain(value), ensure_ascii=False)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Sentence | None:
        """Turn JSON into a sentence."""
        del dialect
        if value is None:
            return None
        return _sentence(json.loads(value))


def _plain(value: Sentence) -> list[Any]:
    """Return text and parameters; a sentence among these is such a pair again, as nothing else is."""
    params = {name: _plain(part) if isinstance(part, Sentence) else part for name, part in value.params.items()}
    return [value.text, params]


def _sentence(pair: list[Any]) -> Sentence:
    text, params = pair
    return Sentence(text, {name: _sentence(part) if isinstance(part, list) else part for name, part in params.items()})


class JsonText(TypeDecorator[Any]):
    """A small JSON value, kept as text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: object, dialect: Dialect) -> str | None:
        """Turn a value into JSON, with sorted keys so that equal values are equal texts."""
        del dialect
        return None if value is None else json.dumps(value, ensure_ascii=False, sort_keys=True)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:  # noqa: ANN401 -- it is JSON
        """Turn JSON into a value."""
        del dialect
        return None if value is None else json.loads(value)
