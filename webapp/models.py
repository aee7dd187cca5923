"""The call that people have in their notebooks: ``from webapp.models import init_db; init_db()``."""

from webapp.app import in_app
from webapp.database import schema


def init_db() -> None:
    """Create the database's tables, or bring them up to date; nothing happens when they are."""
    with in_app():
        schema.upgrade()
