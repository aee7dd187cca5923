"""What ``celery -A worker`` loads: the application's Celery."""

from webapp.app import create_app
from webapp.errors import SettingsError

try:
    flask_app = create_app()
except SettingsError as wrong:
    raise SystemExit(str(wrong)) from None
app = flask_app.extensions["celery"]
