"""Bars of an uploaded file, chunk by chunk, as if a source had been asked for them."""

from pathlib import Path

from webapp.domain.gateways import Gateway
from webapp.domain.jobs import ErrorKind
from webapp.errors import sentence
from webapp.sources.base import Answer, ChunkRequest, ClientTools, Found, SourceError
from webapp.sources.own.offer import UPLOAD
from webapp.sources.own.staged import bars_between
from webapp.sources.own.uploads import upload_of


class OwnClient:
    """See ``webapp.sources.base.Client``. It holds nothing open: files are read as chunks are asked for."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def fetch(self, request: ChunkRequest) -> Answer:
        """Return the file's bars of a span.

        :raises SourceError: when the file has been cleared away, or this process does not see it.
        """
        upload = upload_of(self._root, request.options.get(UPLOAD, ""))
        if upload is None:
            raise _gone(self._root)
        try:
            return Answer(bars_between(upload.bars, request.span), (), upload.facts(), request.span.end)
        except OSError as err:
            raise _gone(self._root) from err

    def search(self, text: str, gateway: Gateway | None = None) -> list[Found]:  # noqa: ARG002 -- nobody is asked
        """Return nothing: what people bring has the name that they gave it."""
        return []

    def close(self) -> None:
        """Do nothing: nothing is held."""


def _gone(root: Path) -> SourceError:
    return SourceError(
        ErrorKind.BAD_REQUEST,
        sentence("The imported file is no longer there."),
        hint=sentence(
            "Import it once more; files are kept for a day. If it is new, see that web and workers share the folder "
            "%(folder)s.",
            folder=str(root),
        ),
    )


def open_client(tools: ClientTools) -> OwnClient:
    """Return a client that reads from the folder of uploads."""
    return OwnClient(Path(str(tools.settings["uploads"])))
