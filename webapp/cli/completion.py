"""What arguments name: types of parameters that a shell completes with what is stored (docs/cli.md says how).

A shell asks while somebody types, in a process of its own: where the database cannot be read nothing is proposed, and
nothing is said, since the line that is being typed would be torn.
"""

from collections.abc import Callable, Iterable

import click
from click.shell_completion import CompletionItem
from flask.cli import ScriptInfo
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from webapp.access import tokens
from webapp.coverage.rules_exchanges import CALENDARS
from webapp.database.transactions import reading
from webapp.jobs import queries_batches, queries_jobs
from webapp.jobs.queries_jobs import JobFilter
from webapp.series import queries_series
from webapp.sources.choices import can_be_asked, labels

_MOST = 200
"""More than a person reads; a shell shows a list of all."""
_LARGEST = 2**63 - 1
Proposals = Iterable[tuple[str, str | None]]


class Number(click.IntRange):
    """The number of something that is stored: when there is none of it, the command ends with NOT_FOUND."""

    may_be_missing = True

    def __init__(self, propose: Callable[[Connection], Proposals], largest: int = _LARGEST) -> None:
        super().__init__(1, largest)
        self._propose = propose

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Propose the newest ones that begin with what is typed; those that are named already are left out."""
        named = {str(number) for number in _as_tuple(ctx.params.get(param.name or ""))}
        return [
            CompletionItem(number, help=words)
            for number, words in _read(ctx, self._propose)
            if number.startswith(incomplete) and number not in named
        ]


def _as_tuple(value: object) -> tuple[object, ...]:
    return value if isinstance(value, tuple) else (value,)


def job_number() -> Number:
    """Return the type of a job's number; the newest jobs are proposed."""

    def propose(connection: Connection) -> Proposals:
        rows = queries_jobs.page(connection, JobFilter(), limit=_MOST)
        return [(str(row.id), f"{row.symbol} {row.interval.value} {row.source} {row.state.value}") for row in rows]

    return Number(propose)


def batch_number() -> Number:
    """Return the type of a batch's number; the newest batches are proposed."""

    def propose(connection: Connection) -> Proposals:
        rows = queries_batches.page(connection, limit=_MOST)
        return [(str(row.batch.id), f"{row.batch.created_at:%Y-%m-%d %H:%M} {row.batch.origin}") for row in rows]

    return Number(propose)


def token_number() -> Number:
    """Return the type of a token's number; those that are good are proposed."""

    def propose(_connection: Connection) -> Proposals:
        return [(str(row.id), row.name) for row in tokens.every() if row.revoked_at is None]

    return Number(propose, 2**31 - 1)


class Symbol(click.ParamType[str]):
    """A symbol, completed with those that are stored.

    :param may_be_missing: whether the command is about what is stored, and ends with NOT_FOUND when it is not.
    """

    name = "text"

    def __init__(self, *, may_be_missing: bool = True) -> None:
        self.may_be_missing = may_be_missing

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:  # noqa: ARG002 -- click's signature
        """Take the text as it is."""
        return str(value)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG002 -- click's signature
        """Propose the symbols with bars that begin with what is typed, those of ``--source`` where it is said."""
        source = ctx.params.get("source")
        at = source if source in labels() else None
        rows = _read(ctx, lambda connection: queries_series.symbols_like(connection, incomplete, at, _MOST))
        return [CompletionItem(symbol, help=name) for symbol, name in rows]


class Word(click.ParamType[str]):
    """One of the words that the program knows; another is refused, with a sentence, by what reads it."""

    name = "text"

    def __init__(self, words: Callable[[], Proposals]) -> None:
        self._words = words

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:  # noqa: ARG002 -- click's signature
        """Take the text as it is."""
        return str(value)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG002 -- click's signature
        """Propose the words that begin with what is typed."""
        return [CompletionItem(word, help=words) for word, words in self._words() if word.startswith(incomplete)]


SOURCE = Word(lambda: labels().items())
COLLECTED_SOURCE = Word(lambda: [(name, label) for name, label in labels().items() if can_be_asked(name)])
CALENDAR = Word(CALENDARS.items)


def _read(ctx: click.Context, propose: Callable[[Connection], Proposals]) -> Proposals:
    """Return what is proposed of what is stored; nothing where the database cannot be read."""
    script = ctx.find_object(ScriptInfo)
    if script is None:
        return ()
    with script.load_app().app_context():
        try:
            with reading() as connection:
                return propose(connection)
        except SQLAlchemyError:
            return ()
