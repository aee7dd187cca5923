"""Gateways that a person saved, and which one a job asks."""

from collections.abc import Mapping

from webapp.domain.gateways import Gateway
from webapp.errors import InvalidRequestError, sentence
from webapp.services.context import Context
from webapp.store import gateways
from webapp.store.transactions import reading

SOURCE = "ibkr"
"""The source that is reached through gateways."""


def chosen(context: Context, options: Mapping[str, str]) -> Gateway:
    """Return the gateway that the options name, or else the default one: saved, or of the settings.

    :raises InvalidRequestError: with the field ``gateway`` when there is none of that name (any more).
    """
    name = options.get("gateway", "")
    with reading() as connection:
        found = gateways.by_name(connection, name) if name else gateways.default(connection)
    if found is not None:
        return found
    if name and name != context.gateway.name:
        message = sentence("There is no gateway “%(name)s”. Save it first, or choose another one.", name=name[:40])
        raise InvalidRequestError({"gateway": message})
    return context.gateway
