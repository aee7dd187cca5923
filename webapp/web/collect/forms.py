"""The form that asks for a collection. It keeps what was typed; the rooms say what is wrong with it."""

from dataclasses import dataclass

from webapp.errors import InvalidRequestError, Sentence, sentence
from webapp.kernel.collect_fields import COLLECT_FIELDS
from webapp.kernel.intervals import Interval
from webapp.kernel.job_states import Priority
from webapp.kernel.requests import DATES, PERIODS, CollectRequest
from webapp.kernel.symbols import split_symbols
from webapp.sources import choices as sources
from webapp.sources.choices import ContractChoice, SourceChoice
from webapp.sources.option_fields import OPTION_FIELDS, SOURCE_OPTIONS
from webapp.web.forms import RequestForm, described_by

USUAL_INTERVAL = COLLECT_FIELDS["interval"].default
_NOT_A_DATE = sentence("This is not a date. Write it as year-month-day, for example 2024-03-01.")


@dataclass(frozen=True, slots=True)
class FormChoices:
    """What the form offers to choose from. ``contract`` is None for a source whose instruments are plain symbols."""

    sources: tuple[SourceChoice, ...]
    source: SourceChoice
    intervals: tuple[Interval, ...]
    contract: ContractChoice | None
    gateways: tuple[str, ...]
    periods: tuple[str, ...] = (*PERIODS, DATES)
    priorities: tuple[Priority, ...] = tuple(Priority)

    @property
    def shown(self) -> frozenset[str]:
        """The names of the fields beside which a problem can be shown."""
        names = {"symbols", "source", "interval", "period", "start", "end", "priority"}
        names |= {option.field.name for option in self.source.options if not option.is_box}
        if self.contract:
            names |= {"sec_type", "exchange", "what", "rth" if self.contract.has_hours else "what"}
            names |= {"currency"} if self.contract.has_currency else set()
            names |= {"primary_exchange"} if self.contract.has_primary else set()
            names |= {"expiry"} if self.contract.has_expiry else set()
            names |= {"strike", "right"} if self.contract.has_strike else set()
            names |= {"gateway"} if self.has_gateways else set()
        return frozenset(names)

    @property
    def has_gateways(self) -> bool:
        """Whether there are gateways to choose from."""
        return self.contract is not None and len(self.gateways) > 1


def form_choices(form: "CollectForm", offered: tuple[SourceChoice, ...], gateways: tuple[str, ...]) -> FormChoices:
    """Return what the form offers for the source and the type of contract that it has.

    :param gateways: the names of all gateways.
    """
    source = next((choice for choice in offered if choice.name == form.source.data), offered[0])
    contract = sources.contract_choice(form.sec_type.data or "") if source.capabilities.has_contracts else None
    return FormChoices(offered, source, tuple(offer.interval for offer in source.intervals), contract, gateways)


def _text(data: object) -> str:
    """Return a field as an option's text; a box that is not ticked says nothing."""
    return "true" if data is True else str(data or "").strip()


@described_by((*COLLECT_FIELDS.values(), *OPTION_FIELDS.values()), {"source": None, "period": "1y", "sec_type": "STK"})
class CollectForm(RequestForm):
    """What to collect. Fields are named as in ``InvalidRequestError.fields``; choices stand in ``FormChoices``."""

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
        return CollectRequest(
            source=self.source.data or "",
            symbols=tuple(split_symbols(self.symbols.data or "")),
            interval=Interval(self.interval.data),
            start=self.start.data if by_dates else None,
            end=self.end.data if by_dates else None,
            period=None if by_dates else self.period.data,
            options=self._options(),
            priority=Priority[self.priority.data.upper()],
            refresh=bool(self.refresh.data),
        )

    def fit(self, choices: FormChoices) -> None:
        """Take back what the source or the type that was just chosen does not offer."""
        if self.interval.data not in choices.intervals:
            self.interval.data = USUAL_INTERVAL
        if choices.contract and self.what.data not in choices.contract.whats[1:]:
            self.what.data = ""

    def _options(self) -> dict[str, str]:
        """Return the options of the source; a field of another source means nothing."""
        options = SOURCE_OPTIONS.get(self.source.data or "", {})
        is_dated = Interval(self.interval.data).is_dated
        texts = {
            name: _text(self[name].data) for name, option in options.items() if not (option.is_intraday and is_dated)
        }
        return {name: text for name, text in texts.items() if text}

    def _unreadable(self) -> dict[str, Sentence]:
        problems: dict[str, Sentence] = {}
        if self.period.data == DATES and not self.validate():
            problems |= {name: _NOT_A_DATE for name in ("start", "end") if self[name].errors}
        if self.interval.data not in list(Interval):
            problems["interval"] = sentence("Choose an interval from the list.")
        if str(self.priority.data).upper() not in Priority.__members__:
            problems["priority"] = sentence("Choose a priority from the list.")
        return problems
