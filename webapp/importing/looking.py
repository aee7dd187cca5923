"""Looking at an uploaded file: what a worker does when a page asks. The page itself never opens the file."""

import shutil
from collections.abc import Mapping

from webapp.context import Context
from webapp.errors import InvalidRequestError
from webapp.importing.looks import Look, answer_of
from webapp.importing.preview import alternatives, preview
from webapp.importing.reading import Ask, ask_of
from webapp.importing.series import choices_of
from webapp.importing.uploads import find_upload
from webapp.inquiring.queries_inquiries import Answer
from webapp.sources.own.opening import count_tickers, head_of, open_upload
from webapp.sources.own.rules_imported import TICKER, UnreadableFileError
from webapp.sources.own.uploads import Upload


def look(context: Context, question: Mapping[str, str]) -> Answer:
    """Find out what an uploaded file is, and what it becomes when it is read as was said.

    :param question: ``token`` and ``ask``; without the latter the file is only opened, and the answer is empty.
    :raises UnreadableFileError: when it is no table; it is not kept then.
    :raises NotFoundError: when it was cleared away.
    """
    upload = find_upload(context, question["token"])
    if not upload.is_known:
        _open(upload)
    return answer_of(look_at(context, upload, ask_of(question["ask"]))) if question["ask"] else []


def look_at(context: Context, upload: Upload, ask: Ask) -> Look:
    """Return what the first lines of a file become, or what is still to be said."""
    about = upload.about()
    try:
        head = head_of(upload, about)
        tickers = count_tickers(upload, about.layout, ask.columns[TICKER]) if TICKER in ask.columns else {}
    except UnreadableFileError as err:
        return Look(None, (err.message,))
    series = choices_of(tickers, ask)
    try:
        return Look(preview(context, about, head, ask, tickers), series=series)
    except InvalidRequestError as err:
        missing = {str(problem): problem for problem in err.fields.values()}
        return Look(None, tuple(missing.values()), tuple(alternatives(context, about, head, ask, tickers)), series)


def _open(upload: Upload) -> None:
    try:
        open_upload(upload)
    except UnreadableFileError:
        shutil.rmtree(upload.folder, ignore_errors=True)
        raise
