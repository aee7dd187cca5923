"""A list among the symbols of a request: what is checked, planned and submitted."""

import datetime as dt
from typing import Any

import pytest

from tests.world import World
from webapp.collecting.plan import make_plan
from webapp.collecting.submit import submit, submit_together
from webapp.collecting.validation import ValidRequest, validate_request
from webapp.database.transactions import reading
from webapp.errors import InvalidRequestError
from webapp.jobs import queries_batches, queries_jobs
from webapp.kernel.intervals import Interval
from webapp.kernel.requests import CollectRequest
from webapp.kernel.symbols import Grammar
from webapp.sources.choices import split_symbols
from webapp.watchlists import lists
from webapp.watchlists.watchlist import Entry

JANUARY: dict[str, Any] = {"start": dt.date(2024, 1, 1), "end": dt.date(2024, 1, 31)}


def checked(world: World, source: str, symbols: str, interval: Interval = Interval.D1, **options: str) -> ValidRequest:
    request = CollectRequest(source, split_symbols(source, symbols), interval, **JANUARY, options=options)
    return validate_request(request, world.context.now())


def test_a_list_s_name_stays_as_it_was_typed() -> None:
    assert split_symbols("yahoo", "aapl, @Tech-1 @é") == ("AAPL", "@Tech-1", "@é")
    assert Grammar(("A",), is_upper_cased=False).normalize(" @Tech ") == "@Tech"


def test_a_list_is_planned_and_submitted_like_its_symbols(world: World) -> None:
    lists.create(world.context, "tech", [Entry("yahoo", "AAPL"), Entry("ibkr", "AAPL"), Entry("yahoo", "MSFT")])
    request = checked(world, "yahoo", "@tech, IBM")
    assert request.symbols == ("AAPL", "MSFT", "IBM")
    assert [str(note) for note in request.notes] == [
        "Of the list “tech”, entries of other sources are left out: 1 of 3."
    ]
    assert [plan.symbol for plan in make_plan(world.context, request).series] == ["AAPL", "MSFT", "IBM"]
    submission = submit(world.context, request, "web")
    assert len(submission.job_ids) == 3


def test_a_batch_remembers_the_lists_that_it_came_from(world: World) -> None:
    lists.create(world.context, "tech", [Entry("yahoo", "AAPL")])
    lists.create(world.context, "coins", [Entry("yahoo", "BTC-USD")])
    several = [checked(world, "yahoo", symbols) for symbols in ("@tech", "@COINS @tech", "IBM")]
    from_lists = submit_together(world.context, several, "web").batch_id
    plain = submit(world.context, several[2], "web").batch_id
    lists.delete(world.context, "tech")
    with reading() as connection:
        batches = [queries_batches.get(connection, batch_id) for batch_id in (from_lists, plain)]
    assert [batch and batch.lists for batch in batches] == [("tech", "coins"), ()]


def test_an_unknown_list_is_said_beside_the_symbols_with_what_else_is_wrong(world: World) -> None:
    with pytest.raises(InvalidRequestError) as refused:
        checked(world, "yahoo", "@tec", Interval.S1)
    assert set(refused.value.fields) == {"symbols", "interval"}


def test_contracts_of_several_types_each_show_what_is_usual(world: World) -> None:
    lists.create(world.context, "mixed", [Entry("ibkr", "AAPL"), Entry("ibkr", "EUR.CASH.IDEALPRO.USD")])
    request = checked(world, "ibkr", "@mixed")
    assert [request.variant_of(symbol) for symbol in request.symbols] == ["", "MIDPOINT"]
    submission = submit(world.context, request, "web")
    with reading() as connection:
        jobs = [queries_jobs.get(connection, job_id) for job_id in submission.job_ids]
    assert [(job.variant, job.options["what"]) for job in jobs if job] == [("", "TRADES"), ("MIDPOINT", "MIDPOINT")]


def test_an_entry_s_own_options_count_unless_the_request_says_otherwise(world: World) -> None:
    lists.create(world.context, "fx", [Entry("ibkr", "EUR.CASH.IDEALPRO.USD", {"what": "BID"})])
    assert checked(world, "ibkr", "@fx").variant_of("EUR.CASH.IDEALPRO.USD") == "BID"
    assert checked(world, "ibkr", "@fx", what="ASK").variant_of("EUR.CASH.IDEALPRO.USD") == "ASK"
    with pytest.raises(InvalidRequestError, match="cannot be shown"):
        checked(world, "ibkr", "@fx", what="TRADES")


def test_options_that_would_make_another_instrument_are_for_what_was_typed(world: World) -> None:
    lists.create(world.context, "us", [Entry("ibkr", "AAPL")])
    request = checked(world, "ibkr", "@us, MC", currency="EUR", primary_exchange="SBF")
    assert request.symbols == ("AAPL", "MC.STK.SMART.EUR.SBF")
    assert checked(world, "ibkr", "@us", sec_type="FUT", expiry="202406").symbols == ("AAPL",)
    with pytest.raises(InvalidRequestError, match="not a type of contract"):
        checked(world, "ibkr", "@us", sec_type="NONE")


def test_one_instrument_typed_and_listed_is_collected_once_and_said(world: World) -> None:
    lists.create(world.context, "fx", [Entry("ibkr", "EUR.CASH.IDEALPRO.USD")])
    request = checked(world, "ibkr", "EUR.USD @fx")
    assert request.symbols == ("EUR.CASH.IDEALPRO.USD",)
    assert "are one instrument" in str(request.notes[0])


def test_a_list_may_be_longer_than_what_people_type(world: World) -> None:
    lists.create(world.context, "full", [Entry("yahoo", f"S{n}") for n in range(1000)])
    assert len(checked(world, "yahoo", "@full").symbols) == 1000
