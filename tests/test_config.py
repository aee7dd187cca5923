from pathlib import Path

import pytest

from webapp.config import is_loopback, load_settings
from webapp.errors import SettingsError


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "localhost"])
def test_this_machine_is_served(host: str) -> None:
    assert is_loopback(host)


EVERYWHERE = "0.0.0.0"  # noqa: S104 -- refused, which is what is shown


@pytest.mark.parametrize("host", [EVERYWHERE, "::", "::1", "192.168.1.2", "example.org", ""])
def test_other_addresses_are_refused_with_a_sentence(
    host: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not is_loopback(host)
    monkeypatch.setenv("HOST", host)
    with pytest.raises(SettingsError, match="no sign-in yet"):
        load_settings(tmp_path, read_dotenv=False)


def test_a_setting_that_is_not_understood_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "eighty")
    with pytest.raises(SettingsError) as caught:
        load_settings(tmp_path, read_dotenv=False)
    assert "PORT" in str(caught.value)
    assert ".." not in str(caught.value)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql"])
def test_both_names_of_postgresql_are_understood(scheme: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", f"{scheme}://user:secret@localhost/data")
    assert load_settings(tmp_path, read_dotenv=False).database_url == "postgresql+psycopg://user:secret@localhost/data"


def test_redis_may_be_told_in_parts_or_by_the_embedded_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings(tmp_path, read_dotenv=False).redis_url == "redis://127.0.0.1:6379/0"
    (tmp_path / "redis_url").write_text("redis://127.0.0.1:16379/0", encoding="ascii")
    assert load_settings(tmp_path, read_dotenv=False).redis_url == "redis://127.0.0.1:16379/0"
    monkeypatch.setenv("REDIS_HOST", "queue")
    monkeypatch.setenv("REDIS_PASSWORD", "p@ss/word")
    assert load_settings(tmp_path, read_dotenv=False).redis_url == "redis://:p%40ss%2Fword@queue:6379/0"


def test_the_secret_key_is_made_once_and_kept_to_its_owner(tmp_path: Path) -> None:
    first = load_settings(tmp_path, read_dotenv=False).secret_key
    assert load_settings(tmp_path, read_dotenv=False).secret_key == first
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0
