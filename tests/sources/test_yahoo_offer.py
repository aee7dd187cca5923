"""What Yahoo's offer says of symbols, before anybody is asked."""

import pytest

from webapp.errors import InvalidRequestError
from webapp.kernel.intervals import Interval
from webapp.kernel.requests import CollectRequest
from webapp.sources.registry import offer


def request(*symbols: str) -> CollectRequest:
    return CollectRequest("yahoo", symbols, Interval.D1, period="1y")


@pytest.mark.parametrize(
    ("symbols", "names"),
    [(("BRK.B",), "BRK-B"), (("AAPL", "BRK/B"), "BRK-B"), (("BF.A", "HEI/A"), "BF-A, HEI-A"), (("RDS/L",), "RDS-L")],
)
def test_a_class_of_shares_is_proposed_as_yahoo_writes_it(symbols: tuple[str, ...], names: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        offer("yahoo").normalized(request(*symbols))
    assert f"with a hyphen: {names} instead of" in str(caught.value.fields["symbols"])


@pytest.mark.parametrize("symbol", ["VOD.L", "7203.T", "SAP.F", "SHOP.V", "BRK-B", "MC.PA", "A", "^GSPC"])
def test_the_letter_of_an_exchange_is_no_class(symbol: str) -> None:
    assert offer("yahoo").normalized(request(symbol)).symbols == (symbol,)
