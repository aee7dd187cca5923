"""The folder of an uploaded file: the file as it came, what was learnt of it, and its bars once they are checked."""

import dataclasses
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from webapp.errors import Sentence
from webapp.kernel.instruments import InstrumentFacts
from webapp.kernel.intervals import Interval
from webapp.sources.own.layouts.rules_layout_guess import Guess
from webapp.sources.own.rules_imported import DateOrder, Fault, FileKind, Layout, Names, Reading

UPLOADS = "uploads"
"""The folder of all uploads, below the installation's own."""
_TOKEN = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Sent:
    """An uploaded file before anybody has looked at it: its name at home."""

    filename: str


@dataclass(frozen=True, slots=True)
class About:
    """What an uploaded file is: its name at home, its size in bytes when unpacked, how it is laid out.

    ``inside`` is its name in the archive that it came in, ``ticker`` the only symbol that its lines name, ``head`` its
    first lines as they are shown (a number and the cells each), ``guess`` what its columns look like.
    """

    filename: str
    size: int
    layout: Layout
    inside: str
    ticker: str
    head: tuple[tuple[int, tuple[str, ...]], ...]
    guess: Guess


@dataclass(frozen=True, slots=True)
class Wish:
    """How a file is to be checked. ``closed`` ends (epoch seconds) what bars may be finished by now.

    ``series`` names where the lines of each symbol go, by what the file calls it: an upload's token, or in a preview
    the symbol. Lines of other symbols are passed over; without a column of symbols, the only one is empty.
    """

    reading: Reading
    closed: int
    series: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class SeriesReport:
    """The bars that checking kept for one series, in the folder of ``token``; ``first`` is None without any."""

    token: str
    rows: int
    first: int | None
    last: int | None


@dataclass(frozen=True, slots=True)
class Report:
    """What checking a whole file found. ``first`` and ``last`` are starts of bars, None without any.

    ``series`` says the same of each series. ``bad`` counts the lines that make no bar, ``faults`` are the first of
    them; ``unfinished`` bars are left out, and lines that are the ``same`` as an earlier one.
    """

    lines: int
    rows: int
    first: int | None
    last: int | None
    bad: int
    unfinished: int
    same: int
    faults: tuple[Fault, ...]
    series: tuple[SeriesReport, ...] = ()
    broken: Sentence | None = None
    """Why the file could not be read to its end, or as was said; nothing else counts then."""
    broken_field: str = "file"
    """What a person has to say otherwise then."""


@dataclass(frozen=True, slots=True)
class Upload:
    """The folder of one upload, or of what one import made of it."""

    folder: Path

    @property
    def sent(self) -> Path:
        """The file as it came, perhaps squeezed."""
        return self.folder / "sent"

    @property
    def original(self) -> Path:
        """The file as it was before it was squeezed; it is there once it is known what the file is."""
        return self.folder / "original"

    @property
    def bars(self) -> Path:
        """Its bars, checked, ascending, each time once."""
        return self.folder / "bars"

    @property
    def is_known(self) -> bool:
        """Whether it was found out what the file is."""
        return (self.folder / "about.json").exists()

    def write(self, name: str, value: Sent | About | Wish | Report | InstrumentFacts) -> None:
        """Keep it; whoever reads meanwhile finds the old one or the new one."""
        draft = self.folder / f"{name}.part"
        draft.write_text(json.dumps(dataclasses.asdict(value), default=sorted), encoding="utf-8")
        draft.replace(self.folder / f"{name}.json")

    def sent_as(self) -> Sent:
        """Return what is known of the file before anybody has looked at it.

        :raises FileNotFoundError: when there is no such upload any more.
        """
        return Sent(**self._read("sent"))

    def about(self) -> About:
        """Return what the file is.

        :raises FileNotFoundError: when there is no such upload any more, or nobody has looked at it.
        """
        values = self._read("about")
        layout, guess = values["layout"], values["guess"]
        layout |= {"kind": FileKind(layout["kind"]), "names": tuple(layout["names"])}
        guess |= {
            "order": DateOrder(guess["order"]) if guess["order"] else None,
            "interval": Interval(guess["interval"]) if guess["interval"] else None,
            "doubts": frozenset(guess["doubts"]),
        }
        head = tuple((line, tuple(cells)) for line, cells in values["head"])
        return About(**values | {"layout": Layout(**layout), "guess": Guess(**guess), "head": head})

    def wish(self) -> Wish:
        """Return how the file is to be checked.

        :raises FileNotFoundError: when nobody has said it.
        """
        values = self._read("wish")
        reading = values["reading"]
        reading |= {"order": DateOrder(reading["order"]), "names": Names(reading["names"])}
        reading |= {"interval": Interval(reading["interval"])}
        return Wish(Reading(**reading), values["closed"], values["series"])

    def report(self) -> Report:
        """Return what checking found.

        :raises FileNotFoundError: when it was not checked.
        """
        values = self._read("report")
        faults = tuple(Fault(fault["line"], Sentence(**fault["why"])) for fault in values["faults"])
        broken = Sentence(**values["broken"]) if values["broken"] else None
        series = tuple(SeriesReport(**part) for part in values["series"])
        return Report(**values | {"faults": faults, "broken": broken, "series": series})

    def write_tickers(self, place: int, lines: Mapping[str, int]) -> None:
        """Keep how many lines each symbol has that a column names."""
        draft = self.folder / f"tickers-{place}.part"
        draft.write_text(json.dumps(lines), encoding="utf-8")
        draft.replace(self.folder / f"tickers-{place}.json")

    def tickers(self, place: int) -> Mapping[str, int] | None:
        """Return how many lines each symbol has that a column names; None when nobody has counted them."""
        try:
            return self._read(f"tickers-{place}")
        except FileNotFoundError:
            return None

    def facts(self) -> InstrumentFacts:
        """Return what the person said of the instrument.

        :raises FileNotFoundError: when there is no such upload any more.
        """
        return InstrumentFacts(**self._read("facts"))

    def _read(self, name: str) -> dict[str, Any]:
        values: dict[str, Any] = json.loads((self.folder / f"{name}.json").read_text(encoding="utf-8"))
        return values


def upload_of(root: Path, token: str) -> Upload | None:
    """Return the upload of a token; None for what is no token, so that no path can be made of it."""
    return Upload(root / token) if _TOKEN.fullmatch(token) else None
