"""The one error: what went wrong, as a sentence that a person may read, with what the server told beside it."""

from collections.abc import Mapping


class MoissonError(Exception):
    """What was asked could not be done; the message is a sentence, the server's own where it answered.

    ``status`` is the HTTP status of the answer and ``code`` its word for programs (``invalid``, ``not_found``,
    ``conflict``, ``not_authenticated``, …). Where no answer came ``status`` is 0 and ``code`` is ``unreachable``;
    where the server's version does not fit, ``version``; where a package is missing here, ``missing_package``.
    ``fields`` has a sentence for each argument that is wrong, ``symbols`` one for each symbol that cannot be had.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str,
        status: int = 0,
        fields: Mapping[str, str] | None = None,
        symbols: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.status = status
        self.fields = dict(fields or {})
        self.symbols = dict(symbols or {})
