"""What holds for every route: headers, tokens, hosts, redirects, error pages."""

import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from tests.scheduling.calendars import draft
from tests.web.export_factories import make_export
from tests.web.factories import Asked, make_gateway, make_inquiries, make_job, make_series
from tests.web.import_factories import TOKEN, make_look, make_upload
from webapp.config import ROOT
from webapp.context import context
from webapp.scheduling.schedules import create_schedule
from webapp.watchlists import lists
from webapp.watchlists.watchlist import Entry
from webapp.web import scripts
from webapp.web.redirects import safe_path


def urls(app: Flask, method: str) -> list[str]:
    """Return one URL of every route that takes a method."""
    return [_url(rule) for rule in app.url_map.iter_rules() if method in (rule.methods or set())]


def _url(rule: Rule) -> str:
    values: dict[str, object] = dict.fromkeys(rule.arguments, 1)
    if "inquiry_id" in values:
        values["inquiry_id"] = {"searches": 1, "gateways": 2}.get(rule.endpoint.partition(".")[0], 3)
    if "second_id" in values:
        values["second_id"] = 2
    if "filename" in values:
        values["filename"] = "css/tokens.css"
    if "fmt" in values:
        values["fmt"] = "csv"
    if "token" in values:
        values["token"] = TOKEN
    with_host = rule.build(values)
    assert with_host
    return str(with_host[1])


def test_every_answer_carries_the_headers(app: Flask, client: FlaskClient) -> None:
    make_series(Asked())
    make_job()
    for url in [*urls(app, "GET"), "/no/such/page"]:
        with client.get(url) as answer:
            headers, vary = answer.headers, answer.vary
        assert headers["Content-Security-Policy"].startswith("default-src 'self'; script-src 'self';"), url
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "same-origin"
        if not url.startswith("/static/"):
            assert headers["Cache-Control"] == "no-store", url
            assert {"HX-Request", "Cookie"} <= set(vary), url


def test_every_page_of_the_site_is_whole(app: Flask, client: FlaskClient) -> None:
    make_export(make_series(Asked()))
    make_series(Asked(symbol="AAPL"))
    make_job()
    lists.create(context(), "1", [Entry("yahoo", "AAPL")])
    create_schedule(context(), draft("AAPL"))
    make_gateway()
    make_inquiries()
    make_upload()
    make_look()
    for url in urls(app, "GET"):
        if url.startswith("/api/"):  # wants a token; it has tests of its own
            continue
        with client.get(url) as answer:
            assert answer.status_code in (200, 503), url


def test_vendored_files_are_kept_for_good_and_ours_by_their_hash(client: FlaskClient) -> None:
    head = client.get("/").text
    for url in re.findall(r'(?:src|href)="(/static/[^"#]+)', head):
        with client.get(url) as answer:
            assert answer.status_code == 200, url
            assert "immutable" in answer.headers["Cache-Control"], url
    with client.get("/static/css/tokens.css") as answer:
        assert "immutable" not in answer.headers.get("Cache-Control", "")


def test_a_module_and_its_imports_are_kept_for_good_as_long_as_none_of_them_changes(client: FlaskClient) -> None:
    """The version stands in the path, so that relative imports have it as well."""
    entry = re.search(
        r'<script type="module" src="(/static/modules-[0-9a-f]{12})/app\.js"></script>', client.get("/").text
    )
    assert entry
    imported = re.search(r'from "\./(\w+\.js)"', (ROOT / "static" / "app.js").read_text(encoding="utf-8"))
    assert imported
    for version, lasts in ((entry[1], True), ("/static/modules-000000000000", False)):
        for name in ("app.js", imported[1]):
            with client.get(f"{version}/{name}") as answer:
                assert answer.status_code == 200
                assert answer.mimetype == "text/javascript"
                assert ("immutable" in answer.headers["Cache-Control"]) is lasts
                etag = answer.headers["ETag"]
            with client.get(f"{version}/{name}", headers={"If-None-Match": etag}) as answer:
                assert answer.status_code == 304


def test_the_version_of_the_modules_changes_with_each_of_them(tmp_path: Path) -> None:
    (tmp_path / "chart").mkdir()
    (tmp_path / "vendor").mkdir()
    for name in ("app.js", "chart/words.js", "vendor/library.js"):
        (tmp_path / name).write_text("1")
    versions = [scripts.digest_of(tmp_path)]
    for name in ("app.js", "chart/words.js", "vendor/library.js"):
        (tmp_path / name).write_text("2")
        versions.append(scripts.digest_of(tmp_path))
    assert len(set(versions[:3])) == 3
    assert versions[3] == versions[2], "a vendored file has its version in its path"


def test_no_form_works_without_its_token(app: Flask, guarded: FlaskClient) -> None:
    make_job()
    posts = [url for url in urls(app, "POST") if not url.startswith("/api/")]
    assert len(posts) >= 7
    for url in posts:
        answer = guarded.post(url, data={"lang": "fr"})
        assert answer.status_code == 400, url
        assert "This page was open for too long" in answer.text


def test_the_token_of_the_page_is_accepted_from_a_header(guarded: FlaskClient) -> None:
    token = re.search(r'"X-CSRFToken": "([^"]+)"', guarded.get("/").text.replace("&#34;", '"'))
    assert token
    answer = guarded.post("/preferences", data={"lang": "fr"}, headers={"X-CSRFToken": token[1]})
    assert answer.status_code == 303


@pytest.mark.parametrize("path", ["/", "/jobs", "/healthz", "/static/app.js"])
def test_another_host_is_refused(client: FlaskClient, path: str) -> None:
    answer = client.get(path, headers={"Host": "evil.com"})
    assert answer.status_code == 400
    assert "evil.com" not in answer.text
    assert answer.headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize(
    "target",
    [
        *("//evil", "///evil", "/\\evil.com", "\\\\evil", "\t//evil", "/\t/evil", "https:evil", "http:///evil"),
        *("https://evil.com/", "javascript:alert(1)", "", None, "jobs", "/\n/evil", "/%0a/\x7f"),
    ],
)
def test_no_redirect_leads_to_another_site(client: FlaskClient, target: str | None) -> None:
    assert safe_path(target) == "/"
    answer = client.post("/preferences", data={"lang": "fr", "next": target or ""})
    assert answer.headers["Location"] == "/"


@pytest.mark.parametrize("target", ["/", "/jobs?state=failed&page=2", "/series/1"])
def test_a_path_of_this_site_is_gone_back_to(target: str) -> None:
    assert safe_path(target) == target


@pytest.mark.parametrize(("language", "told"), [("fr", "Il n’y a rien ici"), ("en", "There is nothing here")])
def test_an_error_is_a_page_in_the_readers_language(client: FlaskClient, language: str, told: str) -> None:
    for path in ("/nothing", "/jobs/999", "/series/999", "/jobs/99999999999999999999"):
        answer = client.get(path, headers={"Accept-Language": language})
        assert answer.status_code == 404
        assert told in answer.text


def test_a_wrong_method_is_405(client: FlaskClient) -> None:
    answer = client.get("/jobs/1/pause")
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]


def test_a_crash_shows_no_stack_trace(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    app.config.update(TESTING=False, PROPAGATE_EXCEPTIONS=False)
    monkeypatch.setitem(app.view_functions, "series.index", lambda: 1 / 0)
    for headers in ({}, {"HX-Request": "true"}):
        answer = app.test_client().get("/series", headers=headers)
        assert answer.status_code == 500
        assert "Something went wrong on our side" in answer.text
        assert "ZeroDivisionError" not in answer.text
        assert "Traceback" not in answer.text


@pytest.mark.parametrize("header", ["HX-History-Restore-Request", "HX-Boosted"])
def test_a_script_that_goes_back_or_follows_a_link_gets_a_page(client: FlaskClient, header: str) -> None:
    asked = {"HX-Request": "true"}
    assert "<html" not in client.get("/jobs/999", headers=asked).text
    assert "<html" in client.get("/jobs/999", headers=asked | {header: "true"}).text
