"""What must be said of adjusted prices: where the source's own are not what its dividends make of them."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import Connection

from webapp.errors import Sentence, sentence
from webapp.reading.rules_adjustment import Adjust
from webapp.series import queries_action_findings
from webapp.series.queries_action_findings import FindingRow
from webapp.series.queries_series import SeriesRow

_MOST = 3
"""So many findings are told singly."""


def describe_findings(connection: Connection, row: SeriesRow, adjust: Adjust) -> tuple[Sentence, ...]:
    """Return what must be said of a series' prices as they are asked for; payouts concern those of ``all`` only."""
    if adjust is not Adjust.ALL or row.first_bar is None:
        return ()
    findings = queries_action_findings.of_instrument(connection, row.instrument_id)
    concerned = [finding for finding in findings if finding.span.end > row.first_bar]
    if len(concerned) > _MOST:
        return (_summarize(concerned),)
    return tuple(_describe(finding) for finding in concerned)


def _describe(finding: FindingRow) -> Sentence:
    return sentence(
        "Before %(day)s the source's own adjusted prices of %(symbol)s differ from these by %(size)s %%: no dividend "
        "on record explains it.",
        symbol=finding.symbol,
        day=_date(finding.span.end),
        size=_percent(finding.size),
    )


def _summarize(findings: Sequence[FindingRow]) -> Sentence:
    whole = 1.0
    for finding in findings:
        whole *= 1 + finding.size
    return sentence(
        "Before %(last)s the source's own adjusted prices of %(symbol)s differ from these on %(days)d days, before "
        "%(first)s by %(size)s %% in all: no dividends on record explain it.",
        symbol=findings[0].symbol,
        first=_date(findings[0].span.end),
        last=_date(findings[-1].span.end),
        days=len(findings),
        size=_percent(whole - 1),
    )


def _date(label: int) -> str:
    return f"{dt.datetime.fromtimestamp(label, dt.UTC):%Y-%m-%d}"


def _percent(size: float) -> str:
    return f"{100 * size:+.2f}"
