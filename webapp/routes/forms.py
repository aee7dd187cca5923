"""The form that asks for a collection. It keeps what was typed; services say what is wrong with it."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from wtforms import BooleanField, DateField, Form, StringField, TextAreaField
from wtforms.validators import Optional

from webapp.domain.instruments import split_symbols
from webapp.domain.intervals import Interval
from webapp.domain.jobs import Priority
from webapp.domain.requests import EARLIEST, PERIODS, CollectRequest
from webapp.errors import InvalidRequestError, Sentence, sentence
from webapp.services.sources import SourceChoice
from webapp.store.jobs import JobRow

DATES = "dates"
_NOT_A_DATE = sentence("This is not a date. Write it as year-month-day, for example 2024-03-01.")


@dataclass(frozen=True, slots=True)
class FormChoices:
    """What the form offers to choose from."""

    sources: tuple[SourceChoice, ...]
    intervals: tuple[Interval, ...]
    periods: tuple[str, ...] = (*PERIODS, DATES)
    priorities: tuple[Priority, ...] = tuple(Priority)


def form_choices(sources: tuple[SourceChoice, ...]) -> FormChoices:
    """Return what the form offers, given what the sources serve: any interval that one of them has."""
    served = {one.interval for source in sources for one in source.intervals}
    return FormChoices(sources, tuple(sorted(served, key=lambda one: one.seconds)))


class CollectForm(Form):  # type: ignore[misc]  # WTForms has no types
    """What to collect. Fields are named as in ``InvalidRequestError.fields``; choices stand in ``FormChoices``."""

    symbols = TextAreaField(default="")
    source = StringField()
    interval = StringField(default="1d")
    period = StringField(default="1y")
    start = DateField(validators=[Optional()])
    end = DateField(validators=[Optional()])
    priority = StringField(default="normal")
    refresh = BooleanField()
    prepost = BooleanField()

    @property
    def symbol_count(self) -> int:
        """How many symbols were typed, each counted once."""
        return len(split_symbols(self.symbols.data or ""))

    def to_request(self) -> CollectRequest:
        """Return what was asked for.

        :raises InvalidRequestError: with a sentence for each field that cannot be read.
        """
        problems = self._unreadable()
        if problems:
            raise InvalidRequestError(problems)
        by_dates = self.period.data == DATES
        interval = Interval(self.interval.data)
        prepost = self.prepost.data and not interval.is_dated
        return CollectRequest(
            source=self.source.data or "",
            symbols=tuple(split_symbols(self.symbols.data or "")),
            interval=interval,
            start=self.start.data if by_dates else None,
            end=self.end.data if by_dates else None,
            period=None if by_dates else self.period.data,
            options={"prepost": "true"} if prepost else {},
            priority=Priority[self.priority.data.upper()],
            refresh=bool(self.refresh.data),
        )

    def _unreadable(self) -> dict[str, Sentence]:
        problems: dict[str, Sentence] = {}
        if self.period.data == DATES and not self.validate():
            problems |= {name: _NOT_A_DATE for name in ("start", "end") if self[name].errors}
        if self.interval.data not in list(Interval):
            problems["interval"] = sentence("Choose an interval from the list.")
        if str(self.priority.data).upper() not in Priority.__members__:
            problems["priority"] = sentence("Choose a priority from the list.")
        return problems


def like_job(job: JobRow) -> Mapping[str, object]:
    """Return the form's values that ask for the same as a job."""
    values: dict[str, object] = {
        "symbols": job.symbol,
        "source": job.source,
        "interval": job.interval.value,
        "priority": job.priority.name.lower(),
        "refresh": job.refresh,
        "prepost": job.options.get("prepost") == "true",
    }
    if job.span.start <= EARLIEST:
        return values | {"period": "max"}
    start, last = (dt.datetime.fromtimestamp(time, dt.UTC).date() for time in (job.span.start, job.span.end - 1))
    return values | {"period": DATES, "start": start, "end": last}
