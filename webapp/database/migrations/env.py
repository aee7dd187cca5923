"""How Alembic runs our migrations: always inside the application, with the application's engine."""

from alembic import context
from flask import current_app
from sqlalchemy.types import TypeDecorator


def _render_item(kind, value, autogen_context):
    """Write our own column types as what they are in the database, so that migrations import nothing of ours."""
    del autogen_context
    if kind == "type" and isinstance(value, TypeDecorator):
        return f"sa.{value.impl!r}"
    return False


def run() -> None:
    """Migrate, in one transaction where the database can."""
    migrate = current_app.extensions["migrate"]
    with migrate.db.engine.connect().execution_options(writes=True) as connection:
        context.configure(
            connection=connection,
            target_metadata=migrate.db.metadata,
            render_as_batch=True,
            render_item=_render_item,
            compare_type=True,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
