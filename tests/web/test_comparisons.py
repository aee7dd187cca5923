"""What the pages say of two sources' series of one share."""

import re
from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from webapp.kernel.instruments import InstrumentFacts
from webapp.kernel.intervals import Interval

from .pairs import AT_IBKR, IBKR, YAHOO, Made, daily, disagreeing, put, times


def text_of(client: FlaskClient, url: str, status: int = 200) -> str:
    answer = client.get(url)
    assert answer.status_code == status
    return " ".join(answer.text.split())


def test_a_comparison_says_in_words_what_differs_and_draws_it(client: FlaskClient) -> None:
    first, second = disagreeing()
    page = text_of(client, f"/comparisons/{first}/{second}")
    assert "1,042 days from Jan 2, 2020 to Jan 1, 2024 are in both series." in page
    assert (
        "Until Aug 27, 2021: the closes of Interactive Brokers are 4 times those of Yahoo Finance (432 days)." in page
    )
    assert "Interactive Brokers has not applied the split of Aug 30, 2021 (4 for 1)." in page
    assert "On 1 day they differ by more than that." in page
    assert "1 day of the shared time is only in Yahoo Finance." in page
    assert "The volumes of Interactive Brokers are 0.9 times those of Yahoo Finance." in page
    assert page.count("ratio-stretch") == 1
    assert "Closes differ" in page


def test_from_the_other_side_and_without_a_word_of_a_split_it_is_only_what_it_looks_like(client: FlaskClient) -> None:
    bars = daily()
    theirs = [times(bar, 0.5 if 100 <= place < 600 else 1.0) for place, bar in enumerate(bars)]
    first, second = put(YAHOO, bars), put(IBKR, theirs)
    page = text_of(client, f"/comparisons/{first}/{second}")
    assert "the closes of Yahoo Finance are 2 times those of Interactive Brokers (500 days)" in page
    assert "It looks as if Yahoo Finance had not applied a split of 2 for 1 that holds since" in page


def test_many_small_factors_are_summed_up(client: FlaskClient) -> None:
    bars = daily()
    taken_out = [times(bar, 0.99 ** max(0, 15 - place // 65)) for place, bar in enumerate(bars)]
    first, second = put(YAHOO, bars), put(IBKR, taken_out)
    page = text_of(client, f"/comparisons/{first}/{second}")
    assert page.count("No split explains this factor.") == 2
    assert "over 13 more stretches" in page


def test_pence_and_pounds_are_a_factor_over_all_days_and_other_money_is_said(client: FlaskClient) -> None:
    bars = daily()
    london = InstrumentFacts(currency="GBp", exchange="LSE", timezone="Europe/London")
    pence = put(Made("yahoo", "VOD.L", "", london), bars)
    pounds = put(Made("ibkr", "VOD.STK.LSE.GBP", "", replace(london, currency="GBP")), [times(b, 0.01) for b in bars])
    page = text_of(client, f"/comparisons/{pence}/{pounds}")
    assert "On all common days: the closes of VOD.L (Yahoo Finance) are 100 times those of VOD.STK.LSE.GBP" in page
    assert "or gave prices in another unit" in page
    assert "different currencies" not in page
    euros = put(Made("yahoo", "VOD.PA", "", replace(london, currency="EUR")), bars)
    assert "different currencies (EUR and GBP)" in text_of(client, f"/comparisons/{euros}/{pounds}")


def test_disagreements_come_in_pages_and_a_tolerance_of_ones_own_is_kept(client: FlaskClient) -> None:
    bars = daily()
    theirs = [times(bar, 1.01 if place % 13 == 0 else 1.0) for place, bar in enumerate(bars)]
    first, second = put(YAHOO, bars), put(IBKR, theirs)
    url = f"/comparisons/{first}/{second}"
    page = text_of(client, f"{url}?tolerance=0,25&page=2")
    assert "On 81 days they differ by more than that." in page
    assert "Page 2 of 4" in page
    assert f"{url}?tolerance=0.25&amp;page=3" in page
    assert "0.25%" in page
    assert "Closes agree" in text_of(client, f"{url}?tolerance=2")


@pytest.mark.parametrize("tolerance", ["some", "nan", "inf", "0", "-1", "60"])
def test_a_wrong_tolerance_says_what_to_give(client: FlaskClient, tolerance: str) -> None:
    first, second = put(YAHOO, daily()[:5]), put(IBKR, daily()[:5])
    page = text_of(client, f"/comparisons/{first}/{second}?tolerance={tolerance}", 422)
    assert "for example 0.1" in page


def test_a_longer_history_is_no_disagreement(client: FlaskClient) -> None:
    bars = daily()
    first, second = put(YAHOO, bars), put(IBKR, bars[700:])
    page = text_of(client, f"/comparisons/{first}/{second}")
    assert "Yahoo Finance has 700 more days before or after that time." in page
    assert "The volumes are the same." in page
    assert "Closes agree" in page


def test_what_cannot_be_compared_says_why(client: FlaskClient) -> None:
    first = put(YAHOO, daily()[:5])
    weekly = put(replace(IBKR, interval=Interval.W1), daily()[:5])
    assert "Only daily series can be compared" in text_of(client, f"/comparisons/{first}/{weekly}", 422)
    assert "These are one and the same series." in text_of(client, f"/comparisons/{first}/{first}", 422)
    assert "There is no series 99" in text_of(client, f"/comparisons/{first}/99", 404)


def test_two_symbols_are_both_named(client: FlaskClient) -> None:
    first, second = put(YAHOO, daily()), put(replace(IBKR, symbol="AAPL"), daily())
    page = text_of(client, f"/comparisons/{first}/{second}")
    assert "<h1>MSFT · AAPL <small>Yahoo Finance · Interactive Brokers</small></h1>" in page
    assert "Closes of AAPL (Interactive Brokers) over those of MSFT (Yahoo Finance)" in page
    assert "Both on today’s basis of splits, dividends left in." in page


def test_of_what_a_file_is_adjusted_for_nothing_is_claimed(client: FlaskClient) -> None:
    first, second = put(YAHOO, daily()), put(replace(YAHOO, source="own"), daily())
    third = put(replace(YAHOO, source="own", symbol="MINE"), daily())
    page = text_of(client, f"/comparisons/{first}/{second}")
    assert "Both on today’s basis" not in page
    assert "what the file’s prices were adjusted for is not known" in page
    assert "What the files’ prices were adjusted for is not known." in text_of(client, f"/comparisons/{second}/{third}")


def test_series_without_a_common_day_are_told_apart_from_those_that_agree(client: FlaskClient) -> None:
    first, second = put(YAHOO, daily()[:50]), put(IBKR, daily()[60:])
    page = text_of(client, f"/comparisons/{first}/{second}")
    assert "The two series have no time in common." in page
    assert "Closes agree" not in page


def test_the_overview_lists_pairs_and_leads_to_any_two(client: FlaskClient) -> None:
    assert "No instrument has daily bars from two sources yet." in text_of(client, "/comparisons")
    first, second = put(YAHOO, daily()[:5]), put(IBKR, daily()[:5])
    page = text_of(client, f"/comparisons?first={second}")
    assert f'href="/comparisons/{first}/{second}"' in page
    assert f'<option value="{second}" selected>' in page
    answer = client.get(f"/comparisons?first={first}&second={second}")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/comparisons/{first}/{second}")


def test_a_alike_series_page_has_a_place_for_it_and_others_have_not(client: FlaskClient) -> None:
    first, weekly = put(YAHOO, daily()[:5]), put(replace(YAHOO, interval=Interval.W1), daily()[:5])
    assert f"/ui/series/{first}/comparisons" in client.get(f"/series/{first}").text
    assert "comparisons" not in client.get(f"/series/{weekly}").text
    fragment = text_of(client, f"/ui/series/{first}/comparisons")
    assert "No other source holds daily bars of this instrument yet." in fragment
    second = put(IBKR, daily()[:5])
    fragment = text_of(client, f"/ui/series/{first}/comparisons")
    assert f'href="/comparisons/{first}/{second}"' in fragment
    assert "Closes agree" in fragment


@pytest.mark.parametrize(
    ("language", "apart", "little"), [("en", "2.00%", "0.5%"), ("fr", "2,00\u00a0%", "0,5\u00a0%")]
)
def test_prices_below_each_other_have_as_many_decimals(
    client: FlaskClient, language: str, apart: str, little: str
) -> None:
    bars = [(*bar[:4], 50.0 + place, *bar[5:]) for place, bar in enumerate(daily()[:30])]
    theirs = [times(bar, {10: 1.02, 20: 1.005}.get(place, 1.0)) for place, bar in enumerate(bars)]
    unknown = replace(AT_IBKR, price_decimals=None)
    first, second = put(YAHOO, bars), put(replace(IBKR, facts=unknown), theirs)
    page = client.get(f"/comparisons/{first}/{second}", headers={"Accept-Language": language}).text
    cells = [cell.replace(",", ".") for cell in re.findall(r'<td class="numeric">([\d.,]+)</td>', page)]
    assert cells == ["70.00", "70.35", "60.00", "61.20"]
    assert f'<td class="numeric">{apart}</td>' in page
    assert f'<td class="numeric">{little}</td>' in page
