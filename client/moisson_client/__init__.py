"""Moisson's verbs over HTTP: collect market data on a server, and read bars as DataFrames anywhere.

``Client`` returns results, ``AsyncClient`` is awaited; both take an address and a token::

    from moisson_client import Client

    with Client("http://127.0.0.1:8000", token="moisson_…") as moisson:
        batch = moisson.submit(["AAPL", "MSFT"], interval="1d", period="5y")
        moisson.wait(batch)
        frame = moisson.bars("AAPL", adjust="all")
"""

from moisson_client.async_client import AsyncClient
from moisson_client.client import Client
from moisson_client.errors import MoissonError
from moisson_client.records import Batch, JobRecord, Outcome
from moisson_client.retries import Retries

__all__ = ["AsyncClient", "Batch", "Client", "JobRecord", "MoissonError", "Outcome", "Retries"]
