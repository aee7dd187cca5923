"""All verbs, each written once: ``Client`` does their steps one after the other, ``AsyncClient`` awaits them."""

from moisson_client.bar_verbs import BarVerbs
from moisson_client.job_verbs import JobVerbs
from moisson_client.series_verbs import SeriesVerbs


class Verbs(JobVerbs, SeriesVerbs, BarVerbs):
    """What a client can be asked."""
