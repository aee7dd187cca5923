"""What a worker sees in an uploaded file, asked by the page and shown when it answers; the page opens no file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from webapp.context import context
from webapp.errors import ConflictError, NotFoundError, Sentence, sentence
from webapp.importing.looks import look_of
from webapp.importing.preview import Alternative, Preview
from webapp.importing.reading import Ask, ask_of, ask_text
from webapp.importing.series import Choice
from webapp.inquiring import inquiries
from webapp.inquiring.inquiries import Inquiry, Kind
from webapp.sources.own.rules_imported import TICKER, BadLines
from webapp.web.formats import decimals_of
from webapp.web.imports.forms import DECIMALS, ORDER_NAMES


@dataclass(frozen=True, slots=True)
class Way:
    """One way to read a file: in words what is still to be said, and its first bars."""

    words: Sequence[Sentence]
    reading: Alternative


@dataclass(frozen=True, slots=True)
class LookView:
    """What the page shows of a question to a worker: nothing yet, a preview, or what is still to be said.

    ``stops`` tells that the preview's faults stop an import, ``decimals`` how many its prices have.
    """

    inquiry: Inquiry | None
    preview: Preview | None = None
    missing: Sequence[Sentence] = ()
    ways: Sequence[Way] = ()
    series: Sequence[Choice] = ()
    choosing: str = ""
    """The place of the column whose symbols can be chosen; empty without one."""
    stops: bool = False
    decimals: int = 0

    @property
    def is_open(self) -> bool:
        """Whether to look again in a moment."""
        return self.inquiry is not None and self.inquiry.is_open

    @property
    def is_late(self) -> bool:
        """Whether nobody has answered for so long that looking on is of no use."""
        return self.inquiry is not None and self.inquiry.is_late


def ask_worker(token: str, ask: Ask | None) -> Inquiry:
    """Ask a worker what a file is, or what it becomes when it is read so.

    :raises ConflictError: when too much was asked in the last minute.
    """
    question = {"token": token, "ask": ask_text(ask) if ask else ""}
    return inquiries.read(context(), inquiries.ask(context(), Kind.LOOK, question), Kind.LOOK)


def find_look(token: str, inquiry_id: int) -> Inquiry:
    """Return a question about a file.

    :raises NotFoundError: when there is none of this id about it.
    """
    inquiry = inquiries.read(context(), inquiry_id, Kind.LOOK)
    if inquiry.asked["token"] != token:
        raise NotFoundError(sentence("This question is no longer there. Ask it again."))
    return inquiry


def view_ask(token: str, ask: Ask) -> LookView:
    """Ask a worker what a file becomes, and return what the page shows until it answers."""
    try:
        return view_look(ask_worker(token, ask))
    except ConflictError as err:
        return LookView(None, missing=[err.message])


def view_look(inquiry: Inquiry) -> LookView:
    """Return what the page shows of a question."""
    if inquiry.message:
        return LookView(inquiry, missing=[problem for problem in (inquiry.message, inquiry.hint) if problem])
    if not inquiry.answer:
        return LookView(inquiry)
    look, ask = look_of(inquiry.answer), ask_of(inquiry.asked["ask"])
    shown = look.preview
    choosing = str(ask.columns.get(TICKER, ""))
    if shown is None:
        ways = [_way(reading, ask) for reading in look.ways]
        return LookView(inquiry, missing=look.missing, ways=ways, series=look.series, choosing=choosing)
    return LookView(
        inquiry,
        series=look.series,
        preview=shown,
        choosing=choosing,
        stops=shown.bad > 0 and ask.bad is BadLines.STOP,
        decimals=decimals_of(price for bar in shown.bars for price in bar[1:5]),
    )


def _way(reading: Alternative, ask: Ask) -> Way:
    words = [
        *(() if ask.order else (ORDER_NAMES[reading.order],)),
        *(() if ask.decimal else (DECIMALS[reading.decimal],)),
    ]
    return Way(words, reading)


def asked_of(inquiry: Inquiry) -> Ask | None:
    """Return what a person had said when a question was asked."""
    text: Mapping[str, str] = inquiry.asked
    return ask_of(text["ask"]) if text["ask"] else None
