"""How commands speak: in the user's language, answers on standard output, errors as sentences on standard error."""

import logging
import os
import sys
from collections.abc import Iterable
from shutil import get_terminal_size

import click
from babel import negotiate_locale
from flask.cli import ScriptInfo
from flask_babel import force_locale, get_babel, gettext

from webapp.database import schema
from webapp.database.transactions import DATABASE_FAILURES, explain_failure
from webapp.errors import InvalidRequestError, MoissonError, NotFoundError, Sentence, sentence

log = logging.getLogger(__name__)

FAILED = 1
BAD_INPUT = 2
NOT_READY = sentence("The database is not ready. Run: flask --app wsgi init-db (doctor says more).")


def user_locale() -> str:
    """Return the language of the user's terminal that there is a translation for, English otherwise."""
    locale_name = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    spoken = [str(locale) for locale in get_babel().instance.list_translations()]
    return negotiate_locale([locale_name.partition(".")[0].partition("@")[0]], spoken) or "en"


def said(sentence: Sentence) -> str:
    """Return a sentence in the user's language."""
    return sentence.translate(gettext)


def complain(text: str) -> None:
    """Say what went wrong, on standard error."""
    click.echo(text, err=True)


def _option_name(command: click.Command, field: str) -> str:
    """Return what a command calls a field: its option, or its argument as help names it; else the field itself."""
    dashed = f"--{field.replace('_', '-')}"
    for param in command.params:
        if isinstance(param, click.Argument) and param.name == field:
            return field.upper()
        if param.name == field or dashed in param.opts:
            return next((name for name in param.opts if name.startswith("--")), field)
    return field


class SpokenCommand(click.Command):
    """A command that runs inside the application, in the user's language, and ends with a sentence when it fails.

    Exit status 2 for what was asked wrongly, 1 for what failed, as ``flask`` itself does.
    """

    needs_tables = True

    def invoke(self, ctx: click.Context) -> object:
        """Run the command."""
        app = ctx.ensure_object(ScriptInfo).load_app()
        with app.app_context(), force_locale(user_locale()):
            try:
                if self.needs_tables and not schema.is_current():
                    complain(said(NOT_READY))
                    ctx.exit(FAILED)
                return super().invoke(ctx)
            except InvalidRequestError as err:
                for field, problem in err.fields.items():
                    complain(f"{_option_name(ctx.command, field)}: {said(problem)}")
                ctx.exit(BAD_INPUT)
            except MoissonError as err:
                complain(said(err.message))
                ctx.exit(BAD_INPUT if isinstance(err, NotFoundError) else FAILED)
            except DATABASE_FAILURES as err:
                log.debug("the database failed", exc_info=err)
                complain(said(explain_failure(err)))
                ctx.exit(FAILED)


class TablelessCommand(SpokenCommand):
    """A command that runs on a database without tables, too."""

    needs_tables = False


def table(heads: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """Return rows as columns of text, as wide as their longest entry."""
    lines = [list(heads), *([str(cell) for cell in row] for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    widest = get_terminal_size().columns if sys.stdout.isatty() else None  # a file or a pipe gets whole lines
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()[:widest]
        for line in lines
    )
