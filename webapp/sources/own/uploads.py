"""The folder of an uploaded file: the file as it came, what was learnt of it, and its bars once they are checked."""

import dataclasses
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from webapp.errors import Sentence
from webapp.kernel.instruments import InstrumentFacts
from webapp.kernel.intervals import Interval
from webapp.sources.own.rules_imported import DateOrder, Fault, FileKind, Layout, Names, Reading

UPLOADS = "uploads"
"""The folder of all uploads, below the installation's own."""
_TOKEN = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class About:
    """An uploaded file: its name at home, its size in bytes, and how it is laid out."""

    filename: str
    size: int
    layout: Layout


@dataclass(frozen=True, slots=True)
class Wish:
    """How a file is to be checked. ``closed`` ends (epoch seconds) what bars may be finished by now."""

    reading: Reading
    closed: int


@dataclass(frozen=True, slots=True)
class Report:
    """What checking a whole file found. ``first`` and ``last`` are starts of bars, None without any.

    ``bad`` counts the lines that make no bar, ``faults`` are the first of them; ``unfinished`` bars are left out, and
    lines that are the ``same`` as an earlier one.
    """

    lines: int
    rows: int
    first: int | None
    last: int | None
    bad: int
    unfinished: int
    same: int
    faults: tuple[Fault, ...]
    broken: Sentence | None = None
    """Why the file could not be read to its end, or as was said; nothing else counts then."""
    broken_field: str = "file"
    """What a person has to say otherwise then."""


@dataclass(frozen=True, slots=True)
class Upload:
    """The folder of one upload, or of what one import made of it."""

    folder: Path

    @property
    def original(self) -> Path:
        """The file as it came."""
        return self.folder / "original"

    @property
    def bars(self) -> Path:
        """Its bars, checked, ascending, each time once."""
        return self.folder / "bars"

    @property
    def is_known(self) -> bool:
        """Whether it was found out what the file is."""
        return (self.folder / "about.json").exists()

    def write(self, name: str, value: About | Wish | Report | InstrumentFacts) -> None:
        """Keep it; whoever reads meanwhile finds the old one or the new one."""
        draft = self.folder / f"{name}.part"
        draft.write_text(json.dumps(dataclasses.asdict(value)), encoding="utf-8")
        draft.replace(self.folder / f"{name}.json")

    def about(self) -> About:
        """Return what the file is.

        :raises FileNotFoundError: when there is no such upload any more.
        """
        values = self._read("about")
        layout = values["layout"]
        layout |= {"kind": FileKind(layout["kind"]), "names": tuple(layout["names"])}
        return About(values["filename"], values["size"], Layout(**layout))

    def wish(self) -> Wish:
        """Return how the file is to be checked.

        :raises FileNotFoundError: when nobody has said it.
        """
        values = self._read("wish")
        reading = values["reading"]
        reading |= {"order": DateOrder(reading["order"]), "names": Names(reading["names"])}
        return Wish(Reading(**reading | {"interval": Interval(reading["interval"])}), values["closed"])

    def report(self) -> Report:
        """Return what checking found.

        :raises FileNotFoundError: when it was not checked.
        """
        values = self._read("report")
        faults = tuple(Fault(fault["line"], Sentence(**fault["why"])) for fault in values["faults"])
        broken = Sentence(**values["broken"]) if values["broken"] else None
        return Report(**values | {"faults": faults, "broken": broken})

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
