"""How gunicorn serves the site; see https://docs.gunicorn.org/en/stable/settings.html."""

import os
import sys
from pathlib import Path

from webapp.config import load_settings
from webapp.errors import SettingsError

try:
    _settings = load_settings()
except SettingsError as wrong:
    sys.stderr.write(f"{wrong}\n")
    sys.exit(2)

bind = f"[{_settings.host}]:{_settings.port}" if ":" in _settings.host else f"{_settings.host}:{_settings.port}"
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = 4
timeout = 60
graceful_timeout = 5  # a page takes milliseconds, and a stop must not keep anybody waiting
keepalive = 5
max_requests = 10_000
max_requests_jitter = 1_000
preload_app = False  # pooled connections must not cross a fork
control_socket_disable = True
accesslog = None
if Path("/dev/shm").is_dir():  # noqa: S108 -- memory, not a disk that may be slow
    worker_tmp_dir = "/dev/shm"  # noqa: S108
