"""A list as its page shows it."""

from dataclasses import dataclass
from itertools import groupby

from webapp.sources import choices
from webapp.sources.option_fields import STORED_OPTIONS
from webapp.watchlists.naming import NamedList
from webapp.watchlists.watchlist import Entry, Watchlist
from webapp.web.watchlists.forms import ListForm, answers


@dataclass(frozen=True, slots=True)
class EntryLine:
    """A line of the table. ``options`` are those that the entry's series has besides, in words of a program."""

    entry: Entry
    source: str
    options: str
    is_picked: bool


@dataclass(frozen=True, slots=True)
class SectionView:
    """Lines under one heading; the empty one is none."""

    heading: str
    lines: list[EntryLine]


@dataclass(frozen=True, slots=True)
class SourceCount:
    """How many entries are of a source, and whether these can be collected."""

    name: str
    label: str
    count: int
    can_be_asked: bool


@dataclass(frozen=True, slots=True)
class ListView:
    """A list with its entries under their headings, in their order."""

    watchlist: Watchlist
    sections: list[SectionView]
    sources: list[SourceCount]
    headings: list[str]


def view(watchlist: Watchlist, picked: frozenset[int] = frozenset()) -> ListView:
    """Return a list as its page shows it, with some lines picked."""
    sections = [
        SectionView(heading, [_line(entry, picked) for entry in entries])
        for heading, entries in groupby(watchlist.entries, lambda entry: entry.section)
    ]
    headings = dict.fromkeys(section.heading for section in sections if section.heading)
    return ListView(watchlist, sections, count_sources(watchlist.counts), list(headings))


def count_sources(counts: dict[str, int]) -> list[SourceCount]:
    """Return how many entries are of each source."""
    return [SourceCount(name, choices.label(name), count, choices.can_be_asked(name)) for name, count in counts.items()]


def form_values(form: ListForm, named: NamedList) -> dict[str, object]:
    """Return what the fields of a list's text need: which sources there are, and what is special of the chosen one.

    ``answered`` are the answers to doubts so far, but for those of texts that are still in doubt.
    """
    source = form.source.data or ""
    doubtful = {doubt.text for doubt in named.doubts}
    answered = {text: answer for text, answer in answers().items() if text not in doubtful}
    return {
        "source_names": choices.labels(),
        "grammar": choices.grammar_of(source),
        "has_search": choices.can_be_asked(source) and choices.has_search(source),
        "option_names": sorted(STORED_OPTIONS),
        "answered": answered,
    }


def _line(entry: Entry, picked: frozenset[int]) -> EntryLine:
    options = " ".join(f"{name}={value}" for name, value in entry.options.items())
    return EntryLine(entry, choices.label(entry.source), options, entry.id in picked)
