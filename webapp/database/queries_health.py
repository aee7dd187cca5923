"""Whether the database answers, and which migration it has."""

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from webapp.database.transactions import reading
from webapp.extensions import db


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
            return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    except SQLAlchemyError:
        return None


def name() -> str:
    """Return where the database is, without the password, which may stand among the options as well."""
    return db.engine.url.set(query={}).render_as_string(hide_password=True)
