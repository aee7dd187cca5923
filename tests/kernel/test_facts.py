"""What is said of an instrument, as every driver of a database writes it."""

from webapp.kernel.instruments import InstrumentFacts, InstrumentKind


def test_a_kind_may_be_given_as_such_and_is_kept_as_its_word() -> None:
    facts = InstrumentFacts(kind=InstrumentKind.CRYPTO)
    assert type(facts.kind) is str
    assert facts == InstrumentFacts(kind="CRYPTOCURRENCY")
    assert facts.instrument_kind is InstrumentKind.CRYPTO
