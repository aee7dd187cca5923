"""Saved gateways."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import Connection, Row, delete, insert, select, update

from webapp.gateways.tables import SavedGateway
from webapp.jobs.tables import Job
from webapp.kernel.gateways import Gateway
from webapp.kernel.job_states import ACTIVE

_SELECT = select(SavedGateway.name, SavedGateway.host, SavedGateway.port, SavedGateway.client_id)


@dataclass(frozen=True, slots=True)
class SavedRow:
    """A saved gateway with its id."""

    id: int
    gateway: Gateway
    is_default: bool


def _gateway(row: Row[str, str, int, int] | None) -> Gateway | None:
    return None if row is None else Gateway(row.name, row.host, row.port, row.client_id)


def by_name(connection: Connection, name: str) -> Gateway | None:
    """Return the gateway of a name, or None."""
    return _gateway(connection.execute(_SELECT.where(SavedGateway.name == name)).first())


def default(connection: Connection) -> Gateway | None:
    """Return the gateway that jobs ask when they name none, or None when none was saved as such."""
    return _gateway(connection.execute(_SELECT.where(SavedGateway.is_default).limit(1)).first())


def every(connection: Connection) -> list[SavedRow]:
    """Return all saved gateways, by name."""
    columns = (SavedGateway.id, SavedGateway.is_default, *_SELECT.selected_columns)
    rows = connection.execute(select(*columns).order_by(SavedGateway.name))
    return [SavedRow(row.id, Gateway(row.name, row.host, row.port, row.client_id), row.is_default) for row in rows]


def save(connection: Connection, gateway: Gateway, at: dt.datetime) -> int:
    """Add a gateway and return its id."""
    values = {"name": gateway.name, "host": gateway.host, "port": gateway.port, "client_id": gateway.client_id}
    statement = connection.execute(
        insert(SavedGateway).values(**values, is_default=False, saved_at=at).returning(SavedGateway.id)
    )
    return int(statement.scalar_one())


def change(connection: Connection, gateway_id: int, gateway: Gateway, at: dt.datetime) -> None:
    """Give a gateway other values."""
    values = {"name": gateway.name, "host": gateway.host, "port": gateway.port, "client_id": gateway.client_id}
    connection.execute(update(SavedGateway).where(SavedGateway.id == gateway_id).values(**values, saved_at=at))


def make_default(connection: Connection, gateway_id: int | None) -> None:
    """Let jobs that name none ask this one; with None, none of the saved."""
    connection.execute(update(SavedGateway).values(is_default=SavedGateway.id == gateway_id))


def remove(connection: Connection, gateway_id: int) -> None:
    """Forget a gateway."""
    connection.execute(delete(SavedGateway).where(SavedGateway.id == gateway_id))


def named_by_active_jobs(connection: Connection, name: str) -> bool:
    """Tell whether a job that is not over names this gateway."""
    states = [state.value for state in ACTIVE]
    rows = connection.execute(select(Job.options).where(Job.state.in_(states)).distinct())
    return any(row.options.get("gateway") == name for row in rows)
