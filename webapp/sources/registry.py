"""The sources there are. A new one is a folder and its line in ``FOLDERS``, or a package of its own."""

import importlib
import importlib.util
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import cast

from webapp.errors import InvalidRequestError, sentence
from webapp.sources.base import Client, ClientTools, Offer
from webapp.sources.installed import load_installed
from webapp.sources.manifest import Capabilities, GatewaySettings, Manifest

FOLDERS = (
    "yahoo",
    "ibkr",
    "own",
)
"""The folders beside this file that hold a source each, in the order in which forms offer them."""


def _load_ours() -> Iterator[tuple[str, Manifest]]:
    """Yield the package and the manifest of each of our own sources."""
    for folder in FOLDERS:
        package = f"webapp.sources.{folder}"
        yield package, cast("Manifest", importlib.import_module(f"{package}.manifest").MANIFEST)


def _list_translations(packages: Iterable[str]) -> Iterator[Path]:
    """Yield the catalogues that sources bring in their folders; a client stands in each, and is not loaded."""
    for package in packages:
        client = importlib.util.find_spec(f"{package}.client")
        if client and client.origin:
            folder = Path(client.origin).parent / "translations"
            if folder.is_dir():
                yield folder


_OURS = tuple(_load_ours())
MANIFESTS: dict[str, Manifest] = {manifest.name: manifest for _, manifest in _OURS}
_INSTALLED, LEFT_OUT = load_installed(MANIFESTS)
"""The sources of installed packages, and a sentence for each that cannot be used."""
MANIFESTS |= {name: source.manifest for name, source in _INSTALLED.items()}
PACKAGES = {manifest.name: package for package, manifest in _OURS} | {
    name: source.package for name, source in _INSTALLED.items()
}
"""The package of each source, in which its module ``client`` stands."""
TRANSLATIONS = tuple(_list_translations(PACKAGES.values()))
"""Folders of sentences that only a source says, translated where it stands."""
OFFERS: dict[str, Offer] = {name: manifest.offer for name, manifest in MANIFESTS.items()}
COLLECTING = tuple(name for name, manifest in MANIFESTS.items() if manifest.capabilities.is_collected)
"""The sources that can be asked for bars; one's own data come from files."""
LEAST_LOG_LEVELS = {name: least for each in MANIFESTS.values() for name, least in each.least_log_levels.items()}
"""From which level on what the sources' libraries log is worth reading."""
EXCHANGES = {word: code for each in reversed(MANIFESTS.values()) for word, code in each.exchanges.items()}
"""Calendars by what sources call exchanges, in upper case; where two differ about a word, the first counts."""
_OF_NO_SOURCE = Capabilities(is_collected=False)


def offer(name: str) -> Offer:
    """Return what a source serves.

    :raises InvalidRequestError: with the field ``source`` for an unknown name.
    """
    source_offer = OFFERS.get(name)
    if source_offer is None:
        message = sentence(
            "There is no source “%(name)s”. Use one of: %(names)s.", name=name[:20], names=", ".join(COLLECTING)
        )
        raise InvalidRequestError({"source": message})
    return source_offer


def capabilities_of(name: str) -> Capabilities:
    """Return what a source can do; one that is no longer there, whose series may still be stored, can do nothing."""
    manifest = MANIFESTS.get(name)
    return manifest.capabilities if manifest else _OF_NO_SOURCE


def gateway_source() -> str:
    """Return the name of the source that is reached through gateways; there is one."""
    return next(name for name, manifest in MANIFESTS.items() if manifest.capabilities.has_gateways)


def gateway_settings() -> GatewaySettings:
    """Return where the gateways of that source usually are."""
    return next(filter(None, (manifest.capabilities.gateways for manifest in MANIFESTS.values())))


def open_client(name: str, tools: ClientTools) -> Client:
    """Open a source's client; its library is loaded here and not before, since it is heavy and the web needs none."""
    module = importlib.import_module(f"{PACKAGES[offer(name).name]}.client")
    return cast("Client", module.open_client(tools))
