import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from tests.properties import examples
from webapp.errors import InvalidRequestError
from webapp.watchlists.rules_written_lists import LARGEST_TEXT, WrittenEntry, decode, read_text


def pairs(text: str) -> list[tuple[str, str]]:
    return [(entry.section, entry.text) for entry in read_text(text)]


def test_a_list_as_tradingview_saves_it() -> None:
    saved = "###Chips,NASDAQ:AMD,NASDAQ:NVDA,###Big in Europe,EURONEXT:MC,XETR:SAP"
    assert pairs(saved) == [
        ("Chips", "NASDAQ:AMD"),
        ("Chips", "NASDAQ:NVDA"),
        ("Big in Europe", "EURONEXT:MC"),
        ("Big in Europe", "XETR:SAP"),
    ]
    assert pairs(saved.replace(",", "\r\n")) == pairs(saved)


def test_symbols_as_people_paste_them() -> None:
    assert pairs("AAPL, MSFT;GOOG\n# what is left\n\n^GSPC\tBRK B") == [
        ("", "AAPL"),
        ("", "MSFT"),
        ("", "GOOG"),
        ("", "^GSPC"),
        ("", "BRK B"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        'symbol,section,note\nAAPL,Chips,"cheap, or so"\nMC.PA,,',
        'Section;Symbole;Commentaire\nChips;AAPL;"cheap, or so"\n;MC.PA;',
        "note\tticker\tname\tgroup\ncheap, or so\tAAPL\tApple\tChips\n\tMC.PA\tLVMH\t",
    ],
)
def test_a_table_is_read_by_the_names_of_its_columns(text: str) -> None:
    assert read_text(text) == [WrittenEntry("AAPL", section="Chips", note="cheap, or so"), WrittenEntry("MC.PA")]


def test_a_table_may_say_source_and_exchange() -> None:
    text = "exchange,symbol,source\nNASDAQ,AAPL,ibkr\n,MC.PA,\n,,yahoo"
    assert read_text(text) == [WrittenEntry("AAPL", exchange="NASDAQ", source="ibkr"), WrittenEntry("MC.PA")]


def test_a_single_column_called_symbol_is_a_table() -> None:
    assert read_text("Symbol\nAAPL\nMSFT") == [WrittenEntry("AAPL"), WrittenEntry("MSFT")]


@pytest.mark.parametrize("text", ["", "\n \n", "###Alone", "# nothing", "symbol,note\n"])
def test_what_has_no_entry_gives_none(text: str) -> None:
    assert read_text(text) == []


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("É,MC".encode(), "É,MC"),
        ("É,MC".encode("utf-8-sig"), "É,MC"),
        ("É,MC".encode("utf-16"), "É,MC"),
        ("É,MC".encode("cp1252"), "É,MC"),
    ],
)
def test_a_file_s_bytes_are_read_as_what_they_are(content: bytes, text: str) -> None:
    assert decode(content) == text


def test_what_is_no_text_or_too_long_is_refused() -> None:
    with pytest.raises(InvalidRequestError, match="not a text"):
        decode(b"PK\x03\x04\x00\x00")
    with pytest.raises(InvalidRequestError, match="too long"):
        read_text("A" * (LARGEST_TEXT + 1))
    with pytest.raises(InvalidRequestError, match="too long"):
        decode(b"A" * (4 * LARGEST_TEXT + 1))


SECTION = some.text("ABé1 -&('", max_size=12).map(str.strip)
QUOTE = some.from_regex(r"[A-Z_]{2,10}:[A-Z0-9.!_]{1,8}", fullmatch=True)
PART = some.tuples(SECTION, some.lists(QUOTE, min_size=1, max_size=5))


@settings(max_examples=examples(300), deadline=None)
@given(some.lists(PART, max_size=5), some.sampled_from([",", "\n", "\r\n", ",\n"]))
def test_every_list_of_tradingview_s_form_comes_back_whole(parts: list[tuple[str, list[str]]], separator: str) -> None:
    pieces = [piece for section, quotes in parts for piece in (f"###{section}", *quotes)]
    expected = [(section, quote) for section, quotes in parts for quote in quotes]
    assert pairs(separator.join(pieces)) == expected


@settings(max_examples=examples(300), deadline=None)
@given(some.text(max_size=200) | some.binary(max_size=200))
def test_whatever_is_pasted_is_read_or_refused(content: str | bytes) -> None:
    try:
        text = decode(content) if isinstance(content, bytes) else content
        entries = read_text(text)
    except InvalidRequestError:
        return
    assert all(entry.text.strip() for entry in entries)
