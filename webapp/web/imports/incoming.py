"""Large uploads: allowed at one address only, and written to disk as they arrive."""

from tempfile import TemporaryFile
from typing import IO

from flask import Request

from webapp.context import context
from webapp.importing import uploads

ENDPOINT = "imports.create"
REST = 1_000_000
"""Bytes for the other fields of the form, and for what stands around the file."""


def allow_files(request: Request) -> None:
    """Let a request be as large as a file to import, when it goes to the address that takes them."""
    if request.endpoint == ENDPOINT:
        request.max_content_length = uploads.LARGEST_FILE + REST


class IncomingRequest(Request):
    """A request whose uploaded file goes to the folder of uploads: that of temporary files may be memory."""

    _upload: IO[bytes] | None = None

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        """Open what an uploaded file is written to; Werkzeug calls this by its documentation of ``Request``."""
        if self.endpoint != ENDPOINT:
            return super()._get_file_stream(total_content_length, content_type, filename, content_length)
        folder = uploads.folder_of(context())
        folder.mkdir(parents=True, exist_ok=True)
        self._upload = TemporaryFile("w+b", dir=folder)  # noqa: SIM115 -- closed with the request
        return self._upload

    def close(self) -> None:
        """Close the file, which Werkzeug forgets when a request breaks off."""
        super().close()
        if self._upload is not None:
            self._upload.close()
