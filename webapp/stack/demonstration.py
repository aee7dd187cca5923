"""For notebooks: let a Python session use the demonstration's database and queue instead of the real installation's."""

import os
from pathlib import Path

from webapp.config import ROOT
from webapp.errors import SettingsError, sentence
from webapp.stack.parts import REDIS_ADDRESS


def use_demo() -> Path:
    """Point this session at what ``make demo`` runs, and return the folder of its files.

    To be called before anything else of ours is used, since settings are read once; what ``.env`` says of the real
    installation does not count then. ``MOISSON_FOLDER`` in the environment names another folder than ``var/demo``.

    :raises SettingsError: when no demonstration has ever run there.
    """
    folder = Path(os.environ.get("MOISSON_FOLDER") or ROOT / "var" / "demo").resolve()
    database = folder / "moisson.db"
    if not database.exists():
        message = sentence(
            "There is no demonstration in %(folder)s yet. Start it in a terminal with: make demo", folder=str(folder)
        )
        raise SettingsError(message)
    os.environ["MOISSON_FOLDER"] = str(folder)
    os.environ["DATABASE_URL"] = f"sqlite:///{database}"
    address = folder / REDIS_ADDRESS
    if address.exists():
        os.environ["REDIS_URL"] = address.read_text(encoding="ascii").strip()
    return folder
