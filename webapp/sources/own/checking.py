"""A program that reads an uploaded file from its first line to its last, and leaves its bars ready to be written.

It is a process of its own, so that a file of millions of lines takes neither the memory nor the time of the web
server. It reads ``wish.json`` of the target folder and writes ``report.json`` there, and ``bars`` into a folder for
each series: each import has its own, so that none changes what the job of another one reads.
"""

import sys
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from webapp.sources.own.checked import SAMPLE, Checked, refuse_contradiction
from webapp.sources.own.files import counted, first_lines, lines
from webapp.sources.own.rules_imported import UnreadableFileError
from webapp.sources.own.staged import count_of, edges, in_order, packed
from webapp.sources.own.uploads import Report, SeriesReport, Upload


def check(upload: Upload, staged: Upload) -> Report:
    """Check a whole file and keep the bars of each series in its own folder; what cannot be read is told in the report.

    :param staged: the folder with the wish; those of the series stand beside it.
    """
    about, wish = upload.about(), staged.wish()
    checked = Checked()
    folders = [Upload(staged.folder.parent / token) for token in sorted(set(wish.series.values()))]
    try:
        refuse_contradiction(wish.reading, [cells for _, cells in first_lines(upload.original, about.layout, SAMPLE)])
        with ExitStack() as stack:
            drafts = {folder.folder.name: stack.enter_context(_draft(folder).open("wb")) for folder in folders}
            for line, token, bar in checked.bars(counted(lines(upload.original, about.layout)), wish):
                drafts[token].write(packed(bar, line))
    except UnreadableFileError as err:
        return replace(_report(checked, ()), broken=err.message, broken_field=err.field)
    return _report(checked, tuple(_sorted(checked, folder) for folder in folders))


def _draft(series: Upload) -> Path:
    return series.folder / "bars.draft"


def _sorted(checked: Checked, series: Upload) -> SeriesReport:
    """Bring the bars of a series into their order."""
    sorted_bars = series.folder / "bars.part"
    with sorted_bars.open("wb") as target:
        for line, earlier, is_same in in_order(_draft(series), target):
            checked.left_out(line, earlier, is_same=is_same)
    _draft(series).unlink()
    sorted_bars.replace(series.bars)
    first, last = edges(series.bars)
    return SeriesReport(series.folder.name, count_of(series.bars), first, last)


def _report(checked: Checked, series: tuple[SeriesReport, ...]) -> Report:
    return Report(
        lines=checked.lines,
        rows=sum(part.rows for part in series),
        first=min((part.first for part in series if part.first is not None), default=None),
        last=max((part.last for part in series if part.last is not None), default=None),
        bad=checked.bad,
        unfinished=checked.unfinished,
        same=checked.same,
        faults=checked.named(),
        series=series,
    )


def main(folder: str, target: str) -> None:
    """Check the upload of a folder, and leave its bars and a report in another one."""
    staged = Upload(Path(target))
    staged.write("report", check(Upload(Path(folder)), staged))


if __name__ == "__main__":
    main(*sys.argv[1:3])
