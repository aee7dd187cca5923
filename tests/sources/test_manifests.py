"""What a source is stands in its folder: its manifest is complete, and no code elsewhere names it."""

import ast
import re
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.documents import shown_settings
from tests.servers import ROOT
from webapp.config import load_settings
from webapp.coverage.rules_exchanges import CALENDARS
from webapp.errors import InvalidRequestError, SettingsError
from webapp.kernel.instruments import InstrumentFacts, InstrumentKind
from webapp.kernel.request_fields import FieldKind
from webapp.kernel.requests import CollectRequest
from webapp.sources.base import SeriesQuery
from webapp.sources.choices import assume_facts, choices, kind_of, zone_of
from webapp.sources.manifest import Capabilities, Manifest, stay_away
from webapp.sources.option_fields import OPTION_FIELDS, OPTIONS
from webapp.sources.option_values import option_texts
from webapp.sources.registry import EXCHANGES, FOLDERS, MANIFESTS, PACKAGES, capabilities_of, gateway_source

ALLOWED = {
    "webapp/job_manager.py",  # an example in its description
    "webapp/notebook/catalogue_verbs.py",  # the default of its interface
    "webapp/notebook/collect_verbs.py",  # the same
    "webapp/kernel/collect_fields.py",  # the default of form, API and command line
}
"""Files that name a source; a line goes when its file needs it no longer, and none comes."""
LABELS = re.compile(r"\b(Yahoo|yfinance|IBKR|TWS|IB Gateway|Interactive Brokers|YAHOO_\w+|IB_\w+)\b")
"""What sources, their programs and their settings are called, where a person or a program may read it."""
LABELLED = {
    # the product's page of gateways, and what sidebar and doctor say of them: there is one kind, IBKR's
    "templates/components/gateways.html",
    "templates/gateways/index.html",
    "templates/status/_connections.html",
    "webapp/upkeep/doctor_gateways.py",
}
"""Files whose sentences name a source; a line goes when its file needs it no longer, and none comes."""
EVERY = pytest.mark.parametrize("manifest", MANIFESTS.values(), ids=MANIFESTS)


def shared_files() -> Iterator[tuple[str, str]]:
    """Yield names and texts of the files that no source owns: code, templates, scripts."""
    files = [*(ROOT / "webapp").rglob("*.py"), *(ROOT / "templates").rglob("*.html"), *(ROOT / "static").rglob("*.js")]
    owned = (ROOT / "webapp" / "sources", ROOT / "webapp" / "sandbox")
    for path in files:
        if "vendor" not in path.parts and not any(path.is_relative_to(folder) for folder in owned):
            yield str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")


def said_in(name: str, text: str) -> str:
    """What a file says when it runs: the texts of code without its docstrings, a template or script without remarks."""
    if not name.endswith(".py"):
        return re.sub(r"(?s)\{#.*?#\}|/\*.*?\*/|^\s*//[^\n]*", "", text)
    nodes = list(ast.walk(ast.parse(text)))
    remarks = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    texts = [node for node in nodes if isinstance(node, ast.Constant) and id(node) not in remarks]
    return "\n".join(node.value for node in texts if isinstance(node.value, str))


def test_no_code_outside_its_folder_names_a_source() -> None:
    named = re.compile(rf"""["']({"|".join(MANIFESTS)})["']""")
    naming = {name for name, text in shared_files() if named.search(text)}
    assert naming == ALLOWED, "a source is named elsewhere; or its name is a common word: give it another one"


def test_no_sentence_outside_its_folder_says_what_a_source_is_called() -> None:
    assert {name for name, text in shared_files() if LABELS.search(said_in(name, text))} == LABELLED


def test_a_source_has_the_name_of_its_folder() -> None:
    ours = {PACKAGES[name]: name for name in MANIFESTS if PACKAGES[name].startswith("webapp.")}
    names = {folder: ours.get(f"webapp.sources.{folder}") for folder in FOLDERS}
    assert names == {folder: folder for folder in FOLDERS}, "the offer in a folder has the folder's name"
    assert not any(folder.startswith("_") for folder in FOLDERS), "the template is there to be copied"


@EVERY
def test_a_source_has_a_client_and_settings_of_different_names(manifest: Manifest) -> None:
    assert find_spec(f"{PACKAGES[manifest.name]}.client") is not None
    assert len({setting.name for setting in manifest.settings}) == len(manifest.settings)


@EVERY
def test_exchanges_are_written_in_upper_case_and_have_calendars_that_may_be_chosen(manifest: Manifest) -> None:
    assert set(manifest.exchanges.values()) <= set(CALENDARS)
    assert [word for word in manifest.exchanges if word != word.strip().upper()] == []


def test_a_word_for_an_exchange_means_one_calendar_whichever_source_says_it() -> None:
    meanings = {meaning for manifest in MANIFESTS.values() for meaning in manifest.exchanges.items()}
    assert len(meanings) == len(EXCHANGES)


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
    shown = shown_settings()
    for setting in manifest.settings:
        assert setting.environment in shown, f"describe it in webapp/sources/{manifest.name}/env.example"
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
def test_examples_of_symbols_are_symbols(manifest: Manifest) -> None:
    assert manifest.grammar.examples
    for symbol in (manifest.offer.example, *manifest.grammar.examples):
        assert manifest.grammar.split(symbol) == [symbol]
        assert manifest.grammar.is_symbol(symbol)
        request = CollectRequest(manifest.name, (symbol,), manifest.offer.intervals[0], period="max")
        assert manifest.offer.normalized(request).symbols


@EVERY
def test_a_form_has_examples_and_fields_of_the_source_s_options(manifest: Manifest) -> None:
    if manifest.capabilities.is_collected:
        [choice] = [choice for choice in choices(0) if choice.name == manifest.name]
        shape = choice.form({})
        assert shape.examples
        assert {field.name for field in shape.fields} <= {option.field.name for option in manifest.options}


@EVERY
def test_a_variant_has_a_name_whatever_it_is(manifest: Manifest) -> None:
    assert manifest.describe_variant("").has_prices
    for name in ("", "of nobody"):
        assert all(str(word) for word in manifest.describe_variant(name).names)


def test_a_minimal_manifest_is_enough() -> None:
    least = Manifest(MANIFESTS["own"].offer, stay_away)
    assert least.listing_of("AAPL", InstrumentFacts(currency="USD")) is None, "nothing is compared by guess"
    assert least.describe_variant("").names == MANIFESTS["own"].describe_variant("").names
    assert least.grammar.find_problem(["aapl"]) is not None
    assert least.imply_options("AAPL") == {}


def test_kinds_of_instruments_are_the_same_at_all_sources() -> None:
    assert kind_of("ibkr", "STK") is InstrumentKind.SHARE_OR_FUND
    assert kind_of("ibkr", "CASH") is kind_of("yahoo", "CURRENCY") is InstrumentKind.CURRENCY
    assert kind_of("yahoo", "STK") is kind_of("gone", "STK") is InstrumentKind.UNKNOWN
    assert kind_of("gone", "EQUITY") is InstrumentKind.SHARE, "what the database has is understood without its source"


@EVERY
def test_how_long_requests_take_can_be_told_by_the_usual_settings(manifest: Manifest) -> None:
    pace = {setting.name: setting.default for setting in manifest.settings if isinstance(setting.default, float)}
    query = SeriesQuery(manifest.offer.example, manifest.offer.intervals[0])
    few, many = (manifest.offer.seconds(query, requests, pace) for requests in (1, 1000))
    assert 0 < few < many


OPTION_VALUES = {FieldKind.FLAG: "true", FieldKind.SWITCH: "false"}


@pytest.mark.parametrize("source", MANIFESTS)
def test_an_option_that_a_source_does_not_have_is_refused(source: str) -> None:
    for name in OPTION_FIELDS:
        if name in OPTIONS[source]:
            value = OPTION_VALUES.get(OPTION_FIELDS[name].kind, "x")
            assert option_texts(source, {name: value}) == {name: value}
        else:
            with pytest.raises(InvalidRequestError, match="is not an option of") as caught:
                option_texts(source, {name: "x"})
            assert list(caught.value.fields) == ["options"]


def test_a_source_that_is_no_longer_there_can_do_nothing() -> None:
    gone = capabilities_of("gone")
    assert gone == Capabilities(is_collected=False)
    assert capabilities_of(gateway_source()).has_gateways


@pytest.mark.parametrize(
    ("source", "symbol", "kind", "zone"),
    [
        ("yahoo", "AAPL", InstrumentKind.SHARE, "America/New_York"),
        ("yahoo", "BRK-B", InstrumentKind.SHARE, "America/New_York"),
        ("yahoo", "CBA.AX", InstrumentKind.SHARE, "Australia/Sydney"),
        ("yahoo", "2222.SR", InstrumentKind.SHARE, "Asia/Riyadh"),
        ("yahoo", "X.NOWHERE", InstrumentKind.SHARE, None),
        ("yahoo", "^GSPC", InstrumentKind.INDEX, "America/New_York"),
        ("yahoo", "^WHO", InstrumentKind.INDEX, None),
        ("yahoo", "BTC-USD", InstrumentKind.CRYPTO, "UTC"),
        ("yahoo", "EURUSD=X", InstrumentKind.CURRENCY, "Europe/London"),
        ("yahoo", "ES=F", InstrumentKind.FUTURE, "America/New_York"),
        ("ibkr", "AAPL", InstrumentKind.SHARE, "America/New_York"),
        ("ibkr", "MC.STK.SMART.EUR", InstrumentKind.SHARE, "Europe/Paris"),
        ("ibkr", "CBA.STK.ASX.AUD", InstrumentKind.SHARE, "Australia/Sydney"),
        ("ibkr", "EUR.CASH.IDEALPRO.USD", InstrumentKind.CURRENCY, "America/New_York"),
        ("ibkr", "ES.FUT.CME.USD.202603", InstrumentKind.FUTURE, "America/Chicago"),
        ("ibkr", "not a contract", InstrumentKind.UNKNOWN, None),
    ],
)
def test_a_symbol_says_what_may_be_assumed(source: str, symbol: str, kind: InstrumentKind, zone: str | None) -> None:
    facts = assume_facts(source, symbol)
    assert (facts.instrument_kind, facts.timezone) == (kind, zone)
    assert zone_of(source, symbol, None) == (ZoneInfo(zone) if zone else None)
    assert zone_of(source, symbol, "Asia/Tokyo") == ZoneInfo("Asia/Tokyo"), "the source's word counts more"
