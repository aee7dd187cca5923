"""The pages that import a file of one's own."""

import html
import io
import re

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from webapp.database.transactions import reading
from webapp.importing import uploads
from webapp.jobs import queries_jobs
from webapp.jobs.queries_jobs import JobFilter
from webapp.web.imports import incoming

pytestmark = pytest.mark.usefixtures("worker")
HTMX = {"HX-Request": "true"}
FILE = "time,open,high,low,close,volume\n2024-02-01,1,2,1,2,3\n2024-02-02,1,2,1,2,3\n"
COLUMNS = {"time": "0", "open": "1", "high": "2", "low": "3", "close": "4", "volume": "5"}
FORM = COLUMNS | {
    "order": "ymd",
    "zone": "UTC",
    "names": "start",
    "interval": "1d",
    "decimal": ".",
    "symbol": "mine",
    "bad": "stop",
}


def send(client: FlaskClient, content: bytes | str, name: str = "data.csv") -> TestResponse:
    raw = content.encode() if isinstance(content, str) else content
    return client.post("/imports", data={"file": (io.BytesIO(raw), name)}, content_type="multipart/form-data")


def send_large(client: FlaskClient, size: int) -> TestResponse:
    """Send a file of about so many bytes; the test client would leave a temporary file of its own open."""
    head = '--x\r\nContent-Disposition: form-data; name="file"; filename="data.csv"\r\n\r\n'
    lines = "2024-02-01,1,2,1,2,3\n" * (size // 21)
    body = f"{head}{FILE}{lines}\r\n--x--\r\n".encode()
    return client.post("/imports", data=body, content_type="multipart/form-data; boundary=x")


def place(client: FlaskClient, content: bytes | str = FILE, name: str = "data.csv") -> str:
    answer = send(client, content, name)
    assert answer.status_code == 303, told(answer)
    assert client.get(answer.headers["Location"]).status_code == 200, "a worker has looked at it"
    return answer.headers["Location"]


def told(answer: TestResponse) -> str:
    """What an answer says, without its tags."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def ask(client: FlaskClient, where: str, **changes: str) -> TestResponse:
    return client.post(f"{where}/jobs", data=FORM | changes, headers=HTMX)


def job_count() -> int:
    with reading() as connection:
        return queries_jobs.count(connection, JobFilter())


def test_a_file_is_shown_as_it_stands_and_as_what_it_becomes(client: FlaskClient) -> None:
    page = client.get(place(client, name="ABC_daily.csv"))
    assert page.status_code == 200
    assert "2 bars will be written, from Feb 1, 2024 to Feb 2, 2024." in told(page)
    assert 'name="symbol" value="ABC"' in " ".join(page.text.split()), "the name of the file gives the symbol"


def test_prices_of_a_file_have_as_many_decimals_below_each_other(client: FlaskClient) -> None:
    where = place(
        client, "time,open,high,low,close,volume\n2024-02-01,98.3,99,93.03,98,3\n2024-02-02,629.5,630,620,625,3\n"
    )
    page = client.post(f"/ui{where}/preview", data=FORM, headers=HTMX).text
    assert re.findall(r'"numeric">([\d.]+)</td>', page)[:6] == ["98.30", "99.00", "93.03", "98.00", "3", "629.50"]


def test_an_import_makes_a_job_and_goes_to_it(client: FlaskClient) -> None:
    where = place(client)
    assert ask(client, where).headers["HX-Redirect"] == "/jobs/1"
    without_script = client.post(f"{where}/jobs", data=FORM)
    assert (without_script.status_code, without_script.headers["Location"]) == (303, "/jobs/1")
    page = told(client.get("/jobs/1"))
    assert "MINE" in page
    assert "by an import" in page
    assert "0 of 1 request " in page
    assert "Asks again for what was already there." not in page


WRONG: list[tuple[dict[str, str], str]] = [
    ({"order": ""}, "Say how dates are written"),
    ({"close": ""}, "Choose the column that holds this."),
    ({"close": "77"}, "Choose the column that holds this."),
    ({"interval": "never"}, "Choose how long a bar is."),
    ({"symbol": "a b"}, "is not a symbol"),
    ({"symbol": ""}, "Give at least one symbol"),
    ({"currency": "12"}, "Write a currency with its letters"),
    ({"zone": "other", "zone_name": "Mars/Olympus"}, "is not a time zone"),
    ({"calendar": "NOPE"}, "There is no calendar"),
    ({"open": "0"}, "2 lines of the file make no bar"),
    ({"time": "1", "bad": "skip"}, "Not one line of this file makes a bar."),
]


def test_what_is_wrong_is_said_and_nothing_is_queued(client: FlaskClient) -> None:
    where = place(client)
    for changes, sentence in WRONG:
        answer = ask(client, where, **changes)
        assert answer.status_code == 422, changes
        assert sentence in told(answer), changes
    assert job_count() == 0


MINUTES = "time,open,high,low,close,volume\n" + "".join(
    f"2024-02-01 09:{minute},1,2,1,2,3\n" for minute in (30, 31, 32)
)


def test_times_without_a_zone_are_those_of_the_exchange(client: FlaskClient) -> None:
    where = place(client, MINUTES)
    assert "Choose the exchange, or the time zone" in told(client.get(where))
    form = FORM | {"interval": "1m", "zone": "exchange"}
    answer = ask(client, where, interval="1m", zone="exchange")
    assert (answer.status_code, job_count()) == (422, 0)
    assert re.search(r'<select id="zone"[^>]*aria-invalid="true"', answer.text)
    page = client.post(f"/ui{where}/preview", data=form | {"calendar": "XNYS"}, headers=HTMX)
    assert "2024-02-01 14:30:00" in told(page)
    assert "outside the sessions" not in told(page)
    page = client.post(f"/ui{where}/preview", data=form | {"calendar": "XNYS", "zone": "UTC"}, headers=HTMX)
    assert "3 bars lie outside the sessions of the chosen exchange." in told(page)


def test_an_interval_that_the_file_contradicts_is_refused(client: FlaskClient) -> None:
    answer = ask(client, place(client, MINUTES), interval="1d", calendar="XNYS")
    assert (answer.status_code, job_count()) == (422, 0)
    assert "The lines of this file are 1m apart, so they are no bars of 1d." in told(answer)
    assert re.search(r'<select id="interval"[^>]*aria-invalid="true"', answer.text)


def test_bad_lines_are_told_beside_what_becomes_of_the_others(client: FlaskClient) -> None:
    where = place(client, FILE + "oops,1,2,1,2,3\n2031-02-01,1,2,1,2,3\n" + FILE.splitlines()[1] + "\n")
    for answer in (client.get(where), ask(client, where)):
        text = told(answer)
        assert "2 lines make bars, from Feb 1, 2024 to Feb 2, 2024." in text
        assert "1 line makes no bar." in text
        assert "1 bar is not finished yet and is left out." in text
        assert "1 line says the same as an earlier one and counts once." in text
        assert "Line 4" in text
        assert answer.text.count('<th scope="row">2024-02-0') == 2
    assert "correct it, or choose “Leave them out” below" in text


def test_dates_that_may_be_read_in_two_ways_are_asked_about(client: FlaskClient) -> None:
    where = place(client, FILE.replace("2024-02-01", "01/02/2024").replace("2024-02-02", "02/02/2024"))
    page = client.get(where)
    assert "Say how dates are written: the file alone does not tell." in told(page)
    assert "bars will be written" not in told(page)
    preview = client.post(f"/ui{where}/preview", data=FORM | {"order": "mdy"}, headers=HTMX)
    assert "from Jan 2, 2024 to Feb 2, 2024" in told(preview)


def test_numbers_that_may_be_read_in_two_ways_are_asked_about_and_both_are_shown(client: FlaskClient) -> None:
    row = '2024-02-01,"140,880","141,500","140,120","141,060",0\n'
    where = place(client, "Date,Open,High,Low,Close,Volume\n" + row)
    form = FORM | {"decimal": ""}
    for page in (client.get(where), client.post(f"/ui{where}/preview", data=form, headers=HTMX)):
        assert "these numbers can be read in two ways" in told(page)
    assert "Point (1234.5) 2024-02-01 140,880 141,500 140,120 141,060 0" in told(page)
    assert "Comma (1234,5) 2024-02-01 140.88 141.5 140.12 141.06 0" in told(page)
    answer = client.post(f"{where}/jobs", data=form, headers=HTMX)
    assert answer.status_code == 422
    assert re.search(r'<select id="decimal"[^>]*aria-invalid="true"', answer.text)


def test_both_readings_of_a_date_are_shown(client: FlaskClient) -> None:
    where = place(client, FILE.replace("2024-02-01", "03/02/2024").replace("2024-02-02", "04/02/2024"))
    page = told(client.post(f"/ui{where}/preview", data=FORM | {"order": ""}, headers=HTMX))
    assert "Day first (31/12/2024) 2024-02-03" in page
    assert "Month first (12/31/2024) 2024-03-02" in page


def test_a_column_that_a_header_leaves_open_is_asked_for(client: FlaskClient) -> None:
    where = place(client, "Date,Close_AAPL,High_AAPL,Low_AAPL,Open_AAPL,Volume A,Volume B\n2024-02-01,4,5,1,2,7,8\n")
    assert "More than one column may be the volume." in told(client.get(where))
    form = FORM | {"open": "4", "high": "2", "low": "3", "close": "1"}
    for volume, sentence in (("", "More than one column"), ("none", "1 bar will be written"), ("6", "1 bar will")):
        answer = client.post(f"/ui{where}/preview", data=form | {"volume": volume}, headers=HTMX)
        assert sentence in told(answer), volume
    page = client.post(f"{where}/jobs", data=form | {"volume": "none", "symbol": ""}).text
    assert re.search(r'value="none"\s+selected', page), "what was said stays said"


def test_cells_are_shown_as_text_whatever_they_contain(client: FlaskClient) -> None:
    where = place(client, FILE + '=HYPERLINK("http://x"),<script>alert(1)</script>,2,1,2,0\n', "<b>x</b>.csv")
    page = client.get(where).text
    assert "<script>alert(1)" not in page
    assert "<b>x</b>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "is not a date like" in page


def test_a_broken_file_gets_a_sentence(client: FlaskClient) -> None:
    contents = (b"", b"PAR1 broken", bytes(range(256)) * 5, b"# only\n", b",,,\n;;;\n", b"\xef\xbb\xbf")
    for content in (*contents, b'{"a":[' + b'"b",' * 40_000 + b"]}"):
        answer = client.get(send(client, content).headers["Location"])
        assert answer.status_code == 422
        assert 'aria-invalid="true"' in answer.text


def test_no_file_and_no_longer_a_file_get_a_sentence(client: FlaskClient) -> None:
    assert "Choose a file first." in told(client.post("/imports"))
    gone = client.get("/imports/" + "0" * 32)
    assert gone.status_code == 404
    assert "Upload it once more" in told(gone)


def test_a_file_that_is_too_large_is_refused_with_its_limit(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "LARGEST_FILE", 5_000_000 - incoming.REST)
    assert send_large(client, 4_000_000).status_code == 303, "more than any other address takes"
    answer = send_large(client, 6_000_000)
    assert answer.status_code == 413
    assert "This file is larger than" in told(answer)


def test_an_upload_needs_the_form_s_token(guarded: FlaskClient) -> None:
    assert send(guarded, FILE).status_code == 400
    token = re.search(r'name="csrf_token" value="([^"]+)"', guarded.get("/imports/new").text)
    assert token
    data = {"file": (io.BytesIO(FILE.encode()), "data.csv"), "csrf_token": token[1]}
    assert guarded.post("/imports", data=data, content_type="multipart/form-data").status_code == 303
