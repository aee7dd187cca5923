"""Whether the database answers, and which migration it has."""

from alembic.runtime.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from webapp.store.transactions import reading


def answers() -> bool:
    """Tell whether the database answers."""
    try:
        with reading() as connection:
            connection.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return False
    return True


def revision() -> str | None:
    """Return the migration that the database has, or None when it has none or does not answer."""
    try:
        with reading() as connection:
            return MigrationContext.configure(connection).get_current_revision()
    except SQLAlchemyError:
        return None
