"""``lists``: watchlists, which stand as ``@name`` wherever symbols are typed."""

import dataclasses
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup
from flask_babel import gettext, ngettext

from webapp.cli.options import json_option, own_options, source_option
from webapp.cli.speaking import SpokenCommand, complain, table
from webapp.context import context
from webapp.errors import InvalidRequestError, NotFoundError, sentence
from webapp.sources.choices import label
from webapp.watchlists import lists as store
from webapp.watchlists import rules_entries
from webapp.watchlists.list_records import list_record, summary_record
from webapp.watchlists.naming import LEAVE_OUT, NamedList, name_entries, require_certain
from webapp.watchlists.rules_list_names import key_of
from webapp.watchlists.rules_written_lists import WrittenEntry, decode, read_text
from webapp.watchlists.watchlist import Watchlist
from webapp.watchlists.written_files import FORMATS, write_file


@click.group("lists", cls=AppGroup)
def lists() -> None:
    """Keep lists of symbols; @NAME stands for one wherever symbols are typed."""


@lists.command("list", cls=SpokenCommand, with_appcontext=False)
@json_option
def list_(*, as_json: bool) -> None:
    """List all lists, by name."""
    summaries = store.every()
    if as_json:
        click.echo(json.dumps([summary_record(summary) for summary in summaries], indent=2))
    elif summaries:
        heads = (gettext("name"), gettext("entries"), gettext("sources"), gettext("title"))
        rows = [(s.name, s.total, ", ".join(label(name) for name in s.counts), s.title) for s in summaries]
        click.echo(table(heads, rows))
    else:
        click.echo(gettext("There are no lists yet."))


@lists.command("show", cls=SpokenCommand, with_appcontext=False)
@click.argument("name")
@json_option
def show(name: str, *, as_json: bool) -> None:
    """Show the entries of the list NAME."""
    watchlist = store.find(name)
    if as_json:
        click.echo(json.dumps(list_record(watchlist), indent=2))
        return
    heads = (gettext("symbol"), gettext("source"), gettext("section"), gettext("options"), gettext("note"))
    rows = [
        (entry.symbol, entry.source, entry.section, _options_text(entry.options), entry.note)
        for entry in watchlist.entries
    ]
    click.echo(table(heads, rows) if rows else gettext("This list is empty."))


def _entry_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add what is said of entries that are typed."""
    for add in (
        click.option(
            "--means", multiple=True, help="What a doubtful text means: EURONEXT:MC=MC.PA, or TEXT=- for none."
        ),
        click.option("--section", default="", help="The heading that they stand under."),
        own_options,
        source_option,
    ):
        command = add(command)
    return command


@lists.command("create", cls=SpokenCommand, with_appcontext=False)
@click.argument("name")
@click.argument("symbols", nargs=-1)
@_entry_options
@click.option("--title", default="", help="What the list is called on pages.")
@click.option("--note", default="", help="What it is for.")
@json_option
def create(  # noqa: PLR0913 -- click hands over each option by its name
    name: str,
    symbols: tuple[str, ...],
    *,
    source: str,
    options: dict[str, str],
    section: str,
    means: tuple[str, ...],
    title: str,
    note: str,
    as_json: bool,
) -> None:
    """Make the list NAME, of SYMBOLS."""
    named = _name_typed(symbols, source, options, section, means)
    watchlist = store.create(context(), name, require_certain(named), title=title, note=note)
    _tell(watchlist, named, as_json=as_json)


@lists.command("add", cls=SpokenCommand, with_appcontext=False)
@click.argument("name")
@click.argument("symbols", nargs=-1, required=True)
@_entry_options
@click.option("--note", default="", help="A note beside each of them.")
@json_option
def add(  # noqa: PLR0913 -- click hands over each option by its name
    name: str,
    symbols: tuple[str, ...],
    *,
    source: str,
    options: dict[str, str],
    section: str,
    means: tuple[str, ...],
    note: str,
    as_json: bool,
) -> None:
    """Add SYMBOLS to the list NAME; what is there already stays as it is."""
    named = _name_typed(symbols, source, options, section, means)
    entries = [dataclasses.replace(entry, note=note) for entry in require_certain(named)]
    _tell(store.add(context(), name, entries), named, as_json=as_json)


@lists.command("remove", cls=SpokenCommand, with_appcontext=False)
@click.argument("name")
@click.argument("symbols", nargs=-1, required=True)
@click.option("--source", help="Only the entries of this source.")
@json_option
def remove(name: str, symbols: tuple[str, ...], *, source: str | None, as_json: bool) -> None:
    """Take SYMBOLS out of the list NAME; what was collected stays."""

    def make(old: Watchlist) -> Watchlist:
        words = {word.casefold() for word in symbols}
        ids = {entry.id for entry in old.entries if entry.symbol.casefold() in words and source in (None, entry.source)}
        missing = words - {entry.symbol.casefold() for entry in old.entries if entry.id in ids}
        if missing:
            absent = ", ".join(word for word in symbols if word.casefold() in missing)
            raise NotFoundError(sentence("The list “%(name)s” has no %(symbols)s.", name=old.name, symbols=absent))
        return dataclasses.replace(old, entries=rules_entries.remove(old.entries, ids))

    _tell(store.change(context(), name, make), NamedList(), as_json=as_json)


@lists.command("rename", cls=SpokenCommand, with_appcontext=False)
@click.argument("name")
@click.argument("new_name")
@json_option
def rename(name: str, new_name: str, *, as_json: bool) -> None:
    """Give the list NAME the name NEW_NAME; @NAME stands for nothing then."""
    _tell(store.rename(context(), name, new_name), NamedList(), as_json=as_json)


@lists.command("import", cls=SpokenCommand, with_appcontext=False)
@click.argument("name")
@click.argument("file", type=click.File("rb"))
@_entry_options
@json_option
def import_(  # noqa: PLR0913 -- click hands over each option by its name
    name: str,
    file: click.File,
    *,
    source: str,
    options: dict[str, str],
    section: str,
    means: tuple[str, ...],
    as_json: bool,
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
    _tell(watchlist, named, as_json=as_json)


@lists.command("export", cls=SpokenCommand, with_appcontext=False)
@click.argument("name")
@click.option(
    "--format", "fmt", type=click.Choice(FORMATS), default=FORMATS[0], show_default=True, help="Table or text."
)
@click.option("--source", default="", help="Only the entries of this source.")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="A file; standard output without.")
def export(name: str, fmt: str, source: str, output: Path | None) -> None:
    """Write the list NAME as a file that can be imported again."""
    text = write_file(store.find(name), fmt, source)
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        output.write_text(text, encoding="utf-8", newline="")
    except OSError as err:
        raise click.FileError(str(output), err.strerror) from err


@lists.command("delete", cls=SpokenCommand, with_appcontext=False)
@click.argument("name")
@json_option
def delete(name: str, *, as_json: bool) -> None:
    """Delete the list NAME; what was collected for it stays."""
    watchlist = store.delete(context(), name)
    if as_json:
        click.echo(json.dumps(list_record(watchlist), indent=2))
    else:
        click.echo(gettext("The list %(name)s is deleted.", name=watchlist.name))


def _name_typed(
    symbols: tuple[str, ...], source: str, options: dict[str, str], section: str, means: tuple[str, ...]
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


def _tell(watchlist: Watchlist, named: NamedList, *, as_json: bool) -> None:
    for text, symbol in named.renamed:
        if ":" in text:
            complain(f"{text} → {symbol}")
    if as_json:
        click.echo(json.dumps(list_record(watchlist), indent=2))
        return
    count = len(watchlist.entries)
    click.echo(
        ngettext("@%(name)s: %(count)d entry", "@%(name)s: %(count)d entries", count, name=watchlist.name, count=count)
    )


def _options_text(options: Mapping[str, str]) -> str:
    return " ".join(f"{name}={value}" for name, value in options.items())
