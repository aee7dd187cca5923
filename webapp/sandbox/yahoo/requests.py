"""One request as the stand-in sees it."""

from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import parse_qsl, unquote, urlsplit

CHART = "/v8/finance/chart/"
QUOTE_SUMMARY = "/v10/finance/quoteSummary/"


@dataclass(frozen=True)
class Request:
    """An HTTP request.

    :param target: path and query as they came.
    :param arrived: the real time of arrival, in UTC epoch seconds.
    """

    method: str
    host: str
    target: str
    arrived: float
    cookies: str = field(default="", repr=False)

    @cached_property
    def path(self) -> str:
        """Return the path, with nothing escaped in it."""
        return unquote(urlsplit(self.target).path)

    @cached_property
    def query_text(self) -> str:
        """Return the query as it came."""
        return urlsplit(self.target).query

    @cached_property
    def query(self) -> dict[str, str]:
        """Return the fields of the query."""
        return dict(parse_qsl(self.query_text, keep_blank_values=True))

    @cached_property
    def symbol(self) -> str:
        """Return the symbol that is asked for, or an empty text."""
        for prefix in (CHART, QUOTE_SUMMARY):
            if self.path.startswith(prefix):
                return self.path.removeprefix(prefix).strip("/").upper()
        return self.query.get("symbols", "").upper()

    @property
    def interval(self) -> str:
        """Return the interval of a chart, or an empty text."""
        return self.query.get("interval", "")

    @property
    def chunk(self) -> tuple[str, ...]:
        """Return what makes it another question: the path, the interval, and the period or range."""
        return (
            self.path,
            self.interval,
            *(self.query.get(name, "") for name in ("period1", "period2", "range")),
        )
