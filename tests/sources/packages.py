"""Packages of sources as an installer leaves them: a folder for ``PYTHONPATH`` with what names their entry points."""

from pathlib import Path


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


EXAMPLE = "example = tests.sources.example.manifest:MANIFEST"
