"""From what was written to entries: each text is named as its source names it, and what is in doubt is asked.

An exchange's code before a symbol (``NASDAQ:AAPL``) is looked up at the source; where it proves one symbol, that is the
entry, and otherwise a person chooses. Nothing is guessed. Of another list (``@name``), the entries are copied.
"""

import dataclasses
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from webapp.errors import InvalidRequestError, Sentence, sentence
from webapp.kernel.intervals import Interval
from webapp.kernel.requests import CollectRequest
from webapp.sources.choices import grammar_of, label, labels, split_symbols, translate_quote
from webapp.sources.option_fields import STORED_OPTIONS
from webapp.sources.option_values import option_texts
from webapp.sources.registry import offer
from webapp.watchlists.expansion import entries_of
from webapp.watchlists.rules_list_names import stands_for_list
from webapp.watchlists.rules_written_lists import WrittenEntry
from webapp.watchlists.watchlist import LONGEST_ENTRY_NOTE, LONGEST_SECTION, Entry

_MOST_SHOWN = 10
_SPACED_CLASS = re.compile(r"(\w+:[A-Za-z]{1,6}) ([A-Za-z])")
LEAVE_OUT = "-"
"""The answer to a doubt that leaves the entry out."""
Answers = Mapping[str, str]
"""What a person answered: the symbol that is meant, or ``LEAVE_OUT``, by the text as it was written."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """A text that is not an entry yet: the symbols that it may mean, and why it is asked about."""

    text: str
    source: str
    candidates: tuple[str, ...]
    why: Sentence


@dataclass(frozen=True, slots=True)
class NamedList:
    """What a text came to. ``renamed`` are the texts that mean a symbol written otherwise, with that symbol."""

    entries: tuple[Entry, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()
    left_out: int = 0
    repeated: int = 0


class DoubtfulListError(InvalidRequestError):
    """A list has entries of which nobody has said yet what they mean."""

    def __init__(self, doubts: tuple[Doubt, ...], field: str = "text") -> None:
        message = sentence(
            "It is not certain what %(texts)s means. Say it, or leave it out.",
            texts=", ".join(doubt.text[:40] for doubt in doubts[:_MOST_SHOWN])
            + (" …" if len(doubts) > _MOST_SHOWN else ""),
        )
        super().__init__({field: message, **{doubt.text[:80]: doubt.why for doubt in doubts}})
        self.doubts = doubts


def name_symbol(source: str, text: str, options: Mapping[str, object] | None = None) -> Entry:
    """Return the entry of a symbol as its source names it.

    :raises InvalidRequestError: with what is wrong with the symbol, an option, or the field ``source``.
    """
    serving = offer(source)
    texts = option_texts(source, options or {})
    request = CollectRequest(source, (text,), Interval.D1, period="max", options=texts)
    named = serving.normalized(request)
    usual = serving.normalized(dataclasses.replace(named, options={})).options
    own = {name: value for name, value in named.options.items() if name in STORED_OPTIONS and name in texts}
    return Entry(source, named.symbols[0], {name: value for name, value in own.items() if value != usual.get(name)})


def name_entries(
    written: Iterable[WrittenEntry],
    source: str,
    options: Mapping[str, object] | None = None,
    answers: Answers | None = None,
) -> NamedList:
    """Return the entries that texts mean.

    :param source: whose symbols they are, where a text does not say it itself.
    :param options: the source's, that its texts are read with.
    :raises InvalidRequestError: with the field ``source`` when there is none of this name.
    """
    naming = _Naming(source, options or {}, answers or {})
    for each in _split(written, source):
        naming.read(each)
    return naming.outcome()


def require_certain(named: NamedList, field: str = "text") -> tuple[Entry, ...]:
    """Return the entries of a list without doubts.

    :raises DoubtfulListError: when it has some; with the field that the texts stood in, and one for each text.
    """
    if named.doubts:
        raise DoubtfulListError(named.doubts, field)
    return named.entries


def _split(written: Iterable[WrittenEntry], source: str) -> Iterable[WrittenEntry]:
    """Part texts at spaces, as the grammar of the source does; a cell of a table that says more is one symbol."""
    pieces = list(written)
    for each in pieces:
        if each.source or each.exchange:
            yield each
            continue
        if grammar_of(source).is_class_spaced and (match := _SPACED_CLASS.fullmatch(each.text.strip())):
            yield dataclasses.replace(each, text=f"{match[1]}.{match[2]}")
            continue
        words = each.text.split() if ":" in each.text else [each.text]
        for word in words:
            for symbol in [word] if ":" in word else split_symbols(source, word if len(pieces) == 1 else [word]):
                yield dataclasses.replace(each, text=symbol)


class _Naming:
    """Names one text after the other."""

    def __init__(self, source: str, options: Mapping[str, object], answers: Answers) -> None:
        offer(source)
        self._source, self._options, self._answers = source, options, answers
        self._by_label = {label.casefold(): name for name, label in labels().items()}
        self._entries: dict[tuple[str, str], Entry] = {}
        self._doubts: dict[str, Doubt] = {}
        self._renamed: dict[str, str] = {}
        self._left_out = self._repeated = 0

    def read(self, written: WrittenEntry) -> None:
        """Read a text."""
        text = f"{written.exchange}:{written.text}" if written.exchange and ":" not in written.text else written.text
        word = written.source.strip()
        source = self._by_label.get(word.casefold(), word) or self._source
        if stands_for_list(text):
            self._copy(text)
            return
        answer = self._answers.get(text, "").strip()
        if answer == LEAVE_OUT:
            self._left_out += 1
            return
        try:
            symbol = grammar_of(source).normalize(self._translate(answer or text, source))
            usual = self._options if source == self._source else {}
            entry = name_symbol(source, symbol, {**usual, **written.options})
        except _DoubtError as err:
            self._doubts.setdefault(text, err.doubt)
        except InvalidRequestError as err:
            self._doubts.setdefault(text, Doubt(text, source, (), err.message))
        else:
            self._keep(text, entry, written)

    def outcome(self) -> NamedList:
        """Return what it came to."""
        doubts, renamed = tuple(self._doubts.values()), tuple(self._renamed.items())
        return NamedList(tuple(self._entries.values()), doubts, renamed, self._left_out, self._repeated)

    def _copy(self, text: str) -> None:
        """Keep the entries of another list, as they stand there now."""
        try:
            entries = entries_of(text, "text") or ()
        except InvalidRequestError as err:
            self._doubts.setdefault(text, Doubt(text, self._source, (), err.message))
            return
        for entry in entries:
            self._entries.setdefault(entry.instrument, dataclasses.replace(entry, id=0))

    def _keep(self, text: str, entry: Entry, written: WrittenEntry) -> None:
        if entry.instrument in self._entries:
            self._repeated += 1
            return
        section, note = (" ".join(each.split()) for each in (written.section, written.note))
        self._entries[entry.instrument] = dataclasses.replace(
            entry, section=section[:LONGEST_SECTION], note=note[:LONGEST_ENTRY_NOTE]
        )
        if entry.symbol != text:
            self._renamed[text] = entry.symbol

    def _translate(self, text: str, source: str) -> str:
        """Return a text without an exchange's code.

        :raises _DoubtError: when the code does not prove a symbol.
        """
        exchange, colon, symbol = text.rpartition(":")
        if not colon or not grammar_of(source).is_prefix_dropped:
            return text
        names = translate_quote(source, exchange.strip(), symbol.strip())
        if names.is_certain:
            return names.symbols[0]
        raise _DoubtError(Doubt(text, source, names.symbols, _explain(exchange, source, names.symbols)))


class _DoubtError(Exception):
    """A text of which a person must say what it means."""

    def __init__(self, doubt: Doubt) -> None:
        super().__init__(doubt.text)
        self.doubt = doubt


def _explain(exchange: str, source: str, candidates: tuple[str, ...]) -> Sentence:
    if not candidates:
        return sentence(
            "It is not known how %(source)s writes what is traded at “%(exchange)s”. Type its symbol there.",
            source=label(source),
            exchange=exchange[:20],
        )
    if len(candidates) == 1:
        return sentence(
            "At %(source)s this may be %(symbol)s, whose prices can differ from those at “%(exchange)s”.",
            source=label(source),
            symbol=candidates[0],
            exchange=exchange[:20],
        )
    return sentence(
        "“%(exchange)s” may be several exchanges of %(source)s. Choose one: %(symbols)s.",
        exchange=exchange[:20],
        source=label(source),
        symbols=", ".join(candidates),
    )
