"""What a source takes back, and what its adjusted prices contain without a word: shown wherever prices are."""

import datetime as dt

import pytest
from flask.testing import FlaskClient

from tests.web.factories import NOW, Asked, make_series
from webapp.database.transactions import writing
from webapp.kernel.bars import DIVIDEND, SPLIT
from webapp.kernel.intervals import DAY
from webapp.kernel.spans import Span
from webapp.restating.rules_withdrawal import CONTRADICTED, STILL_CONTAINED
from webapp.series import queries_action_findings, queries_actions, queries_series
from webapp.series.queries_action_findings import FindingOrigin, NewFinding
from webapp.series.queries_series import SeriesRow

HTMX = {"HX-Request": "true"}
HEADING = {"en": "Adjusted prices that no dividend explains", "fr": "Cours ajustés qu’aucun dividende n’explique"}


def row_of(series_id: int) -> SeriesRow:
    with writing() as connection:
        row = queries_series.get(connection, series_id)
    assert row
    return row


def find(series_id: int, number: int = 1, size: float = -0.0155) -> list[Span]:
    """Let the last days of a series have adjusted closes that no dividend explains."""
    row = row_of(series_id)
    assert row.last_bar
    spans = [Span(row.last_bar - place * DAY - DAY, row.last_bar - place * DAY) for place in range(number)][::-1]
    findings = [NewFinding(span, size) for span in spans]
    with writing() as connection:
        origin = FindingOrigin(row.instrument_id, series_id, 7)
        queries_action_findings.replace(connection, origin, Span(spans[0].start, spans[-1].end), findings, NOW)
    return spans


def export_form(series_id: int, adjust: str) -> dict[str, str]:
    return {
        "format": "csv",
        "adjust": adjust,
        "start": "",
        "end": "",
        "zone": "UTC",
        "zone_name": "",
        "series": str(series_id),
    }


@pytest.mark.parametrize("language", ["en", "fr"])
def test_findings_stand_on_the_page_of_the_series_and_among_what_is_to_review(
    client: FlaskClient, language: str
) -> None:
    series_id = make_series(Asked())
    for path in (f"/series/{series_id}", "/review"):
        assert HEADING[language] not in client.get(path, headers={"Accept-Language": language}).text
    find(series_id)
    for path in (f"/series/{series_id}", "/review"):
        page = client.get(path, headers={"Accept-Language": language}).text
        assert HEADING[language] in page
        assert {"en": "-1.55", "fr": "-1,55"}[language] in page
        assert f'href="/series/{series_id}"' in page


def test_the_preview_of_an_export_says_that_prices_differ_if_dividends_are_taken_out(client: FlaskClient) -> None:
    series_id = make_series(Asked())
    [span] = find(series_id)
    day = f"{dt.datetime.fromtimestamp(span.end, dt.UTC):%Y-%m-%d}"
    note = f"Before {day} the source&#39;s own adjusted prices of MSFT differ from these by -1.55 %"
    assert note in client.post("/ui/exports/form", data=export_form(series_id, "all"), headers=HTMX).text
    assert note not in client.post("/ui/exports/form", data=export_form(series_id, "splits"), headers=HTMX).text


def test_many_findings_are_summed_up_in_one_sentence(client: FlaskClient) -> None:
    series_id = make_series(Asked())
    find(series_id, number=5, size=-0.01)
    page = client.get(f"/series/{series_id}").text
    assert "differ from these on 5 days" in page
    assert "-4.90 % in all" in page


def test_findings_before_all_bars_are_no_matter_of_their_prices(client: FlaskClient) -> None:
    row = row_of(make_series(Asked()))
    assert row.first_bar
    early = Span(row.first_bar - DAY, row.first_bar)
    with writing() as connection:
        origin = FindingOrigin(row.instrument_id, row.id, 7)
        queries_action_findings.replace(connection, origin, early, [NewFinding(early, 0.1)], NOW)
    page = client.post("/ui/exports/form", data=export_form(row.id, "all"), headers=HTMX).text
    assert "own adjusted prices of" not in page


def test_a_page_says_what_is_no_longer_told_and_what_was_withdrawn_and_why(client: FlaskClient) -> None:
    series_id = make_series(Asked(symbol="VOD.L"))
    row = row_of(series_id)
    with writing() as connection:
        recorded = queries_actions.read_record(connection, row.instrument_id)
        split = next(record.action for record in recorded if record.action.kind == SPLIT)
        payout = next(record.action for record in recorded if record.action.kind == DIVIDEND)
        queries_actions.withdraw(connection, row.instrument_id, (SPLIT, split.time), NOW, CONTRADICTED)
        queries_actions.note_untold(connection, row.instrument_id, (DIVIDEND, payout.time), NOW, STILL_CONTAINED)
        assert [action.kind for action in queries_actions.read(connection, row.instrument_id)].count(SPLIT) == 0
    page = " ".join(client.get(f"/series/{series_id}").text.split())
    assert "Withdrawn:" in page
    assert "The source&#39;s own prices no longer contain it." in page
    assert "<del>4 for 1</del>" in page.replace("<del> ", "<del>").replace(" </del>", "</del>")
    assert "No longer told since" in page
    assert "The source&#39;s own adjusted prices still contain it." in page
