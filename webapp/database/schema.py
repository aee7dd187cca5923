"""The database's schema: is it the one this code needs, and bring it there."""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from webapp.database import queries_health

_MIGRATIONS = Path(queries_health.__file__).parent / "migrations"


def _config() -> Config:
    config = Config(str(_MIGRATIONS / "alembic.ini"))
    config.set_main_option("script_location", str(_MIGRATIONS))
    return config


@cache
def newest() -> str | None:
    """Return the newest migration of this code; it cannot change while the process runs."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def is_current() -> bool:
    """Tell whether the database has the newest migration; False as well when it does not answer."""
    return queries_health.revision() == newest()


def is_outdated() -> bool:
    """Tell whether the database answers and does not have the newest migration."""
    return queries_health.answers() and not is_current()


def upgrade() -> None:
    """Run the migrations that the database does not have yet; nothing happens when it has them all."""
    command.upgrade(_config(), "head")
