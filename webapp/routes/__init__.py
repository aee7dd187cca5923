"""The pages, one blueprint a noun."""

from flask import Flask


def register(app: Flask) -> None:
    """Bind all blueprints."""
    del app
