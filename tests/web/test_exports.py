"""Exports as pages: the form, its preview, what is wrong beside its fields, downloads, and the list of files."""

import io
import re
import zipfile
from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from tests.web.export_factories import make_export
from tests.web.factories import MICROSOFT, NOW, Asked, make_series
from webapp.context import context
from webapp.database.transactions import writing
from webapp.exporting import background
from webapp.exporting.folder import folder_of
from webapp.exporting.rules_exports import ExportState
from webapp.kernel.bars import Action
from webapp.kernel.intervals import DAY, Interval
from webapp.series import queries_actions, queries_series
from webapp.web.file_sizes import file_size

HTMX = {"HX-Request": "true"}


def form(*ids: int, **changes: str) -> dict[str, str]:
    usual = {"format": "csv", "adjust": "splits", "start": "", "end": "", "zone": "UTC", "zone_name": ""}
    return {"series": ",".join(map(str, ids)), **usual, **changes}


@pytest.fixture
def minutes(client: FlaskClient) -> int:
    return make_series(Asked(symbol="AAPL", interval=Interval.M30, days=40))


def test_the_form_of_a_series_is_on_its_page(client: FlaskClient, minutes: int) -> None:
    page = client.get(f"/series/{minutes}").text
    assert f"/ui/series/{minutes}/export" in page
    panel = client.get(f"/ui/series/{minutes}/export").text
    assert "America/New_York" in panel
    assert f'name="series" value="{minutes}"' in panel
    assert "Times in" not in client.get(f"/ui/series/{make_series(Asked())}/export").text  # dates have no zone


def test_many_series_come_by_link_or_by_a_form(client: FlaskClient, minutes: int) -> None:
    second = make_series(Asked())
    for page in (
        client.get(f"/exports/new?series={minutes}&series={second}").text,
        client.get(f"/exports/new?series={minutes},{second}&format=parquet").text,
        client.post("/exports/new", data={"id": [minutes, second]}).text,
    ):
        assert f'value="{minutes},{second}"' in page
        assert "2 series" in page
    assert "No series is chosen" in client.get("/exports/new").text
    assert client.get("/exports/new?series=x").status_code == 422
    assert client.get("/exports/new?series=4711").status_code == 404
    assert client.get(f"/exports/new?series={','.join(map(str, range(1, 502)))}").status_code == 422


def test_page_and_preview_say_what_prices_are_not_adjusted_for(client: FlaskClient) -> None:
    series_id = make_series(Asked(), replace(MICROSOFT, currency="GBp"))
    with writing() as connection:
        row = queries_series.get(connection, series_id)
        assert row
        paid = Action("dividend", Asked().span.start + 30 * DAY, 0.5, "USD")
        queries_actions.upsert(connection, row.instrument_id, [paid], 1, NOW)
    page = client.get(f"/series/{series_id}").text
    assert "Collect daily bars of GBP=X." in page
    assert "0.5 USD" in page
    adjusted = client.post("/ui/exports/form", data=form(series_id, adjust="all"), headers=HTMX).text
    assert "Collect daily bars of GBP=X." in adjusted
    plain = client.post("/ui/exports/form", data=form(series_id), headers=HTMX).text
    assert "not adjusted" not in plain


def test_the_preview_shows_rows_size_and_the_first_lines(client: FlaskClient, minutes: int) -> None:
    answer = client.post("/ui/exports/form", data=form(minutes, zone="exchange"), headers=HTMX)
    assert answer.status_code == 200
    assert re.search(r'id="export-rows">\s*1,\d{3}\s', answer.text)
    assert "kB" in answer.text
    assert re.search(r"<td>\d{4}-\d\d-\d\dT\d\d:\d\d:00-0[45]:00</td>", answer.text)
    assert "Download" in answer.text


@pytest.mark.parametrize(
    ("changes", "field", "told"),
    [
        ({"start": "yesterday"}, "start", "“yesterday” is not a date."),
        ({"end": "2024-13-01"}, "end", "“2024-13-01” is not a date."),
        ({"start": "2024-03-02", "end": "2024-03-01"}, "end", "The end lies before the start."),
        ({"zone": "other", "zone_name": "Mars/Olympus"}, "zone", "is not a time zone"),
        ({"zone": "other"}, "zone", "is not a time zone"),
        ({"adjust": "some"}, "adjust", "is not an adjustment"),
        ({"format": "xls"}, "format", "“xls” is not a value of “format”."),
    ],
)
def test_what_is_wrong_stands_at_its_field(
    client: FlaskClient, minutes: int, changes: dict[str, str], field: str, told: str
) -> None:
    for url in ("/ui/exports/form", "/exports"):
        answer = client.post(url, data=form(minutes, **changes), headers=HTMX)
        assert answer.status_code == 422
        assert re.search(rf'id="{field}-problem">.*?<span>[^<]*{told}', answer.text, re.DOTALL)
    page = client.post("/exports", data=form(minutes, **changes))
    assert (page.status_code, "<html" in page.text) == (422, True)


def test_bars_can_be_merged_by_the_form(client: FlaskClient, minutes: int) -> None:
    preview = client.post("/ui/exports/form", data=form(minutes, interval="1d"), headers=HTMX).text
    assert re.search(r'id="export-rows">\s*about \d+\s', preview)
    assert re.search(r'<option value="1d"\s+selected>', preview)
    to = client.post("/exports", data=form(minutes, interval="1d")).headers["Location"]
    assert to == f"/series/{minutes}/export.csv?interval=1d"
    assert client.get(to).headers["Content-Disposition"] == "attachment; filename=AAPL_1d_yahoo.csv"


def test_what_the_form_cannot_show_is_said_all_the_same(client: FlaskClient, minutes: int) -> None:
    answer = client.post("/ui/exports/form", data=form(minutes, interval="1s"), headers=HTMX)
    assert answer.status_code == 422
    assert "cannot be merged" in answer.text
    assert client.post("/ui/exports/form", data=form(), headers=HTMX).status_code == 422


def test_a_small_export_is_a_download(client: FlaskClient, minutes: int) -> None:
    sent = form(minutes, format="arrow", adjust="none", start="2020-01-01", zone="other", zone_name="Asia/Tokyo")
    to = client.post("/exports", data=sent, headers=HTMX).headers["HX-Redirect"]
    assert to == f"/series/{minutes}/export.arrow?adjust=none&start=2020-01-01&zone=Asia/Tokyo"
    answer = client.get(to)
    assert answer.headers["Content-Disposition"] == "attachment; filename=AAPL_30m_yahoo_none.arrow"
    assert answer.data.startswith(b"ARROW1")
    assert client.post("/exports", data=form(minutes)).headers["Location"] == f"/series/{minutes}/export.csv"


def test_several_series_are_an_archive(client: FlaskClient, minutes: int) -> None:
    second = make_series(Asked())
    to = client.post("/exports", data=form(minutes, second, zone="exchange")).headers["Location"]
    assert to == f"/exports/{minutes},{second}.zip?format=csv&zone=exchange"
    answer = client.get(to)
    assert answer.mimetype == "application/zip"
    names = zipfile.ZipFile(io.BytesIO(answer.data)).namelist()
    assert names == ["AAPL_30m_yahoo.csv", "MSFT_1d_yahoo.csv", "series.csv"]


@pytest.mark.parametrize("path", ["1.zip?format=xls", "0,x.zip", "4711.zip", "1.zip?zone=x", "1.zip?start=x"])
def test_a_wrong_link_to_an_archive_is_no_crash(client: FlaskClient, minutes: int, path: str) -> None:
    assert client.get(f"/exports/{path}").status_code in (404, 422)


def test_the_default_file_is_what_it_always_was(client: FlaskClient) -> None:
    series_id = make_series(Asked())
    answer = client.get(f"/series/{series_id}/export.csv")
    assert answer.data.startswith(b"time,open,high,low,close,volume\n20")
    assert client.get(f"/series/{series_id}/export.csv?zone=&start=&interval=").data == answer.data


def test_many_series_are_made_in_the_background(client: FlaskClient) -> None:
    ids = [make_series(Asked(symbol=f"S{n}", days=7)) for n in range(51)]
    preview = client.post("/ui/exports/form", data=form(*ids), headers=HTMX).text
    assert "a worker makes it" in preview
    assert "Make the file" in preview
    assert client.post("/exports", data=form(*ids)).headers["Location"] == "/exports"
    page = client.get("/exports").text
    assert "The file is being made." in page
    assert "The queue does not answer at the moment" in page
    assert "moisson_51_series_" in page


def test_the_list_shows_each_state_with_what_can_be_done(client: FlaskClient, minutes: int) -> None:
    states = [state for state in ExportState if state is not ExportState.EXPIRED]
    ids = {state: make_export(minutes, state) for state in states}
    page = client.get("/exports").text
    rows = {state: page.split(f'id="export-{export_id}"')[1].split("</tr>")[0] for state, export_id in ids.items()}
    verbs = {state: set(re.findall(r"/exports/\d+/(\w+)", row)) for state, row in rows.items()}
    assert verbs == {
        ExportState.PENDING: {"cancellation"},
        ExportState.RUNNING: {"cancellation"},
        ExportState.DONE: {"file", "removal"},
        ExportState.FAILED: {"repetition", "removal"},
        ExportState.CANCELLED: {"repetition", "removal"},
    }
    assert "There is no series 4711." in rows[ExportState.FAILED]
    assert "40%" in rows[ExportState.RUNNING]


def test_the_list_polls_while_a_file_is_made_and_then_rests(client: FlaskClient, minutes: int) -> None:
    make_export(minutes)
    assert "data-poll" not in client.get("/ui/exports/table").text
    running = make_export(minutes, ExportState.RUNNING)
    page = client.get("/exports").text
    url = re.search(r'hx-get="(/ui/exports/table\?v=[^"]+)"', page)
    assert url
    assert client.get(url[1]).status_code == 204
    assert client.post(f"/exports/{running}/cancellation", headers=HTMX).headers["HX-Trigger"] == "exports-changed"
    changed = client.get(url[1])
    assert changed.status_code == 200
    assert "data-poll" not in changed.text
    assert client.post(f"/exports/{running}/cancellation").status_code == 409


def test_a_file_is_fetched_made_again_and_deleted(client: FlaskClient, minutes: int) -> None:
    export_id = make_export(minutes)
    with client.get(f"/exports/{export_id}/file") as answer:
        whole = answer.data
        assert answer.headers["Content-Disposition"] == "attachment; filename=MSFT.csv"
    with client.get(f"/exports/{export_id}/file", headers={"Range": "bytes=10-19"}) as part:
        assert (part.status_code, part.data) == (206, whole[10:20])
    assert whole == client.get(f"/series/{minutes}/export.csv").data
    assert client.post(f"/exports/{export_id}/removal").headers["Location"] == "/exports"
    assert client.get(f"/exports/{export_id}/file").status_code == 404
    failed = make_export(minutes, ExportState.FAILED)
    assert client.get(f"/exports/{failed}/file").status_code == 409
    assert client.post(f"/exports/{failed}/repetition", headers=HTMX).status_code == 204
    assert background.find(failed).state is ExportState.PENDING


def test_a_file_in_another_folder_is_a_sentence_and_no_crash(client: FlaskClient, minutes: int) -> None:
    export_id = make_export(minutes)
    for path in folder_of(context()).iterdir():
        path.unlink()
    answer = client.get(f"/exports/{export_id}/file")
    assert answer.status_code == 404
    assert "MOISSON_FOLDER" in answer.text


@pytest.mark.parametrize(("size", "told"), [(1, "1 byte"), (999, "999 byte"), (1500, "1.5 kB"), (12_345_678, "12 MB")])
def test_sizes_are_read_by_people(client: FlaskClient, size: int, told: str) -> None:
    with client.application.test_request_context():
        assert file_size(size) == told
