"""Runs the real, unmodified yfinance in a process of its own and tells what it returned or raised.

Reads questions as lines of JSON, ``{"symbol", "options": {…}}`` or ``{"search"}``, and answers each with one line.
"""

import json
import sys
import warnings
from typing import Any

import yfinance

warnings.simplefilter("ignore")
yfinance.config.debug.hide_exceptions = False


def history(symbol: str, options: dict[str, Any]) -> dict[str, Any]:
    # yfinance keeps failures in this cache too, and would never ask again.
    yfinance.data.YfData.cache_get.cache_clear()
    ticker = yfinance.Ticker(symbol)
    frame = ticker.history(auto_adjust=False, actions=True, **options)
    metadata = dict(ticker.get_history_metadata()._metadata())  # noqa: SLF001 (without another request)
    return {
        "columns": list(frame.columns),
        "dates": [str(label.date()) for label in frame.index],
        "starts": [int(label.timestamp()) for label in frame.index],
        "rows": json.loads(frame.to_json(orient="values", double_precision=15)),
        "metadata": {name: str(value) for name, value in metadata.items()},
    }


def answer(question: dict[str, Any]) -> dict[str, Any]:
    if "search" in question:
        return {"quotes": yfinance.Search(question["search"]).quotes}
    return history(question["symbol"], question["options"])


for line in sys.stdin:
    try:
        result = answer(json.loads(line))
    except Exception as error:  # noqa: BLE001 (whatever it raises is what the tests want to know)
        result = {"error": type(error).__name__, "text": str(error)}
    sys.stdout.write(json.dumps(result) + "\n")
    sys.stdout.flush()
