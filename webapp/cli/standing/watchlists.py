"""``lists``: watchlists, which stand as ``@name`` wherever symbols are typed."""

import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup
from flask_babel import gettext, ngettext

from webapp.cli.completion import SOURCE, ListName
from webapp.cli.options import option_of, own_options
from webapp.cli.outputs import STANDARD, write_standard_output
from webapp.cli.outputs import write_file as write_output
from webapp.cli.speaking import SpokenCommand, answer, confirm, remark, table, wants_json
from webapp.context import context
from webapp.errors import InvalidRequestError, NotFoundError, sentence
from webapp.kernel.collect_fields import COLLECT_FIELDS
from webapp.sources.choices import label
from webapp.watchlists import lists as store
from webapp.watchlists import rules_entries
from webapp.watchlists.list_records import list_record, summary_record
from webapp.watchlists.naming import LEAVE_OUT, NamedList, name_entries, require_certain
from webapp.watchlists.rules_list_names import key_of
from webapp.watchlists.rules_written_lists import WrittenEntry, decode, read_text
from webapp.watchlists.watchlist import Watchlist, WatchlistSummary
from webapp.watchlists.written_files import FORMATS, write_file


@click.group("lists", cls=AppGroup)
def lists() -> None:
    """Keep lists of symbols; @NAME stands for one wherever symbols are typed."""


@lists.command("list", cls=SpokenCommand, with_appcontext=False)
def list_() -> None:
    """List all lists, by name."""
    summaries = store.every()
    answer([summary_record(summary) for summary in summaries], lambda: _summaries_text(summaries))


def _summaries_text(summaries: list[WatchlistSummary]) -> str:
    if not summaries:
        return str(gettext("There are no lists yet."))
    heads = (gettext("name"), gettext("entries"), gettext("sources"), gettext("title"))
    return table(heads, [(s.name, s.total, ", ".join(label(name) for name in s.counts), s.title) for s in summaries])


@lists.command("show", cls=SpokenCommand, with_appcontext=False)
@click.argument("name", type=ListName())
def show(name: str) -> None:
    """Show the entries of the list NAME."""
    watchlist = store.find(name)
    answer(list_record(watchlist), lambda: _entries_text(watchlist))


def _entries_text(watchlist: Watchlist) -> str:
    if not watchlist.entries:
        return str(gettext("This list is empty."))
    heads = (gettext("symbol"), gettext("source"), gettext("section"), gettext("options"), gettext("note"))
    cells = [
        (entry.symbol, entry.source, entry.section, _options_text(entry.options), entry.note)
        for entry in watchlist.entries
    ]
    return table(heads, cells)


def _entry_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add what is said of entries that are typed."""
    for add in (
        click.option(
            "--means", multiple=True, help="What a doubtful text means: EURONEXT:MC=MC.PA, or TEXT=- for none."
        ),
        click.option("--section", default="", help="The heading that they stand under."),
        own_options,
        option_of(COLLECT_FIELDS["source"], type=SOURCE),
    ):
        command = add(command)
    return command


@lists.command("create", cls=SpokenCommand, with_appcontext=False)
@click.argument("name")
@click.argument("symbols", nargs=-1)
@_entry_options
@click.option("--title", default="", help="What the list is called on pages.")
@click.option("--note", default="", help="What it is for.")
def create(  # noqa: PLR0913 -- click hands over each option by its name
    name: str,
    symbols: tuple[str, ...],
    *,
    source: str,
    options: dict[str, object],
    section: str,
    means: tuple[str, ...],
    title: str,
    note: str,
) -> None:
    """Make the list NAME, of SYMBOLS."""
    named = _name_typed(symbols, source, options, section, means)
    watchlist = store.create(context(), name, require_certain(named), title=title, note=note)
    _tell(watchlist, named)


@lists.command("add", cls=SpokenCommand, with_appcontext=False)
@click.argument("name", type=ListName())
@click.argument("symbols", nargs=-1, required=True)
@_entry_options
@click.option("--note", default="", help="A note beside each of them.")
def add(  # noqa: PLR0913 -- click hands over each option by its name
    name: str,
    symbols: tuple[str, ...],
    *,
    source: str,
    options: dict[str, object],
    section: str,
    means: tuple[str, ...],
    note: str,
) -> None:
    """Add SYMBOLS to the list NAME; what is there already stays as it is."""
    named = _name_typed(symbols, source, options, section, means)
    entries = [dataclasses.replace(entry, note=note) for entry in require_certain(named)]
    _tell(store.add(context(), name, entries), named)


@lists.command("remove", cls=SpokenCommand, with_appcontext=False)
@click.argument("name", type=ListName())
@click.argument("symbols", nargs=-1, required=True)
@click.option("--source", type=SOURCE, help="Only the entries of this source.")
def remove(name: str, symbols: tuple[str, ...], *, source: str | None) -> None:
    """Take SYMBOLS out of the list NAME; what was collected stays."""

    def make(old: Watchlist) -> Watchlist:
        words = {word.casefold() for word in symbols}
        ids = {entry.id for entry in old.entries if entry.symbol.casefold() in words and source in (None, entry.source)}
        missing = words - {entry.symbol.casefold() for entry in old.entries if entry.id in ids}
        if missing:
            absent = ", ".join(word for word in symbols if word.casefold() in missing)
            raise NotFoundError(sentence("The list “%(name)s” has no %(symbols)s.", name=old.name, symbols=absent))
        return dataclasses.replace(old, entries=rules_entries.remove(old.entries, ids))

    _tell(store.change(context(), name, make), NamedList())


@lists.command("rename", cls=SpokenCommand, with_appcontext=False)
@click.argument("name", type=ListName())
@click.argument("new_name")
def rename(name: str, new_name: str) -> None:
    """Give the list NAME the name NEW_NAME; @NAME stands for nothing then."""
    _tell(store.rename(context(), name, new_name), NamedList())


@lists.command("import", cls=SpokenCommand, with_appcontext=False)
@click.argument("name")
@click.argument("file", type=click.File("rb"))
@_entry_options
def import_(
    name: str,
    file: click.File,
    *,
    source: str,
    options: dict[str, object],
    section: str,
    means: tuple[str, ...],
) -> None:
    """Read FILE (symbols, a list of TradingView, or a table; - for standard input) into the list NAME.

    It is made if there is none; what is there already stays as it is.
    """
    content: bytes = file.read()  # type: ignore[attr-defined]  # click hands over an open file
    written = [dataclasses.replace(each, section=each.section or section) for each in read_text(decode(content))]
    named = name_entries(written, source, options, _parse_answers(means))
    entries = require_certain(named)
    is_there = key_of(name) in {key_of(summary.name) for summary in store.every()}
    watchlist = store.add(context(), name, entries) if is_there else store.create(context(), name, entries)
    _tell(watchlist, named)


@lists.command("export", cls=SpokenCommand, with_appcontext=False)
@click.argument("name", type=ListName())
@click.option(
    "--format", "fmt", type=click.Choice(FORMATS), default=FORMATS[0], show_default=True, help="Table or text."
)
@click.option("--source", default="", type=SOURCE, help="Only the entries of this source.")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
    help="A file; standard output with - or without.",
)
def export(name: str, fmt: str, source: str, output: Path | None) -> None:
    """Write the list NAME as a file that can be imported again."""
    watchlist = store.find(name)
    if wants_json() and output in (None, STANDARD):
        answer(list_record(watchlist), "")
        return
    text = write_file(watchlist, fmt, source)
    if output is None or output == STANDARD:
        write_standard_output([text.encode()])
    else:
        write_output([text.encode()], output)


@lists.command("delete", cls=SpokenCommand, with_appcontext=False)
@click.argument("name", type=ListName())
def delete(name: str) -> None:
    """Delete the list NAME; what was collected for it stays."""
    watchlist = store.delete(context(), name)
    confirm(list_record(watchlist), gettext("The list %(name)s is deleted.", name=watchlist.name))


def _name_typed(
    symbols: tuple[str, ...], source: str, options: dict[str, object], section: str, means: tuple[str, ...]
) -> NamedList:
    written = [WrittenEntry(symbol, section=section) for symbol in symbols]
    return name_entries(written, source, options, _parse_answers(means))


def _parse_answers(means: tuple[str, ...]) -> dict[str, str]:
    """Return what ``TEXT=SYMBOL`` says.

    :raises InvalidRequestError: with the field ``means`` for anything else.
    """
    answers = {}
    for each in means:
        text, sign, symbol = each.partition("=")
        if not sign or not text.strip():
            raise InvalidRequestError({"means": sentence("Write it like EURONEXT:MC=MC.PA.")})
        answers[text.strip()] = symbol.strip() or LEAVE_OUT
    return answers


def _tell(watchlist: Watchlist, named: NamedList) -> None:
    for text, symbol in named.renamed:
        if ":" in text:
            remark(f"{text} → {symbol}")
    count = len(watchlist.entries)
    confirm(
        list_record(watchlist),
        ngettext("@%(name)s: %(count)d entry", "@%(name)s: %(count)d entries", count, name=watchlist.name, count=count),
    )


def _options_text(options: Mapping[str, str]) -> str:
    return " ".join(f"{name}={value}" for name, value in options.items())
