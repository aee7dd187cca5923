"""Which contracts a description fits."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from webapp.sandbox.tws import papers
from webapp.sandbox.tws.papers import Paper

_FUTURES_KEPT = dt.timedelta(days=730)
_ROLL = dt.timedelta(days=4)
"""A continuous future passes to the next month so long before the last trading day."""
_MOST_SAMPLES = 16


@dataclass(frozen=True, slots=True)
class Described:
    """A contract as a client describes it; empty texts and zeros leave open."""

    con_id: int
    symbol: str
    sec_type: str
    expiry: str
    strike: float
    right: str
    exchange: str
    primary: str
    currency: str
    local_symbol: str
    include_expired: bool

    @classmethod
    def read(cls, fields: Sequence[str], *, include_expired: bool) -> "Described":
        """Read the twelve fields of a contract."""
        return cls(
            con_id=int(fields[0] or 0),
            symbol=fields[1],
            sec_type=fields[2],
            expiry=fields[3],
            strike=float(fields[4] or 0),
            right=fields[5][:1],
            exchange=fields[7],
            primary=fields[8],
            currency=fields[9],
            local_symbol=fields[10],
            include_expired=include_expired,
        )

    def fits(self, paper: Paper) -> bool:
        """Tell whether a contract is one of those described."""
        if self.con_id:
            return paper.con_id == self.con_id
        pairs = (
            (self.sec_type, paper.sec_type),
            (self.currency, paper.currency),
            (self.primary, paper.primary or paper.exchange),
            (self.right, paper.right),
            (self.strike or "", paper.strike),
        )
        return (
            all(not expected or expected == has for expected, has in pairs)
            and (not self.symbol or self.symbol == paper.symbol)
            and (not self.local_symbol or self.local_symbol == paper.local_symbol)
            and bool(self.symbol or self.local_symbol)
            and (not self.exchange or self.exchange in (paper.exchange, paper.primary))
            and paper.expiry.startswith(self.expiry)
        )


class Book:
    """All contracts, as of a day."""

    def find(self, described: Described, today: dt.date) -> list[Paper]:
        """Return the contracts that a description fits and that can be had today."""
        made_up = papers.made_up(described.symbol)
        candidates = [made_up] if made_up else _all(today)
        return [paper for paper in candidates if described.fits(paper) and _can_be_had(paper, described, today)]

    def key(self, described: Described, today: dt.date) -> str:
        """Return what pacing counts a contract by: the same however it is described."""
        matches = self.find(described, today)
        name = str(matches[0].con_id) if len(matches) == 1 else f"{described.symbol} {described.expiry}"
        return f"{name} {described.exchange}"

    def samples(self, text: str, today: dt.date) -> list[Paper]:
        """Return the contracts whose symbol begins with a text, or whose name has a word that does."""
        query = text.strip().upper()
        fixed = [paper for paper in _all(today) if paper.sec_type in ("STK", "IND", "CASH", "CRYPTO")]
        by_symbol = [paper for paper in fixed if paper.symbol.startswith(query)]
        by_name = [p for p in fixed if any(word.startswith(query) for word in p.name.upper().split())]
        unique = {paper.con_id: paper for paper in (*by_symbol, *by_name)}
        return list(unique.values())[:_MOST_SAMPLES] if query else []

    def month_of(self, future: Paper, day: dt.date) -> Paper:
        """Return the month that a continuous future stands for on a day."""
        months = _months(future.symbol, day.replace(day=1))
        ahead = [paper for paper in months if paper.day and paper.day - _ROLL > day]
        return ahead[0] if ahead else months[-1]


@lru_cache(maxsize=1024)
def _months(symbol: str, first_of_month: dt.date) -> list[Paper]:
    """Return the months of a future as of a calendar month, in the order of their expiry."""
    contracts = (paper for paper in papers.futures(first_of_month) if paper.symbol == symbol)
    return sorted(contracts, key=lambda paper: paper.expiry)


def _can_be_had(paper: Paper, described: Described, today: dt.date) -> bool:
    if paper.day is None or paper.day >= today:
        return True
    return paper.sec_type == "FUT" and described.include_expired and today - paper.day < _FUTURES_KEPT


@lru_cache(maxsize=4)
def _all(today: dt.date) -> list[Paper]:
    """Return all contracts, each id once."""
    candidates = (
        *papers.shares(),
        *papers.others(),
        *papers.futures(today),
        *papers.continuous(),
        *papers.options(today),
    )
    unique: dict[int, Paper] = {}
    for paper in candidates:
        number = paper.con_id
        while number in unique:
            number += 1
        unique[number] = replace(paper, con_id=number)
    return list(unique.values())
