"""``init-db``: bring the database's tables to what this version needs."""

import click
from flask_babel import gettext

from webapp.cli.speaking import TablelessCommand, confirm
from webapp.database import schema


@click.command("init-db", cls=TablelessCommand)
def init_db() -> None:
    """Create or update the database's tables; may be run at any time."""
    had_all = schema.is_current()
    schema.upgrade()
    text = gettext("The tables are up to date already.") if had_all else gettext("The tables are ready.")
    confirm({"revision": schema.newest(), "is_changed": not had_all}, text)
