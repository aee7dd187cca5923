"""The sources there are. A new one is a folder and its manifest's line in ``MANIFESTS``, or a package of its own."""

import importlib
from typing import cast

from webapp.errors import InvalidRequestError, sentence
from webapp.sources.base import Client, ClientTools, Offer
from webapp.sources.ibkr.manifest import MANIFEST as IBKR
from webapp.sources.installed import load_installed
from webapp.sources.manifest import Capabilities, GatewaySettings, Manifest
from webapp.sources.own.manifest import MANIFEST as OWN
from webapp.sources.yahoo.manifest import MANIFEST as YAHOO

MANIFESTS: dict[str, Manifest] = {manifest.name: manifest for manifest in (YAHOO, IBKR, OWN)}
_INSTALLED, LEFT_OUT = load_installed(MANIFESTS)
"""The sources of installed packages, and a sentence for each that cannot be used."""
MANIFESTS |= {name: source.manifest for name, source in _INSTALLED.items()}
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
    source = offer(name).name
    package = _INSTALLED[source].package if source in _INSTALLED else f"webapp.sources.{source}"
    module = importlib.import_module(f"{package}.client")
    return cast("Client", module.open_client(tools))
