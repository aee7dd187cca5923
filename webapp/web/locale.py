"""The reader's language: a choice kept in a cookie, else what the browser asks for."""

from flask import request

LANGUAGES = {"fr": "Français", "en": "English"}


def choose_locale() -> str:
    """Return ``fr`` or ``en``."""
    chosen = request.cookies.get("lang", "")
    if chosen in LANGUAGES:
        return chosen
    return request.accept_languages.best_match(LANGUAGES, default="en")
