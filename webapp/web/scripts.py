"""Our scripts: ES modules that browsers load as they are, under a path that names the version of all of them together.

A module imports its neighbours by relative paths, so the version cannot stand in the query, as it does for other files
of ours: in the path it holds for the imports as well. Browsers may keep each of them for good, and never mix old ones
with new ones.
"""

import hashlib
from functools import lru_cache
from pathlib import Path

from flask import Blueprint, Response, current_app, url_for

blueprint = Blueprint("scripts", __name__)
_FOR_GOOD = "public, max-age=31536000, immutable"


@blueprint.get("/static/modules-<version>/<path:filename>")
def module(version: str, filename: str) -> Response:
    """Send a module; one of another version than ours, which a page from before an upgrade wants, is not kept."""
    answer = current_app.send_static_file(filename)
    if version == current_version():
        answer.headers["Cache-Control"] = _FOR_GOOD
    return answer


def script(filename: str) -> str:
    """Return the URL of one of our own modules."""
    return url_for("scripts.module", version=current_version(), filename=filename)


def current_version() -> str:
    """Return the hash of all our modules."""
    if current_app.debug:
        _cached_digest.cache_clear()
    return _cached_digest(str(current_app.static_folder))


def digest_of(folder: Path) -> str:
    """Return a hash that changes with any module in a folder; vendored files have their versions in their paths."""
    digest = hashlib.blake2s(digest_size=6)
    for path in sorted(folder.rglob("*.js")):
        name = path.relative_to(folder).as_posix()
        if not name.startswith("vendor/"):
            digest.update(name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


@lru_cache(maxsize=2)
def _cached_digest(folder: str) -> str:
    return digest_of(Path(folder))
