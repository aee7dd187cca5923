"""What a page shows while a worker looks at an uploaded file, and when none does."""

import dataclasses
import gzip
from typing import cast

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.web.conftest import AwayQueue, answer_inquiry
from tests.web.test_gateways import deaf
from tests.web.test_imports import FILE, FORM, HTMX, place, send, told
from webapp.context import EXTENSION, context
from webapp.importing import uploads
from webapp.queue import Queue

pytestmark = pytest.mark.usefixtures("worker")


def test_a_page_opens_no_file_and_waits_for_the_worker_that_does(app: Flask, client: FlaskClient) -> None:
    deaf(app)
    where = send(client, FILE).headers["Location"]
    page = client.get(where)
    assert "A worker looks at the file…" in told(page)
    folder = uploads.folder_of(context()) / where.rpartition("/")[2]
    assert {path.name for path in folder.iterdir()} == {"sent", "sent.json"}
    assert "every 400ms" in client.get(f"/ui{where}/opening/1").text
    answer_inquiry(1)
    assert client.get(f"/ui{where}/opening/1", headers=HTMX).headers["HX-Redirect"] == where
    page = client.get(f"{where}?look=1")
    assert "A worker reads the first lines…" in told(page)
    answer_inquiry(2)
    fragment = client.get(f"/ui{where}/looks/2")
    assert "2 bars will be written" in told(fragment)
    assert "hx-get" not in fragment.text
    assert client.get(f"/ui/imports/{'0' * 32}/looks/2").status_code == 404, "a question about another file"


def test_a_broken_file_is_told_when_the_worker_has_looked(app: Flask, client: FlaskClient) -> None:
    deaf(app)
    where = send(client, b"\x89PNG\r\n\x1a\n\0").headers["Location"]
    client.get(where)
    answer_inquiry(1)
    fragment = client.get(f"/ui{where}/opening/1", headers=HTMX)
    assert "This is neither CSV nor Parquet nor Arrow." in told(fragment)
    assert "hx-get" not in fragment.text


def test_what_was_said_is_kept_without_a_script(app: Flask, client: FlaskClient) -> None:
    where = place(client)
    answer = client.post(f"/ui{where}/preview", data=FORM | {"symbol": "OTHER", "interval": "1wk"})
    assert answer.status_code == 303
    page = client.get(answer.headers["Location"])
    assert 'value="OTHER"' in page.text
    assert "so they are no bars of 1wk." in told(page)


def test_without_a_queue_the_page_says_so(app: Flask, client: FlaskClient) -> None:
    app.extensions[EXTENSION] = dataclasses.replace(context(), queue=cast("Queue", AwayQueue()))
    page = client.get(send(client, FILE).headers["Location"])
    assert "so no worker can be asked" in told(page)


def test_a_squeezed_file_is_read_like_any_other(client: FlaskClient) -> None:
    page = client.get(place(client, gzip.compress(FILE.encode()), "ABC.csv.gz"))
    assert "2 bars will be written" in told(page)
    assert 'name="symbol" value="ABC"' in " ".join(page.text.split())


def test_the_series_of_a_file_of_several_symbols_are_chosen_in_the_preview(client: FlaskClient) -> None:
    rows = FILE.splitlines()[1:]
    text = FILE.splitlines()[0] + ",ticker\n" + "".join(f"{row},{name}\n" for name in ("AAPL", "MSFT") for row in rows)
    where = place(client, text)
    page = client.get(where).text
    assert page.count('name="series"') == page.count("checked>") == 2
    form = FORM | {"ticker": "6", "choosing": "6", "symbol": ""}
    for series, sentence in (([], "Choose at least one series."), (["MSFT"], "2 bars will be written")):
        answer = client.post(f"/ui{where}/preview", data=form | {"series": series}, headers=HTMX)
        assert sentence in told(answer)
        assert answer.text.count('name="series"') == 2, "what was left out can be taken again"
    assert "AAPL 2024" not in told(answer)
    assert client.post(f"{where}/jobs", data=form | {"series": []}).status_code == 422
    answer = client.post(f"{where}/jobs", data=form | {"series": ["AAPL", "MSFT"]}, headers=HTMX)
    assert answer.headers["HX-Redirect"] == "/jobs?batch=1"
    history = told(client.get("/jobs?batch=1"))
    assert "AAPL" in history
    assert "MSFT" in history
