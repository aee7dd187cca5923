"""Applications for tests: made once a process and taken again, each time for the settings and the database of one test.

Making one costs 40 ms, and with it go its compiled templates and SQL, which the next would have to make again. What a
test may change in it (configuration, context, class of its clients, database) is put back; who adds routes to an
application makes one of their own.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from sqlalchemy import event, make_url

from webapp import logs
from webapp.app import create_app, flask_settings, make_context
from webapp.config import Settings
from webapp.context import EXTENSION
from webapp.extensions import db
from webapp.sources.registry import LEAST_LOG_LEVELS


class _Reusable:
    """An application whose database is another file at each use; its engine stays, with the SQL it has compiled."""

    def __init__(self, settings: Settings) -> None:
        self.app = create_app(settings)
        self._config = dict(self.app.config)
        self._extensions = dict(self.app.extensions)
        with self.app.app_context():
            self._engine = db.engine
        event.listen(self._engine, "do_connect", self._go_to_file)
        self._attached = self._count_attached()

    def prepare(self, settings: Settings) -> None:
        """Make it what ``create_app`` makes of these settings."""
        logs.set_up(settings.log_level, LEAST_LOG_LEVELS)
        self._restore(self.app.config, self._config | flask_settings(settings))
        self._restore(self.app.extensions, self._extensions | {EXTENSION: make_context(settings)})
        self.app.test_client_class = None
        self._engine.dispose()
        self._engine.url = make_url(settings.database_url)

    def close(self) -> bool:
        """Close the database, and tell whether it may be used again: no test has left a listener or a route in it."""
        self._engine.dispose()
        return self._count_attached() == self._attached

    def _count_attached(self) -> list[int]:
        engine, pool = self._engine.dispatch, self._engine.pool.dispatch
        listeners = (engine.begin, engine.before_cursor_execute, pool.connect, pool.checkout)
        return [len(self.app.view_functions), *(len(list(each)) for each in listeners)]

    def _go_to_file(self, _dialect: object, _entry: object, arguments: list[Any], _options: object) -> None:
        arguments[0] = self._engine.url.database

    @staticmethod
    def _restore(changed: dict[str, Any], values: dict[str, Any]) -> None:
        changed.clear()
        changed.update(values)


_free: list[_Reusable] = []


@contextmanager
def application(settings: Settings) -> Iterator[Flask]:
    """Lend an application with these settings; the database, an SQLite file or PostgreSQL, is closed at the end."""
    if not settings.database_url.startswith("sqlite:///") or settings.trust_proxy_hops:
        app = create_app(settings)
        yield app
        with app.app_context():
            db.engine.dispose()
        return
    reusable = _free.pop() if _free else _Reusable(settings)
    reusable.prepare(settings)
    try:
        yield reusable.app
    finally:
        if reusable.close():
            _free.append(reusable)
