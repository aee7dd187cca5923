"""The application factory: the one module that knows all the others."""

import datetime as dt
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from celery import Celery, Task
from flask import Flask, current_app, has_app_context
from flask.typing import ResponseReturnValue
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from sqlalchemy.exc import DBAPIError
from werkzeug.middleware.proxy_fix import ProxyFix

from webapp import api, cli, config, logs, tasks, web
from webapp.collecting.source_use import last_used, note_use
from webapp.config import ROOT, Settings
from webapp.context import EXTENSION, Context, JobRules, context
from webapp.database import engine
from webapp.database.transactions import DATABASE_FAILURES
from webapp.errors import DatabaseAwayError, sentence
from webapp.extensions import babel, celery, csrf, db, migrate
from webapp.kernel.cached import Cached
from webapp.queue import Queue, celery_settings
from webapp.sources.base import ClientTools
from webapp.sources.clients import Clients
from webapp.sources.manifest import SourceSettings
from webapp.sources.registry import LEAST_LOG_LEVELS, LEFT_OUT, TRANSLATIONS
from webapp.web.htmx import htmx
from webapp.web.locale import choose_locale

log = logging.getLogger(__name__)


def create_app(settings: Settings | None = None, *, sets_up_logs: bool = True) -> Flask:
    """Make the application; nothing is opened yet: no database, no Redis, no source.

    :param sets_up_logs: False in somebody else's process, whose logging is not ours to change.
    :raises SettingsError: when a setting is wrong.
    """
    settings = settings or config.load_settings()
    if sets_up_logs:
        logs.set_up(settings.log_level, LEAST_LOG_LEVELS)
        for problem in LEFT_OUT:
            log.warning("%s", problem)
    app = Flask(__name__, template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "static"))
    app.config.from_mapping(flask_settings(settings))
    _bind_extensions(app)
    app.extensions[EXTENSION] = make_context(settings)
    _bind_celery(app, settings)
    web.register(app)
    api.register(app)
    cli.register(app)
    app.register_error_handler(DBAPIError, _database_failed)
    if settings.trust_proxy_hops:
        hops = settings.trust_proxy_hops
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    return app


@cache
def own_app() -> Flask:
    """Return the application of a notebook or script that has made none, made on first use from the same ``.env``."""
    return create_app(sets_up_logs=False)


@contextmanager
def in_app() -> Iterator[Context]:
    """Be inside an application: the current one, or else a script's own."""
    if has_app_context():
        yield context()
    else:
        with own_app().app_context():
            yield context()


def flask_settings(settings: Settings) -> dict[str, object]:
    """Return what Flask and its extensions are configured with."""
    return {
        "SECRET_KEY": settings.secret_key,
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": engine.engine_options(settings.database_url),
        "TRUSTED_HOSTS": list(settings.trusted_hosts),
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_REFRESH_EACH_REQUEST": False,
        "WTF_CSRF_TIME_LIMIT": None,  # bound to the session: a page left open all day must still work
        "MAX_CONTENT_LENGTH": 2 * 1024 * 1024,
        "BABEL_DEFAULT_LOCALE": "en",
        "BABEL_TRANSLATION_DIRECTORIES": ";".join(map(str, (*TRANSLATIONS, Path(__file__).parent / "translations"))),
        "MOISSON_SETTINGS": settings,
    }


def _bind_extensions(app: Flask) -> None:
    db.init_app(app)
    with app.app_context():
        engine.prepare(db.engine)
    migrate.init_app(app, db, directory=str(Path(__file__).parent / "database" / "migrations"), render_as_batch=True)
    babel.init_app(app, locale_selector=choose_locale)
    csrf.init_app(app)
    htmx.init_app(app)


def make_context(settings: Settings) -> Context:
    """Return what rooms are handed; nothing is opened yet."""
    impatient = Retry(NoBackoff(), 0)  # whoever needs it again tries again; a page must not wait
    redis = Redis.from_url(settings.redis_url, socket_timeout=0.5, socket_connect_timeout=0.5, retry=impatient)
    clients = _clients(settings, redis)
    rules = JobRules(
        lease=settings.job_lease_seconds,
        tick=settings.clock_tick_seconds,
        max_attempts=settings.max_attempts,
        time_limit=settings.task_time_limit,
        retention_days=settings.retention_days,
    )
    return Context(
        queue=Queue(celery, redis),
        rules=rules,
        now=lambda: dt.datetime.now(dt.UTC),
        open_client=clients.open,
        close_clients=clients.close,
        paces={name: pace for name, values in settings.sources.items() if (pace := _pace(values))},
        gateway=settings.gateway,
        gateway_places=settings.gateway_places,
        redis=redis,
        simulated=settings.simulated,
        gateway_snapshots=Cached(fresh=1.0, failed=5.0),
        live_workers=Cached(fresh=1.0, failed=5.0),
        pace_states=Cached(fresh=1.0, failed=5.0),
        folder=settings.folder,
    )


def _pace(settings: SourceSettings) -> dict[str, float]:
    return {name: float(value) for name, value in settings.items() if isinstance(value, int | float)}


def _database_failed(error: DBAPIError) -> ResponseReturnValue:
    """Say that the database is away or cannot be written; what is wrong with our statements stays a defect."""
    app = current_app
    if not isinstance(error, DATABASE_FAILURES):
        raise error
    app.logger.error("the database failed: %s", error.orig)
    message = sentence(
        "The database does not answer, or cannot be written. What you asked for just now was not done. Check that it "
        "runs and that its disk has room, then try again; running collections go on by themselves."
    )
    return app.handle_user_exception(DatabaseAwayError(message))


def _clients(settings: Settings, redis: Redis) -> Clients:
    def tools(source: str) -> ClientTools:
        folder = settings.folder / "cache" / source / tasks.cache_name()
        folder.mkdir(parents=True, exist_ok=True)
        return ClientTools(
            redis=redis,
            folder=folder,
            now=lambda: dt.datetime.now(dt.UTC).timestamp(),
            settings=settings.sources[source],
            last_used=lambda: last_used(source),
            note_use=lambda: note_use(context(), source),
        )

    return Clients(tools)


def _bind_celery(app: Flask, settings: Settings) -> Celery:
    class FlaskTask(Task):  # type: ignore[type-arg]  # celery's Task is generic in its stubs only
        """Runs a task inside the application's context."""

        def __call__(self, *args: object, **kwargs: object) -> object:
            """Run the task."""
            with app.app_context():
                return self.run(*args, **kwargs)

    celery.Task = FlaskTask  # type: ignore[misc]  # as Flask's documentation does; the stubs call it read-only
    celery.config_from_object(celery_settings(settings.redis_url, settings.task_time_limit))
    celery.set_default()
    tasks.watch_workers(app)
    app.extensions["celery"] = celery
    return celery
