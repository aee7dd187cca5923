"""Saved gateways."""

from sqlalchemy import Connection, Row, select

from webapp.domain.gateways import Gateway
from webapp.store.tables import SavedGateway

_SELECT = select(SavedGateway.name, SavedGateway.host, SavedGateway.port, SavedGateway.client_id)


def _gateway(row: Row[str, str, int, int] | None) -> Gateway | None:
    return None if row is None else Gateway(row.name, row.host, row.port, row.client_id)


def by_name(connection: Connection, name: str) -> Gateway | None:
    """Return the gateway of a name, or None."""
    return _gateway(connection.execute(_SELECT.where(SavedGateway.name == name)).first())


def default(connection: Connection) -> Gateway | None:
    """Return the gateway that jobs ask when they name none, or None when none was saved as such."""
    return _gateway(connection.execute(_SELECT.where(SavedGateway.is_default).limit(1)).first())
