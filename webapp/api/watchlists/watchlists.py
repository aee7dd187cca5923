"""Watchlists: ``@name`` stands for one wherever symbols are given."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from webapp.api.endpoints import Accepts, Answers, Endpoints
from webapp.api.watchlists.list_schemas import List, ListBody, ListChange, Lists
from webapp.context import context
from webapp.errors import InvalidRequestError, sentence
from webapp.kernel.collect_fields import COLLECT_FIELDS
from webapp.sources.option_values import parse_options
from webapp.watchlists import lists as store
from webapp.watchlists import rules_entries
from webapp.watchlists.list_records import ListRecord, list_record, summary_record
from webapp.watchlists.naming import name_entries, require_certain
from webapp.watchlists.rules_list_names import tidy_name
from webapp.watchlists.rules_written_lists import WrittenEntry, read_text
from webapp.watchlists.watchlist import Entry, Watchlist

endpoints = Endpoints("lists", __name__, "Watchlists; @name stands for one wherever symbols are given.")
_LIST = "/lists/<string:name>"
_USUAL_SOURCE = COLLECT_FIELDS["source"].default


@endpoints.get("/lists", Answers(Lists))
def index() -> dict[str, object]:
    """List all lists, by name, without their entries."""
    return {"lists": [summary_record(summary) for summary in store.every()]}


@endpoints.post("/lists", Answers(List, 201, (409,)), Accepts(body=ListBody))
def create(body: dict[str, Any]) -> ListRecord:
    """Make a list; 409 when there is one of its name, 422 with a sentence for each text that is in doubt."""
    if "text" in body and "entries" in body:
        raise InvalidRequestError({"text": sentence("Give either a text or entries, not both.")})
    if "text" in body:
        source = body.get("source") or _USUAL_SOURCE
        entries = require_certain(name_entries(read_text(body["text"]), source, answers=body.get("means")))
    else:
        entries = _name(body.get("entries", ()), body, "entries")
    title, note = body.get("title", ""), body.get("note", "")
    return list_record(store.create(context(), body["name"], entries, title=title, note=note))


@endpoints.get(_LIST, Answers(List))
def show(name: str) -> ListRecord:
    """Show a list with its entries."""
    return list_record(store.find(name))


@endpoints.patch(_LIST, Answers(List, 200, (409,)), Accepts(body=ListChange))
def change(body: dict[str, Any], name: str) -> ListRecord:
    """Change a list; 409 when somebody was faster than the ``revision`` given, or has a list of the new name."""
    replaced = _name(body["entries"], body, "entries") if "entries" in body else None
    new = _name(body.get("add", ()), body, "add")
    gone = {(each["source"], each["symbol"]) for each in body.get("remove", ())}

    def make(old: Watchlist) -> Watchlist:
        entries = old.entries if replaced is None else _reuse(old.entries, replaced)
        rest = rules_entries.remove(entries, {each.id for each in entries if each.instrument in gone})
        return dataclasses.replace(
            old,
            name=tidy_name(body["name"]) if "name" in body else old.name,
            title=body.get("title", old.title).strip(),
            note=body.get("note", old.note).strip(),
            entries=rules_entries.add(rest, new),
        )

    return list_record(store.change(context(), name, make, body.get("revision")))


@endpoints.delete(_LIST, Answers(List))
def delete(name: str) -> ListRecord:
    """Delete a list, and show it as it was; what was collected for it stays."""
    return list_record(store.delete(context(), name))


def _name(bodies: Sequence[Mapping[str, Any]], body: Mapping[str, Any], field: str) -> tuple[Entry, ...]:
    """Return the entries that bodies describe.

    :raises InvalidRequestError: with the field that they stand in, and one for each text that is in doubt.
    """
    written = [
        WrittenEntry(
            each["symbol"],
            source=each["source"],
            section=each.get("section", ""),
            note=each.get("note", ""),
            options=parse_options(each["source"], each.get("options")),
        )
        for each in bodies
    ]
    return require_certain(name_entries(written, _USUAL_SOURCE, answers=body.get("means")), field)


def _reuse(before: Sequence[Entry], after: Sequence[Entry]) -> tuple[Entry, ...]:
    """Return new entries; those of instruments that are there stay the same entries."""
    ids = {entry.instrument: entry.id for entry in before}
    return tuple(dataclasses.replace(entry, id=ids.get(entry.instrument, 0)) for entry in after)
