"""The wheel alone, in an environment that has what it asks for and nothing else, against the live server."""

import subprocess
import sys
import venv
import zipfile
from collections.abc import Iterator
from importlib import metadata
from importlib.metadata import Distribution, PathDistribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.client.conftest import Installation
from tests.servers import ROOT

SCRIPT = """
import asyncio, importlib.util, sys
from importlib.metadata import version
from moisson_client import AsyncClient, Client, MoissonError

assert importlib.util.find_spec("webapp") is None, "the server's code is not here"
assert "MOISSON" not in repr(Client())

with Client() as moisson:
    frame = moisson.get("AAPL", start="2025-02-03", end="2025-02-28", timeout=60, progress=False)
    table = moisson.bars("AAPL", as_="arrow", start="2025-02-03", end="2025-02-28")
    try:
        moisson.bars("NOPE")
    except MoissonError as err:
        assert err.status == 404

async def count():
    async with AsyncClient() as moisson:
        return len(await moisson.bars("AAPL", start="2025-02-03", end="2025-02-28"))

assert len(frame) == table.num_rows == asyncio.run(count())
print(len(frame), version("moisson-client"), *sorted({"flask", "celery", "sqlalchemy"} & set(sys.modules)))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "flit_core.wheel", str(ROOT / "client"), "--outdir", str(folder)]
    subprocess.run(command, check=True, capture_output=True)
    [made] = folder.glob("*.whl")
    return made


def needed(requirements: list[str], extras: frozenset[str]) -> Iterator[Distribution]:
    """Yield the distributions that requirements name, and those that these name in turn."""
    for text in requirements:
        requirement = Requirement(text)
        if requirement.marker and not any(requirement.marker.evaluate({"extra": extra}) for extra in extras):
            continue
        distribution = metadata.distribution(requirement.name)
        yield distribution
        yield from needed(distribution.requires or [], frozenset({"", *requirement.extras}))


def install(wheel: Path, folder: Path, extra: str) -> Path:
    """Make an environment with the wheel and links to what it asks for, and return its interpreter."""
    venv.create(folder, with_pip=False)
    [site] = folder.glob("lib/python*/site-packages")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    [facts] = site.glob("moisson_client-*.dist-info")
    asked = PathDistribution(facts).requires or []
    for distribution in needed(asked, frozenset({"", extra})):
        tops = {file.parts[0] for file in distribution.files or () if file.parts[0] not in ("..", "__pycache__", "bin")}
        for top in tops:
            if not (site / top).exists():
                (site / top).symlink_to(Path(str(distribution.locate_file(top))))
    return folder / "bin" / "python"


def test_a_wheel_holds_the_package_and_its_types(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert "moisson_client/py.typed" in names
    assert {name.partition("/")[0] for name in names} == {"moisson_client", "moisson_client-0.1.0.dist-info"}


def test_a_notebook_elsewhere_needs_nothing_else(wheel: Path, tmp_path: Path, installation: Installation) -> None:
    python = install(wheel, tmp_path / "environment", "pandas")
    settings = {"MOISSON_URL": installation.url, "MOISSON_TOKEN": installation.token, "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        [str(python), "-I", "-c", SCRIPT], env=settings, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["19", "0.1.0"]


def test_without_pandas_there_are_tables_and_a_sentence(
    wheel: Path, tmp_path: Path, installation: Installation
) -> None:
    python = install(wheel, tmp_path / "environment", "")
    script = (
        "from moisson_client import Client, MoissonError\n"
        "with Client() as moisson:\n"
        "    print(moisson.bars('AAPL', as_='arrow').num_rows > 0)\n"
        "    try:\n        moisson.bars('AAPL')\n"
        "    except MoissonError as err:\n        print(err.code, err)\n"
    )
    settings = {"MOISSON_URL": installation.url, "MOISSON_TOKEN": installation.token, "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        [str(python), "-I", "-c", script], env=settings, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    told = "missing_package This needs the package pandas. Install it with: pip install pandas"
    assert done.stdout.splitlines() == ["True", told]
