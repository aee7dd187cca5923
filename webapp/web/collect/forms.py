"""The form that asks for a collection. It keeps what was typed; the rooms say what is wrong with it."""

from collections.abc import Collection
from dataclasses import dataclass

from webapp.errors import InvalidRequestError, Sentence, sentence
from webapp.kernel.collect_fields import COLLECT_FIELDS
from webapp.kernel.intervals import Interval, parse_interval
from webapp.kernel.job_states import Priority
from webapp.kernel.requests import DATES, PERIODS, CollectRequest
from webapp.sources.choices import SourceChoice, implied_options, split_symbols
from webapp.sources.form_fields import FormShape
from webapp.sources.option_fields import OPTION_FIELDS, SOURCE_OPTIONS
from webapp.sources.option_values import option_texts
from webapp.web.forms import RequestForm, described_by

USUAL_INTERVAL = COLLECT_FIELDS["interval"].default
_NOT_A_DATE = sentence("This is not a date. Write it as year-month-day, for example 2024-03-01.")


@dataclass(frozen=True, slots=True)
class FormChoices:
    """What the form offers to choose from; ``shape`` has the fields of the source's options."""

    sources: tuple[SourceChoice, ...]
    source: SourceChoice
    intervals: tuple[Interval, ...]
    shape: FormShape
    gateways: tuple[str, ...]
    periods: tuple[str, ...] = (*PERIODS, DATES)
    priorities: tuple[Priority, ...] = tuple(Priority)

    @property
    def shown(self) -> frozenset[str]:
        """The names of the fields beside which a problem can be shown."""
        names = {"symbols", "source", "interval", "period", "start", "end", "priority"}
        names |= {field.name for field in self.shape.fields}
        return frozenset(names | {"gateway"} if self.has_gateways else names)

    @property
    def has_gateways(self) -> bool:
        """Whether there are gateways to choose from."""
        return self.source.capabilities.has_gateways and len(self.gateways) > 1


def form_choices(form: "CollectForm", offered: tuple[SourceChoice, ...], gateways: tuple[str, ...]) -> FormChoices:
    """Return what the form offers for the source, and the options so far, that it has.

    :param gateways: the names of all gateways.
    """
    source = next((choice for choice in offered if choice.name == form.source.data), offered[0])
    shape = source.form({name: _text(form[name].data) for name in OPTION_FIELDS})
    return FormChoices(offered, source, tuple(offer.interval for offer in source.intervals), shape, gateways)


def _text(data: object) -> str:
    """Return a field as an option's text; a box that is not ticked says nothing."""
    return "true" if data is True else str(data or "").strip()


@described_by((*COLLECT_FIELDS.values(), *OPTION_FIELDS.values()), {"source": None, "period": "1y"})
class CollectForm(RequestForm):
    """What to collect. Fields are named as in ``InvalidRequestError.fields``; choices stand in ``FormChoices``."""

    fields_endpoint = "collect.fields"
    """Where the fields of another source come from."""
    is_scheduled = False
    """Whether it is collected again and again: without a last day, and without asking for what is there."""

    @property
    def symbol_count(self) -> int:
        """How many symbols were typed, each counted once."""
        return len(self._symbols)

    @property
    def _interval(self) -> Interval | None:
        """The interval that is meant, also as a link may spell it."""
        return parse_interval(self.interval.data or "")

    @property
    def _symbols(self) -> tuple[str, ...]:
        return split_symbols(self.source.data or "", self.symbols.data or "")

    def to_request(self) -> CollectRequest:
        """Return what was asked for.

        :raises InvalidRequestError: with a sentence for each field that cannot be read.
        """
        problems = self._unreadable()
        if problems:
            raise InvalidRequestError(problems)
        by_dates = self.period.data == DATES
        return CollectRequest(
            source=self.source.data or "",
            symbols=self._symbols,
            interval=self._interval or Interval.D1,
            start=self.start.data if by_dates else None,
            end=self.end.data if by_dates else None,
            period=None if by_dates else self.period.data,
            options=self._options(),
            priority=Priority[self.priority.data.upper()],
            refresh=bool(self.refresh.data),
        )

    def imply(self, typed: Collection[str]) -> None:
        """Fill in the options that the symbols themselves say, but for the fields that are ``typed``."""
        for name, text in implied_options(self.source.data or "", self.symbols.data or "").items():
            if name not in typed:
                self[name].data = text

    def fit(self, choices: FormChoices) -> None:
        """Take back what the source, or what was just chosen of it, does not offer."""
        self.interval.data = self._interval
        if self.interval.data not in choices.intervals:
            self.interval.data = USUAL_INTERVAL
        for field in choices.shape.fields:
            if field.choices and self[field.name].data not in {choice.value for choice in field.choices}:
                self[field.name].data = ""

    def _options(self) -> dict[str, str]:
        """Return the options as the source takes them.

        :raises InvalidRequestError: with the field ``options`` for one that it has not.
        """
        options = SOURCE_OPTIONS.get(self.source.data or "", {})
        is_dated = self._interval is None or self._interval.is_dated
        meaningless = {name for name, option in options.items() if option.is_intraday and is_dated}
        texts = {name: _text(self[name].data) for name in OPTION_FIELDS if name not in meaningless}
        return option_texts(self.source.data or "", texts)

    def _unreadable(self) -> dict[str, Sentence]:
        problems: dict[str, Sentence] = {}
        if self.period.data == DATES and not self.validate():
            problems |= {name: _NOT_A_DATE for name in ("start", "end") if self[name].errors}
        if self._interval is None:
            problems["interval"] = sentence("Choose an interval from the list.")
        if str(self.priority.data).upper() not in Priority.__members__:
            problems["priority"] = sentence("Choose a priority from the list.")
        return problems
