"""Payouts in another currency than the prices: converted by a rate that is stored, or left out and said."""

import pytest

from tests.stored import Store, label
from webapp.database.transactions import reading
from webapp.kernel.bars import Action, Bar
from webapp.kernel.intervals import DAY, Interval
from webapp.reading.bars import open_bars
from webapp.reading.charts import candles, version
from webapp.series import queries_series

EX_DATE = label("2024-02-06")  # a Tuesday


def a_bar(time: int, close: float) -> Bar:
    return (time, close, close, close, close, 100.0, None, None)


def priced_in(store: Store, currency: str | None, close: float, *paid: Action, symbol: str = "005930.KS") -> int:
    """A series that closes alike on both sides of an ex-date."""
    series_id = store.series(symbol)
    store.facts(series_id, currency=currency, timezone="UTC")
    store.put(series_id, [a_bar(EX_DATE - DAY, close), a_bar(EX_DATE, close)])
    store.act(series_id, *paid)
    return series_id


def rate(store: Store, pair: str, close: float, day: int = EX_DATE - DAY) -> int:
    series_id = store.series(pair)
    store.put(series_id, [a_bar(day, close), a_bar(day + 30 * DAY, close * 9)])
    return series_id


def adjusted(series_id: int) -> float:
    return candles(series_id, adjust="all").close[0]


def notes(series_id: int) -> list[str]:
    return [str(note) for note in open_bars(series_id, "all").notes]


@pytest.mark.parametrize(("pair", "close"), [("KRW=X", 1300.0), ("USDKRW=X", 1300.0), ("KRWUSD=X", 1 / 1300)], ids=str)
def test_a_dividend_in_dollars_is_converted_by_the_rate_of_the_day_before(
    store: Store, pair: str, close: float
) -> None:
    series_id = priced_in(store, "KRW", 65_000.0, Action("dividend", EX_DATE, 0.5, "USD"))
    rate(store, pair, close)
    assert adjusted(series_id) == pytest.approx(65_000 - 650)
    assert notes(series_id) == []


@pytest.mark.parametrize(
    ("priced", "paid", "value", "less"),
    [("GBp", "GBP", 0.05, 5.0), ("GBP", "GBp", 5.0, 0.05), ("ZAc", "ZAR", 0.1, 10.0), ("ILA", "ILS", 0.02, 2.0)],
)
def test_pence_and_pounds_need_no_rate(store: Store, priced: str, paid: str, value: float, less: float) -> None:
    series_id = priced_in(store, priced, 100.0, Action("dividend", EX_DATE, value, paid))
    assert adjusted(series_id) == pytest.approx(100 - less)


def test_a_dividend_in_dollars_is_converted_into_pence(store: Store) -> None:
    series_id = priced_in(store, "GBp", 1_000.0, Action("dividend", EX_DATE, 0.5, "USD"), symbol="HSBA.L")
    rate(store, "GBPUSD=X", 1.25)
    assert adjusted(series_id) == pytest.approx(1_000 - 40)


@pytest.mark.parametrize("currency", ["USD", None])
def test_a_dividend_in_the_currency_of_the_prices_is_taken_as_it_is(store: Store, currency: str | None) -> None:
    series_id = priced_in(store, "USD", 100.0, Action("dividend", EX_DATE, 1.0, currency))
    assert adjusted(series_id) == pytest.approx(99.0)


@pytest.mark.parametrize(("pair", "day"), [("EURUSD=X", EX_DATE - DAY), ("KRW=X", EX_DATE - 20 * DAY)])
def test_without_a_rate_of_the_day_before_it_is_left_out_and_said(store: Store, pair: str, day: int) -> None:
    paid = [
        Action("dividend", EX_DATE, 0.5, "USD"),
        Action("split", EX_DATE, 2.0),
        Action("dividend", EX_DATE - 9 * DAY, 1.0),
    ]
    series_id = priced_in(store, "KRW", 65_000.0, *paid)
    rate(store, pair, 1300.0, day)
    assert adjusted(series_id) == 65_000.0
    [note] = notes(series_id)
    assert "from 2024-02-06 to 2024-02-06 (1): they are in USD, the prices in KRW" in note
    assert "Collect daily bars of KRW=X." in note


def test_what_is_before_every_bar_is_not_worth_a_word(store: Store) -> None:
    series_id = priced_in(store, "KRW", 65_000.0, Action("dividend", EX_DATE - DAY, 0.5, "USD"))
    assert notes(series_id) == []


def test_prices_of_no_currency_are_not_adjusted_by_one_that_names_its_own(store: Store) -> None:
    series_id = priced_in(store, None, 100.0, Action("dividend", EX_DATE, 1.0, "USD"))
    assert adjusted(series_id) == 100.0
    assert "no rate is known" in notes(series_id)[0]


def test_weeks_made_of_days_say_it_too(store: Store) -> None:
    series_id = priced_in(store, "KRW", 65_000.0, Action("dividend", EX_DATE + 7 * DAY, 0.5, "USD"))
    store.put(series_id, [a_bar(EX_DATE + 8 * DAY, 65_000.0)])
    assert len(open_bars(series_id, "all", step=Interval.W1).notes) == 1


def test_a_rate_that_comes_later_changes_the_chart(store: Store) -> None:
    series_id = priced_in(store, "KRW", 65_000.0, Action("dividend", EX_DATE, 0.5, "USD"))

    def read_version() -> tuple[object, ...]:
        with reading() as connection:
            row = queries_series.get(connection, series_id)
            assert row
            return version(connection, row, "all")

    before = read_version()
    rate(store, "KRW=X", 1300.0)
    assert read_version() != before


def test_a_payout_that_no_bar_is_near_is_said(store: Store) -> None:
    series_id = priced_in(store, "KRW", 65_000.0, Action("dividend", EX_DATE + 20 * DAY, 100.0))
    assert "from 2024-02-26 to 2024-02-26 (1), for no bar is stored" in notes(series_id)[0]
