"""What TWS answers instead of data."""

NO_DEFINITION = 200, "No security definition has been found for the request"
TOO_MANY_OPEN = "Error processing request.-'wd' : cause - Only 50 simultaneous API historical data requests allowed."
_HMDS = "Historical Market Data Service error message:"


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
