"""What gunicorn and ``flask --app wsgi`` load."""

from webapp.app import create_app
from webapp.errors import SettingsError

try:
    app = create_app()
except SettingsError as wrong:
    raise SystemExit(str(wrong)) from None
