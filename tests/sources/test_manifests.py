"""What a source is stands in its folder: its manifest is complete, and no code elsewhere names it."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.servers import ROOT
from webapp.config import load_settings
from webapp.errors import InvalidRequestError, SettingsError
from webapp.sources.base import SeriesQuery
from webapp.sources.choices import option_texts
from webapp.sources.manifest import Capabilities, Manifest
from webapp.sources.option_fields import OPTION_FIELDS, OPTIONS
from webapp.sources.registry import MANIFESTS, capabilities_of, gateway_source

ALLOWED = {
    "webapp/job_manager.py",  # the default of its interface
    "webapp/kernel/collect_fields.py",  # the default of form, API and command line
}
"""Files that name a source; a line goes when its file needs it no longer, and none comes."""
EVERY = pytest.mark.parametrize("manifest", MANIFESTS.values(), ids=MANIFESTS)


def test_no_code_outside_its_folder_names_a_source() -> None:
    named = re.compile(rf"""["']({"|".join(MANIFESTS)})["']""")
    files = [*(ROOT / "webapp").rglob("*.py"), *(ROOT / "templates").rglob("*.html"), *(ROOT / "static").rglob("*.js")]
    naming = {
        str(path.relative_to(ROOT))
        for path in files
        if not path.is_relative_to(ROOT / "webapp" / "sources") and not path.is_relative_to(ROOT / "webapp" / "sandbox")
        if "vendor" not in path.parts
        if named.search(path.read_text(encoding="utf-8"))
    }
    assert naming == ALLOWED


@EVERY
def test_a_source_s_folder_and_its_settings_carry_its_name(manifest: Manifest) -> None:
    assert (ROOT / "webapp" / "sources" / manifest.name / "client.py").is_file()
    assert len({setting.name for setting in manifest.settings}) == len(manifest.settings)


@EVERY
def test_settings_are_what_the_manifest_says_until_the_environment_says_more(
    manifest: Manifest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = load_settings(tmp_path, read_dotenv=False).sources[manifest.name]
    assert usual == {setting.name: setting.default for setting in manifest.settings} | {
        name: str(tmp_path / folder) for name, folder in manifest.folders.items()
    }
    numbers = [setting for setting in manifest.settings if isinstance(setting.default, float)]
    for setting in numbers:
        monkeypatch.setenv(setting.environment, "7.5")
    changed = load_settings(tmp_path, read_dotenv=False).sources[manifest.name]
    assert {setting.name: changed[setting.name] for setting in numbers} == {setting.name: 7.5 for setting in numbers}


@EVERY
def test_the_example_of_an_environment_shows_what_is_usual(manifest: Manifest) -> None:
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    shown = dict(line[1:].split("=", 1) for line in lines if re.match(r"#[A-Z_]+=", line))
    for setting in manifest.settings:
        text = shown[setting.environment]
        if setting.default is not None:
            assert setting.default == (float(text) if isinstance(setting.default, float) else text)


@EVERY
def test_a_setting_that_is_no_number_is_named(
    manifest: Manifest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for setting in manifest.settings:
        if isinstance(setting.default, float):
            with monkeypatch.context() as patch:
                patch.setenv(setting.environment, "many")
                with pytest.raises(SettingsError, match=setting.environment):
                    load_settings(tmp_path, read_dotenv=False)


def test_a_setting_that_its_source_cannot_use_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IB_NIGHTLY_WINDOW", "at night")
    with pytest.raises(SettingsError, match="IB_NIGHTLY_WINDOW is “at night”"):
        load_settings(tmp_path, read_dotenv=False)


@EVERY
def test_the_demonstration_sets_what_the_source_reads(manifest: Manifest) -> None:
    market = {"proxy": "http://127.0.0.1:1", "ca_bundle": "ca.pem", "tws": "127.0.0.1:2"}
    environment: Mapping[str, str] = manifest.demonstration({}, market)
    assert set(environment) <= set(manifest.environments)
    assert bool(environment) == manifest.capabilities.is_collected, (
        "a source that asks must be told where the market is"
    )


@EVERY
def test_how_long_requests_take_can_be_told_by_the_usual_settings(manifest: Manifest) -> None:
    pace = {setting.name: setting.default for setting in manifest.settings if isinstance(setting.default, float)}
    query = SeriesQuery(manifest.offer.example, manifest.offer.intervals[0])
    few, many = (manifest.offer.seconds(query, requests, pace) for requests in (1, 1000))
    assert 0 < few < many


@pytest.mark.parametrize("source", MANIFESTS)
def test_an_option_that_a_source_does_not_have_is_refused(source: str) -> None:
    for name in OPTION_FIELDS:
        if name in OPTIONS[source]:
            assert option_texts(source, {name: "x"}) == {name: "x"}
        else:
            with pytest.raises(InvalidRequestError, match="is not an option of") as caught:
                option_texts(source, {name: "x"})
            assert list(caught.value.fields) == ["options"]


def test_a_source_that_is_no_longer_there_can_do_nothing() -> None:
    gone = capabilities_of("gone")
    assert gone == Capabilities(is_collected=False)
    assert capabilities_of(gateway_source()).has_gateways
