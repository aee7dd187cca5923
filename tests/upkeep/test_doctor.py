"""What the doctor finds, in plain words."""

import datetime as dt
from pathlib import Path

from tests.servers import RedisServer
from tests.stored import Store, opened
from webapp.collecting.rescue import CLOCK
from webapp.database.transactions import writing
from webapp.jobs import queries_events
from webapp.sources.pace import Pace
from webapp.upkeep.doctor import examine


def texts(store: Store, **settings: str | float | None) -> dict[str, bool]:
    return {str(finding.text): finding.is_good for finding in examine(store.context, {"yahoo": settings})}


def test_a_clock_that_stopped_is_named_with_its_last_beat(store: Store) -> None:
    with writing() as connection:
        queries_events.process_beat(connection, "clock@test", CLOCK, store.now)
    store.now += dt.timedelta(hours=1)
    assert texts(store)["The clock last beat at 2024-03-06 12:00:00 (UTC). Start it: flask --app wsgi clock"] is False


def test_a_queue_that_is_away_is_named_and_its_workers_are_not_guessed(store: Store) -> None:
    store.queue.alive = None
    found = texts(store)
    assert [text for text, good in found.items() if not good and "Redis" in text]
    assert not [text for text in found if "worker" in text]


def test_settings_of_a_source_are_checked(store: Store, tmp_path: Path) -> None:
    bundle = tmp_path / "bundle.pem"
    assert (
        texts(store, requests_per_second=0.0)["yahoo would never be asked: its requests per second must be above 0."]
        is False
    )
    assert (
        texts(store, ca_bundle=str(bundle))[
            f"yahoo is to trust the certificates in {bundle}, but there is no such file."
        ]
        is False
    )
    bundle.touch()
    assert texts(store, ca_bundle=str(bundle))[f"yahoo trusts the certificates in {bundle}."]
    assert texts(store, requests_per_second=0.5)["yahoo is asked at most 0.5 times a second."]


def test_a_rate_that_is_lowered_is_told_with_its_reason(store: Store, redis_server: RedisServer) -> None:
    redis = redis_server.client()
    redis.delete("moisson:pace:yahoo")
    object.__setattr__(store.context, "redis", redis)
    lowered = "yahoo is asked 0.25 times a second for now, since it refused more; the rate comes back slowly."
    assert lowered not in texts(store, requests_per_second=0.5)
    Pace(redis, "yahoo", interval=2, cooldown=60).cool_down()
    told = texts(store, requests_per_second=0.5)
    assert told[lowered]
    assert [text for text in told if text.startswith("yahoo said that there were too many requests: all workers pause")]
    redis.delete("moisson:pace:yahoo")


def test_a_database_that_does_not_answer_is_named(bare: Store) -> None:
    Path(str(bare.app.config["SQLALCHEMY_DATABASE_URI"]).removeprefix("sqlite:///")).mkdir()
    found = texts(bare)
    assert [text for text, good in found.items() if not good and "database does not answer" in text]


def test_simulated_prices_are_said(store: Store) -> None:
    object.__setattr__(store.context, "simulated", True)
    assert texts(store)["Prices are simulated: the sources are the offline market."]


def test_no_password_is_told(tmp_path: Path) -> None:
    url = "postgresql+psycopg://me:secret-word@127.0.0.1:1/prices?password=secret-word"
    with opened(tmp_path, url) as away:
        found = texts(away)
    assert "secret-word" not in "".join(found)
    assert any("prices" in text for text in found)
