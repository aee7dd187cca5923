"""How commands speak: in the user's language, answers on standard output, errors as sentences on standard error."""

import json
import logging
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from shutil import get_terminal_size
from typing import Any

import click
from babel import negotiate_locale
from flask.cli import ScriptInfo
from flask_babel import force_locale, get_babel, gettext
from sqlalchemy.exc import SQLAlchemyError

from webapp.cli.outputs import explain_write_failure, release_standard_output
from webapp.cli.statuses import BAD_INPUT, FAILED, INTERRUPTED, MEANINGS, NOT_FOUND, PIPE_CLOSED
from webapp.database import queries_health, schema
from webapp.database.transactions import DATABASE_FAILURES, explain_failure
from webapp.errors import InvalidRequestError, MoissonError, NotFoundError, Sentence, sentence

log = logging.getLogger(__name__)

NOT_READY = sentence("The database is not ready. Run: flask --app wsgi init-db (doctor says more).")
_AS_JSON, _IS_QUIET = "moisson.as_json", "moisson.is_quiet"


def user_locale() -> str:
    """Return the language of the user's terminal that there is a translation for, English otherwise."""
    locale_name = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    spoken = [str(locale) for locale in get_babel().instance.list_translations()]
    return negotiate_locale([locale_name.partition(".")[0].partition("@")[0]], spoken) or "en"


def said(sentence: Sentence) -> str:
    """Return a sentence in the user's language."""
    return str(gettext(sentence.text, **sentence.params))


def complain(text: str) -> None:
    """Say what went wrong, on standard error."""
    click.echo(text, err=True)


def remark(text: str) -> None:
    """Say on standard error what a person may want to know, and a script does not; ``--quiet`` leaves it out."""
    if not is_quiet():
        complain(text)


def answer(record: object, words: str | Callable[[], str]) -> None:
    """Print what a command is for: the record as one JSON document with ``--json``, else its text."""
    if wants_json():
        click.echo(json.dumps(record, indent=2))
    else:
        click.echo(words if isinstance(words, str) else words())


def confirm(record: object, words: str | Callable[[], str]) -> None:
    """Print what a command has done, as ``answer`` does; ``--quiet`` leaves the text out: the status says it."""
    if wants_json() or not is_quiet():
        answer(record, words)


def print_line(record: Mapping[str, object]) -> None:
    """Print a record of a stream as one line of JSON."""
    click.echo(json.dumps(record))


def wants_json() -> bool:
    """Tell whether the command was given ``--json``: then nothing else goes to standard output."""
    return bool(click.get_current_context().meta.get(_AS_JSON))


def is_quiet() -> bool:
    """Tell whether the command was given ``--quiet``."""
    return bool(click.get_current_context().meta.get(_IS_QUIET))


def _remember(name: str) -> Callable[[click.Context, click.Parameter, bool], None]:
    def callback(ctx: click.Context, _parameter: click.Parameter, value: bool) -> None:  # noqa: FBT001 -- click's call
        ctx.meta[name] = value

    return callback


class SpokenCommand(click.Command):
    """A command that runs inside the application, in the user's language, and ends with a sentence when it fails.

    Each has ``--json`` and ``--quiet``; its exit status is one of ``statuses.MEANINGS``.
    """

    needs_tables = True
    json_help = "Print one JSON document instead of text."

    def __init__(self, *args: Any, **settings: Any) -> None:  # noqa: ANN401 -- click's
        super().__init__(*args, **settings)
        for names, key, explanation in (
            (["--json", "as_json"], _AS_JSON, self.json_help),
            (["-q", "--quiet"], _IS_QUIET, "Say nothing but errors, and what was asked for."),
        ):
            option = click.Option(names, is_flag=True, help=explanation, expose_value=False, callback=_remember(key))
            self.params.append(option)

    @property
    def statuses(self) -> tuple[int, ...]:
        """The exit statuses that it may end with (``MEANINGS``): NOT_FOUND where an argument names what is stored."""
        may_miss = any(getattr(param.type, "may_be_missing", False) for param in self.params)
        return tuple(status for status in MEANINGS if status != NOT_FOUND or may_miss)

    def invoke(self, ctx: click.Context) -> object:
        """Run the command."""
        app = ctx.ensure_object(ScriptInfo).load_app()
        with app.app_context(), force_locale(user_locale()):
            status = self._run(ctx)
        ctx.exit(status)

    def _run(self, ctx: click.Context) -> int:
        """Run the command, say what goes wrong, and return the exit status."""
        try:
            if self.needs_tables and not schema.is_current():
                complain(said(not_ready()))
                return FAILED
            status = self._call(ctx)
            sys.stdout.flush()  # a pipe that is closed, or a disk that is full, says so now
        except BrokenPipeError:
            release_standard_output()
            return PIPE_CLOSED
        except KeyboardInterrupt:
            return INTERRUPTED
        except (MoissonError, *DATABASE_FAILURES, OSError) as err:
            return explain(err)
        except SQLAlchemyError as err:
            if queries_health.answers():
                raise  # a defect of ours
            return explain(err)
        return status

    def _call(self, ctx: click.Context) -> int:
        try:
            super().invoke(ctx)
        except click.exceptions.Exit as leaving:
            return leaving.exit_code
        return 0


def explain(error: MoissonError | SQLAlchemyError | OSError) -> int:
    """Say what went wrong, on standard error, and return the exit status."""
    if isinstance(error, InvalidRequestError):
        for field, problem in error.fields.items():
            complain(f"{_option_name(field)}: {said(problem)}")
        return BAD_INPUT
    if isinstance(error, MoissonError):
        complain(said(error.message))
        return NOT_FOUND if isinstance(error, NotFoundError) else FAILED
    log.debug("a command failed", exc_info=error)
    if isinstance(error, SQLAlchemyError):
        complain(said(explain_failure(error)))
    else:
        release_standard_output()
        complain(said(explain_write_failure(error)))
    return FAILED


def _option_name(field: str) -> str:
    """Return what the command calls a field: its option, or its argument as help names it; else the field itself."""
    dashed = f"--{field.replace('_', '-')}"
    for param in click.get_current_context().command.params:
        if isinstance(param, click.Argument) and param.name == field:
            return field.upper()
        if param.name == field or dashed in param.opts:
            return next((name for name in param.opts if name.startswith("--")), field)
    return field


def not_ready() -> Sentence:
    """Say why the database cannot be used: it does not answer, or it lacks tables."""
    if queries_health.answers():
        return NOT_READY
    return sentence(
        "The database does not answer: %(name)s. Check DATABASE_URL and that it runs.", name=queries_health.name()
    )


class TablelessCommand(SpokenCommand):
    """A command that runs on a database without tables, too."""

    needs_tables = False


class StreamingCommand(SpokenCommand):
    """A command whose JSON is a stream: a line for each thing that happens, or that is read."""

    json_help = "Print JSON lines instead of text: a record a line."


def table(heads: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """Return rows as columns of text, as wide as their longest entry."""
    lines = [list(heads), *([str(cell) for cell in row] for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    widest = get_terminal_size().columns if sys.stdout.isatty() else None  # a file or a pipe gets whole lines
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()[:widest]
        for line in lines
    )
