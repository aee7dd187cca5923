"""What the demonstration collects, and how long it took until the first bar could be seen."""

import time
from dataclasses import dataclass

from sqlalchemy import Engine, create_engine
from sqlalchemy.exc import SQLAlchemyError

from webapp.sources.registry import MANIFESTS
from webapp.upkeep import queries_statistics

SOURCES = " and ".join(manifest.offer.label for manifest in MANIFESTS.values() if manifest.samples)
COLLECTIONS = tuple(sample for manifest in MANIFESTS.values() for sample in manifest.samples)


@dataclass(slots=True)
class FirstBar:
    """Looks into the database until it holds bars.

    :param since: when the person typed the command (epoch seconds).
    """

    engine: Engine
    since: float
    seconds: float | None = None
    is_over: bool = False

    @classmethod
    def awaited(cls, database_url: str, since: float) -> "FirstBar":
        """Begin to look; there is nothing to wait for in a database that has bars from an earlier time."""
        first_bar = cls(create_engine(database_url), since)
        first_bar.is_over = first_bar._has_bars()
        return first_bar

    def look(self) -> None:
        """Note the time when bars are there."""
        if not self.is_over and self._has_bars():
            self.seconds = time.time() - self.since
            self.is_over = True

    def _has_bars(self) -> bool:
        try:
            with self.engine.connect() as connection:
                return queries_statistics.stored(connection)[1] > 0
        except SQLAlchemyError:  # no tables yet, or busy: the next look tells
            return False
