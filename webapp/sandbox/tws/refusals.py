"""What TWS answers instead of data."""

NO_DEFINITION = 200, "No security definition has been found for the request"
TOO_MANY_OPEN = "Error processing request.-'wd' : cause - Only 50 simultaneous API historical data requests allowed."
_HMDS = "Historical Market Data Service error message:"
USUAL = {
    162: f"{_HMDS}Historical data request pacing violation",
    165: "Historical Market Data Service query message:HMDS server disconnect occurred.  Attempting reconnection...",
    200: NO_DEFINITION[1],
    321: "Error validating request.-'bS' : cause - Historical data requested duration is invalid.",
    322: TOO_MANY_OPEN,
    354: "Requested market data is not subscribed.",
    366: "No historical data query found for ticker id",
    386: "Duplicate ticker ID for API historical data query",
    10197: "No market data during competing live session",
}
"""What an error says when a fault rule gives no text of its own."""


class RefusalError(Exception):
    """A request is answered with an error: a code and a text."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(f"{code} {text}")
        self.code = code
        self.text = text


def invalid(cause: str) -> RefusalError:
    """Return error 321, whose two letters change with each build of TWS."""
    return RefusalError(321, f"Error validating request.-'bS' : cause - {cause}")


def hmds(text: str) -> RefusalError:
    """Return error 162, of the historical data service."""
    return RefusalError(162, f"{_HMDS}{text}")


def no_data(what: str) -> RefusalError:
    """Return what the historical data service says when it has nothing."""
    return hmds(f"HMDS query returned no data: {what}")


def pacing_violation() -> RefusalError:
    """Return what is said to those who ask too often."""
    return hmds("Historical data request pacing violation")
