"""Watchlists over HTTP: what is taken and answered, and the calls."""
