"""The sources there are. A new one is a folder and a line in ``OFFERS``."""

import importlib
from typing import cast

from webapp.errors import InvalidRequestError, sentence
from webapp.sources.base import Client, ClientTools, Offer
from webapp.sources.ibkr.offer import IbkrOffer
from webapp.sources.own.offer import OwnOffer
from webapp.sources.yahoo.offer import YahooOffer

OFFERS: dict[str, Offer] = {offer.name: offer for offer in (YahooOffer(), IbkrOffer(), OwnOffer())}
COLLECTING = tuple(name for name in OFFERS if name != OwnOffer.name)
"""The sources that can be asked for bars; one's own data come from files."""


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


def open_client(name: str, tools: ClientTools) -> Client:
    """Open a source's client; its library is loaded here and not before, since it is heavy and the web needs none."""
    module = importlib.import_module(f"webapp.sources.{offer(name).name}.client")
    return cast("Client", module.open_client(tools))
