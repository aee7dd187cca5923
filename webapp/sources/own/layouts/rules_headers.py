"""Which columns a file's header names. What is recognised is kept, what may be two columns is in doubt: a person says.

No column has a meaning by where it stands here: a file may hold ``Close`` before ``Open``.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_DATES = frozenset(_words("date day jour datum tag fecha dia data giorno tradedate tradingdate tradingday handelstag"))
_WORDS: Mapping[str, tuple[str, ...]] = {
    "time": (
        *_words("time timestamp datetime date dateheure dateetheure horodatage dt datetimeutc gmttime opentime"),
        *_words("localtime day jour unix unixtime unixtimestamp epoch indexlevel0 datetime64 ts tsevent begin start"),
        *_words(
            "starttime windowstart bartime barstart timeutc dateutc utctime utc t tradedate tradingdate tradingday"
        ),
        *_words("datum zeitstempel datumzeit datumuhrzeit tag handelstag zeit zeitpunkt"),  # German
        *_words("fecha fechahora fechayhora dia marcadetiempo"),  # Spanish
        *_words("data dataora datahora giorno"),  # Italian, Portuguese
    ),
    "clock": _words("time heure hour clock timeofday hms zeit uhrzeit hora ora tijd"),
    "open": (
        *_words("open opening ouverture ouv o premier first"),
        *_words("eroffnung eroeffnung eroffnungskurs eroeffnungskurs eroffn eroffnet erster anfang"),
        *_words("apertura abierto abertura primero inicio opn"),
    ),
    "high": (
        *_words("high highest haut plushaut leplushaut h max maximum"),
        *_words("hoch tageshoch hochst hochster hoechst hochstkurs hoechstkurs hochkurs hoechster"),
        *_words("maximo maxima massimo alto"),
    ),
    "low": (
        *_words("low lowest bas plusbas leplusbas l min minimum"),
        *_words("tief tagestief tiefst tiefster tiefstkurs tiefkurs"),
        *_words("minimo minima bajo basso baixo"),
    ),
    "close": (
        *_words("close closing closelast cloture clot fermeture c settle settlement dernier last latest price prix"),
        *_words("schluss schlusskurs schlussstand zuletzt letzter kurs"),
        *_words("cierre chiusura fechamento fecho ultimo ultima precio prezzo preco"),
    ),
    "volume": (
        *_words("volume tickvolume tickvol vol v volumes sharevolume qty quantity quantite"),
        *_words("stuck stucke stuecke handelsvolumen volumen umsatz"),
        *_words("cantidad quantita quantidade"),
    ),
    "wap": _words("wap vwap vw average averageprice avg avgprice weightedprice weightedaverage moyenne"),
    "count": _words("count trades numberoftrades tradecount tradescount barcount transactions n"),
    "ticker": _words("symbol ticker tickers sym symbols symbole simbolo simbol wertpapier valeur titre stock name"),
}
"""How files call their columns, the better words first: of ``Price`` and ``Close``, the latter is the close."""
_LETTERS = frozenset("ohlc")
"""Letters stand for prices where all four do: the ``C`` of a header ``A,B,C,D`` is none."""
_LONGER_WORDS = {role: tuple(word for word in words if len(word) > 1 or word == "t") for role, words in _WORDS.items()}
_FILLERS = frozenset(
    _words("price prices prix px kurs preis precio prezzo preco d de del do di of the le la el shares")
)
"""Words beside a role's own that say nothing more: ``Open Price``, ``Precio de cierre``."""
_QUALIFIERS = frozenset(_words("adj adjusted ajuste ajustado prev previous prior"))
"""Words that make another thing of a price: an adjusted close is none of those that are stored."""
_SHARED = 3
"""Of so many columns a word at the end or the beginning names what all are of: ``Close_AAPL``, ``Open (USD)``."""
_LONGEST_AFFIX = 4
_CAPITALS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_TOKEN = re.compile(r"[a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Header:
    """The columns that a header names, by role, and the roles that more than one column may have."""

    columns: Mapping[str, int] = field(default_factory=dict)
    doubts: frozenset[str] = frozenset()


def read_header(names: Sequence[str]) -> Header:
    """Return the columns whose names say what they are."""
    full = [_tokens(name) for name in names]
    bare = _without_affixes(full)
    words_by_role = _WORDS if {"".join(tokens) for tokens in full} >= _LETTERS else _LONGER_WORDS
    columns: dict[str, int] = {}
    doubts: set[str] = set()
    for role, words in words_by_role.items():
        if role == "clock":
            continue
        free = [place for place in range(len(names)) if place not in columns.values()]
        ranked = [(rank, place) for place in free if (rank := _rank(words, full[place], bare[place]))]
        best = [place for rank, place in ranked if rank == min(ranked)[0]]
        if len(best) == 1:
            columns[role] = best[0]
        elif best or (role == "volume" and any(_mentions(words, full[place]) for place in free)):
            doubts.add(role)
    apart = _date_and_clock(full)
    return Header(columns | apart, frozenset(doubts - apart.keys()))


def _tokens(name: str) -> tuple[str, ...]:
    parted = _CAPITALS.sub(" ", name).casefold()
    return tuple(_TOKEN.findall(unicodedata.normalize("NFKD", parted).encode("ascii", "ignore").decode()))


def _rank(words: Sequence[str], full: Sequence[str], bare: Sequence[str]) -> tuple[int, int] | None:
    """Return how well a name says a role, small for well: as it is, without fillers, without what all columns share."""
    shorter = tuple(token for token in full if token not in _FILLERS)
    shortest = tuple(token for token in bare if token not in _FILLERS) or tuple(bare)
    for rank, tokens in enumerate((full, shorter, shortest)):
        if (name := "".join(tokens)) in words:
            return rank, words.index(name)
    return None


def _mentions(words: Sequence[str], tokens: Sequence[str]) -> bool:
    return any(token in words and len(token) > 1 for token in tokens)


def _date_and_clock(full: Sequence[Sequence[str]]) -> dict[str, int]:
    """Return the columns of the date and of the time of day, where the two stand apart."""
    plain = ["".join(tokens) for tokens in full]
    dates = [place for place, name in enumerate(plain) if name in _DATES]
    clocks = [place for place, name in enumerate(plain) if name in _WORDS["clock"]]
    return {"time": dates[0], "clock": clocks[0]} if dates and clocks else {}


def _without_affixes(names: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Return names without the words that several begin or end with; ``Low_LOW`` keeps one of its two."""
    bare = list(names)
    for _ in range(_LONGEST_AFFIX):
        ends = _shared(tokens[-1] for tokens in bare if len(tokens) > 1)
        bare = [tokens[:-1] if len(tokens) > 1 and tokens[-1] in ends else tokens for tokens in bare]
        starts = _shared(tokens[0] for tokens in bare if len(tokens) > 1)
        bare = [tokens[1:] if len(tokens) > 1 and tokens[0] in starts else tokens for tokens in bare]
    return bare


def _shared(tokens: Iterable[str]) -> set[str]:
    return {token for token, count in Counter(tokens).items() if count >= _SHARED} - _QUALIFIERS
