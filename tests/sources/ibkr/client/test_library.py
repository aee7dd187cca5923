"""The library is fenced in, and nothing of it that could trade is used."""

import ast
import re
import subprocess
import sys
from pathlib import Path

from tests.servers import ROOT
from webapp.sources import ibkr
from webapp.sources.ibkr import library

MODULES = sorted(Path(ibkr.__path__[0]).rglob("*.py"))
FORBIDDEN = re.compile(
    r"(place|cancel|modify|global|what_?if|exercise)\w*(order|option|cancel)|\b\w*Order\b|\breq\w*Orders?\b|bracket",
    re.IGNORECASE,
)
USED = {
    "connectAsync",
    "disconnect",
    "isReady",
    "serverVersion",
    "getAccounts",
    "getReqId",
    "reqCurrentTime",
    "reqContractDetails",
    "reqMatchingSymbols",
    "reqHeadTimeStamp",
    "cancelHeadTimeStamp",
    "reqHistoricalData",
    "cancelHistoricalData",
}


def test_no_name_of_an_order_is_used() -> None:
    named = [
        f"{path.name}: {name}"
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for name in [getattr(node, "attr", None) or getattr(node, "id", None) or getattr(node, "name", None)]
        if isinstance(name, str) and FORBIDDEN.search(name)
    ]
    assert named == []


def test_nothing_of_the_library_s_client_is_used_but_what_reads() -> None:
    methods = {name for name in vars(library.Wire) if not name.startswith("_")}
    assert methods == USED


def test_only_one_module_names_the_library() -> None:
    naming = [
        path.name
        for path in MODULES
        if re.search(r"^\s*(import|from) ib_(insync|async)", path.read_text("utf-8"), re.MULTILINE)
    ]
    quoting = [path.name for path in MODULES if '"ib_insync"' in path.read_text("utf-8")]
    assert (naming, quoting) == ([], ["library.py"])


def test_it_is_imported_in_a_thread_without_an_event_loop_and_without_warnings() -> None:
    script = (
        "import importlib, threading\n"
        "found = []\n"
        "load = lambda: found.append(importlib.import_module('webapp.sources.ibkr.client'))\n"
        "thread = threading.Thread(target=load)\n"
        "thread.start(); thread.join()\n"
        "assert found"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_its_name_is_one_of_the_two() -> None:
    assert library.NAME in {"ib_insync", "ib_async"}
