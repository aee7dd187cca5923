"""The template, copied as the how-to says and brought by a package, keeps the contract against a small service."""

import importlib
import re
import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.documents import text_of
from tests.servers import RedisServer
from tests.sources.csv_service import running_service
from tests.sources.packages import copy_template
from webapp.coverage.rules_exchanges import CALENDARS
from webapp.kernel.bars import DIVIDEND
from webapp.kernel.intervals import DAY, Interval
from webapp.kernel.job_states import ErrorKind
from webapp.kernel.spans import Span
from webapp.sources.base import ChunkRequest, Client, ClientTools, SourceError
from webapp.sources.contract import NOW, find_answer_problems, find_broken_laws, find_error_problems
from webapp.sources.installed import GROUP, InstalledSource, load_installed
from webapp.sources.kit.labels import format_label
from webapp.sources.manifest import SourceSettings
from webapp.sources.registry import MANIFESTS

NEW_YEAR, NEW_YEAR_AFTER = 1_672_531_200, 1_704_067_200
"""2023, by its labels."""


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_template(tmp_path_factory.mktemp("copy"))


@pytest.fixture
def copied(packages: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[InstalledSource]:
    monkeypatch.syspath_prepend(packages)
    loaded, problems = load_installed(MANIFESTS, [EntryPoint("copied", "copied.manifest:MANIFEST", GROUP)])
    assert problems == ()
    yield loaded["copied"]
    for name in [name for name in sys.modules if name.partition(".")[0] == "copied"]:
        del sys.modules[name]


@pytest.fixture
def client(copied: InstalledSource, redis_server: RedisServer, tmp_path: Path) -> Iterator[Client]:
    with running_service() as address, redis_server.client() as redis:
        redis.flushall()
        settings: SourceSettings = {"base_url": address, "requests_per_second": 100.0, "cooldown_seconds": 0.1}
        opened: Client = importlib.import_module("copied.client").open_client(
            ClientTools(redis, tmp_path, lambda: NOW, settings)
        )
        yield opened
        opened.close()


def ask_for(symbol: str, start: int = NEW_YEAR, end: int = NEW_YEAR_AFTER) -> ChunkRequest:
    return ChunkRequest(symbol, Interval.D1, Span(start, end))


def test_the_copy_keeps_all_laws_and_nothing_of_the_template_s_name_is_left(
    copied: InstalledSource, packages: Path
) -> None:
    manifest = copied.manifest
    assert find_broken_laws(manifest) == []
    assert (manifest.name, manifest.offer.label, copied.package) == ("copied", "Copied", "copied")
    left = [path for path in (packages / "copied").glob("*.*") if re.search("template", text_of(path), re.IGNORECASE)]
    assert left == []


def test_its_example_of_an_environment_shows_each_setting_as_it_usually_is(
    copied: InstalledSource, packages: Path
) -> None:
    shown = dict(re.findall(r"(?m)^#([A-Z_]+)=(.*)$", text_of(packages / "copied" / "env.example")))
    settings = {setting.environment: setting.default for setting in copied.manifest.settings}
    assert set(shown) == set(settings)
    for name, default in settings.items():
        if default is not None:
            assert shown[name] == (f"{default:g}" if isinstance(default, float) else default)


def test_bars_and_dividends_of_a_year(client: Client) -> None:
    assert list(find_answer_problems(client, ask_for("ABC"), NOW)) == []
    answer = client.fetch(ask_for("ABC"))
    assert len(answer.bars) == 260
    assert answer.known_until == NEW_YEAR_AFTER
    assert [(format_label(action.time), action.value) for action in answer.actions] == [
        ("2023-03-01", 0.5),
        ("2023-06-01", 0.5),
        ("2023-09-01", 0.5),
        ("2023-12-01", 0.5),
    ]
    assert {action.kind for action in answer.actions} == {DIVIDEND}
    assert answer.facts.exchange in CALENDARS


def test_the_day_that_is_not_over_is_left_out(client: Client) -> None:
    today = int(NOW) // DAY * DAY
    request = ask_for("ABC", today - 7 * DAY, today + DAY)
    assert list(find_answer_problems(client, request, NOW)) == []
    assert client.fetch(request).known_until == today


def test_no_data_are_an_answer_that_says_so(client: Client) -> None:
    assert list(find_answer_problems(client, ask_for("NEW"), NOW)) == []
    answer = client.fetch(ask_for("NEW"))
    assert (answer.bars, answer.known_until) == ([], NEW_YEAR_AFTER)
    assert str(answer.note) == "Copied has no data of NEW in that span."


def test_an_unknown_symbol_is_named(client: Client) -> None:
    assert list(find_error_problems(client, ask_for("NOPE"))) == []
    with pytest.raises(SourceError, match="Copied does not know “NOPE”") as caught:
        client.fetch(ask_for("NOPE"))
    assert caught.value.kind is ErrorKind.UNKNOWN_SYMBOL


def test_too_many_requests_say_how_long_to_wait(client: Client) -> None:
    with pytest.raises(SourceError) as caught:
        client.fetch(ask_for("BUSY"))
    assert caught.value.kind is ErrorKind.RATE_LIMITED
    assert 1.0 <= (caught.value.retry_after or 0) < 2.0


HEAD = b"date,open,high,low,close,volume,dividend\n"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"day,price\n",
        HEAD + b"2023-01-02,1,2,1,2,1000,\n2023-01-0",
        HEAD + b"2023-01-02,1,2,1\n",
        HEAD + b"2023-01-02,1,2,1,2,1000,,more\n",
        HEAD + b"2023-01-02,1,2,n/a,2,1000,\n",
        HEAD + b"yesterday,1,2,1,2,1000,\n",
        HEAD + b'2023-01-02,"1,2,1,2,1000,\n',
        b"\xff\xfe\n",
    ],
)
def test_what_cannot_be_read_is_an_error_and_no_empty_answer(
    client: Client, monkeypatch: pytest.MonkeyPatch, body: bytes
) -> None:
    monkeypatch.setattr("webapp.sources.kit.session.KitSession.get", lambda *_: body)
    with pytest.raises(SourceError, match="was cut or garbled") as caught:
        client.fetch(ask_for("ABC"))
    assert caught.value.kind is ErrorKind.UNAVAILABLE


def test_the_service_can_be_looked_at() -> None:
    with running_service() as address, urlopen(f"{address}/daily/ABC.csv?from=2023-01-01&to=2023-01-03") as answer:
        first, *others = answer.read().splitlines(keepends=True)
    assert first == HEAD
    assert [line[:10] for line in others] == [b"2023-01-02", b"2023-01-03"]
