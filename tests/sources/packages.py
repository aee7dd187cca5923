"""Packages of sources as an installer leaves them: a folder for ``PYTHONPATH`` with what names their entry points."""

import re
import shutil
import subprocess
from pathlib import Path

from tests.servers import ROOT


def install(folder: Path, package: str, *points: str) -> Path:
    """Write what an installer writes of a package; return the folder.

    :param points: lines like ``name = module:attribute``.
    """
    info = folder / f"{package.replace('-', '_')}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n", encoding="ascii")
    lines = "\n".join(("[moisson.sources]", *points, ""))
    (info / "entry_points.txt").write_text(lines, encoding="ascii")
    return folder


def copy_template(folder: Path) -> Path:
    """Type what the how-to says to copy the template; return the folder for ``PYTHONPATH`` with a package ``copied``.

    The how-to's name is left to those who follow it to the letter.
    """
    sources = folder / "webapp" / "sources"
    shutil.copytree(ROOT / "webapp" / "sources" / "_template", sources / "_template")
    page = (ROOT / "docs" / "howto" / "add-a-source.md").read_text(encoding="utf-8")
    commands = re.search(r"(?ms)^```sh\n(cp -r .*?)^```$", page)
    assert commands, "the how-to begins with the commands that copy the template"
    typed = commands[1].replace("acme", "copied").replace("Acme", "Copied").replace("ACME", "COPIED")
    subprocess.run(["/bin/sh", "-ec", typed], cwd=folder, check=True)
    return install(sources, "moisson-copied", "copied = copied.manifest:MANIFEST")


EXAMPLE = "example = tests.sources.example.manifest:MANIFEST"
