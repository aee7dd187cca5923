"""What a researcher's script may look like: type checkers pass it at their strictest (``test_sample_script``)."""

import datetime as dt
import sys

import pandas as pd

from webapp.job_manager import Batch, JobManager, JobRecord


def collect() -> list[JobRecord]:
    """Submit, wait, and look at the jobs."""
    batch: Batch = JobManager.submit(["AAPL", "MSFT"], period="5y", priority="high")
    contracts = JobManager.submit("EUR.USD", source="ibkr", interval="1h", period="1mo", sec_type="CASH", what="BID")
    jobs = JobManager.wait(batch, timeout=60.0) + JobManager.wait(contracts.id, progress=False)
    for job in jobs:
        percent: int = job["progress"]["percent"]
        error = job["error"]
        reason = error["message"] if error is not None else None
        sys.stdout.write(f"{job['symbol']}: {percent} % {reason or ''}\n")
    outcome = JobManager.retry(batch, "once more")
    return [*outcome.changed, *JobManager.get_recent_jobs(limit=5)]


def returns(symbols: list[str]) -> pd.DataFrame:
    """Return daily returns of several symbols, and what a share paid."""
    closes = JobManager.get(symbols, start=dt.date(2020, 1, 1), field="close", adjust="all", partial="keep")
    changes: pd.DataFrame = closes.pct_change().dropna(how="all")
    paid = JobManager.bars(symbols, columns=["close"], actions=True)
    sys.stdout.write(f"{paid['dividends'].sum():.2f}\n")
    return changes


def others() -> int:
    """Return what Arrow, polars and the calendars have."""
    table = JobManager.bars("AAPL", interval="5m", zone="exchange", as_="arrow")
    frame = JobManager.get("AAPL", period="1y", as_="polars")
    sessions = JobManager.sessions(calendar="XNYS", start="2024-01-01", end="2024-12-31")
    names: list[str] = [*table.column_names, *frame.columns]
    statistics = JobManager.get_statistics()
    return table.num_rows + frame.height + len(sessions) + len(names) + statistics["week"]["bars_written"]


def main() -> None:
    """Do all of it."""
    sys.stdout.write(f"{len(collect())} {returns(['AAPL', 'MSFT']).shape} {others()}\n")


if __name__ == "__main__":
    main()
