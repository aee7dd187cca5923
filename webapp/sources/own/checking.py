"""A program that reads an uploaded file from its first line to its last, and leaves its bars ready to be written.

It is a process of its own, so that a file of millions of lines takes neither the memory nor the time of the web
server. It reads ``wish.json`` of the target folder and writes ``bars`` and ``report.json`` there: each import has its
own, so that none changes what the job of another one reads.
"""

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from webapp.errors import Sentence, sentence
from webapp.sources.own.checked import SAMPLE, Checked, refuse_contradiction
from webapp.sources.own.files import Line, first_lines, lines
from webapp.sources.own.rules_imported import UnreadableFileError
from webapp.sources.own.staged import count_of, edges, in_order, packed
from webapp.sources.own.uploads import Report, Upload

MOST_LINES = 10_000_000


def check(upload: Upload, staged: Upload) -> Report:
    """Check a whole file and keep its bars in another folder; what cannot be read is told in the report."""
    about, wish = upload.about(), staged.wish()
    checked = Checked()
    draft, sorted_bars = staged.folder / "bars.draft", staged.folder / "bars.part"
    try:
        refuse_contradiction(wish.reading, [cells for _, cells in first_lines(upload.original, about.layout, SAMPLE)])
        with draft.open("wb") as file:
            for line, bar in checked.bars(_counted(lines(upload.original, about.layout)), wish):
                file.write(packed(bar, line))
    except UnreadableFileError as err:
        return replace(_report(checked, 0, (None, None), err.message), broken_field=err.field)
    with sorted_bars.open("wb") as target:
        for line, earlier, is_same in in_order(draft, target):
            checked.left_out(line, earlier, is_same=is_same)
    draft.unlink()
    sorted_bars.replace(staged.bars)
    return _report(checked, count_of(staged.bars), edges(staged.bars), None)


def _report(checked: Checked, rows: int, ends: tuple[int | None, int | None], broken: Sentence | None) -> Report:
    return Report(
        lines=checked.lines,
        rows=rows,
        first=ends[0],
        last=ends[1],
        bad=checked.bad,
        unfinished=checked.unfinished,
        same=checked.same,
        faults=checked.named(),
        broken=broken,
    )


def _counted(lines: Iterator[Line]) -> Iterator[Line]:
    """Yield lines, and no end of them: a squeezed file may hold more than any disk.

    :raises UnreadableFileError: when there are too many.
    """
    for count, line in enumerate(lines):
        if count >= MOST_LINES:
            raise UnreadableFileError(sentence("A file may have %(most)d lines. Cut it in two.", most=MOST_LINES))
        yield line


def main(folder: str, target: str) -> None:
    """Check the upload of a folder, and leave its bars and a report in another one."""
    staged = Upload(Path(target))
    staged.write("report", check(Upload(Path(folder)), staged))


if __name__ == "__main__":
    main(*sys.argv[1:3])
