"""All verbs, each written once: ``Client`` does their steps one after the other, ``AsyncClient`` awaits them."""

from moisson_client.bar_verbs import BarVerbs
from moisson_client.series_verbs import SeriesVerbs


class Verbs(BarVerbs, SeriesVerbs):
    """What a client can be asked."""
