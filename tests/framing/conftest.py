"""Frames are read from both databases."""

from tests.notebook.conftest import store as both_stores

__all__ = ["both_stores"]
