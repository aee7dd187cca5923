"""The command line of the offline market: ``python -m webapp.sandbox``."""

import argparse
import contextlib
import ctypes
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from webapp.sandbox.clock import Clock, parse_moment
from webapp.sandbox.server import Options, Sandbox
from webapp.sandbox.tws.pacing import Rules
from webapp.sandbox.yahoo.replay import InvalidRecordingError

_M_ARENA_MAX = -8
"""The number of the setting in glibc's ``malloc.h``."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the sandbox until SIGINT or SIGTERM; return the exit status."""
    parsed = _parser().parse_args(arguments)
    _share_memory_among_threads()
    over = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: over.set())
    clock = Clock(parsed.now, running=parsed.running)
    with _folder(parsed.dir) as folder:
        options = Options(
            folder=folder,
            clock=clock,
            replay=parsed.replay,
            proxy_port=parsed.proxy_port,
            control_port=parsed.control_port,
            tws_port=parsed.tws_port,
            pacing=Rules(
                window_seconds=parsed.pacing_window,
                window_requests=parsed.pacing_requests,
                identical_seconds=parsed.identical_seconds,
                burst_seconds=parsed.burst_seconds,
                max_open=parsed.max_open,
            ),
        )
        try:
            sandbox = Sandbox(options)
        except (OSError, InvalidRecordingError) as error:
            sys.stderr.write(f"The offline market cannot start: {error}\n")
            return 1
        with sandbox:
            _announce(sandbox, parsed.ready_file)
            over.wait()
        if parsed.ready_file is not None:
            parsed.ready_file.unlink(missing_ok=True)
    return 0


def _share_memory_among_threads() -> None:
    """Let all threads take memory from two pools, where the C library is glibc.

    Otherwise each thread keeps a pool of its own, and as many clients as threads cost a few megabytes each.
    """
    with contextlib.suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 2)


def _announce(sandbox: Sandbox, ready_file: Path | None) -> None:
    where = sandbox.addresses
    sys.stdout.write(
        f"Offline market: TWS {where.tws}, proxy {where.proxy}, certificate {where.ca_bundle}, "
        f"control {where.control}; Ctrl-C ends it.\n"
    )
    sys.stdout.flush()
    if ready_file is not None:
        sandbox.announce(ready_file)


@contextlib.contextmanager
def _folder(chosen: Path | None) -> Iterator[Path]:
    if chosen is not None:
        yield chosen
        return
    with TemporaryDirectory(prefix="moisson-sandbox-") as folder:
        yield Path(folder)


def _moment(text: str) -> float:
    try:
        return parse_moment(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "python -m webapp.sandbox", description="An offline Yahoo Finance and TWS on loopback."
    )
    parser.add_argument("--dir", type=Path, help="folder for the certificate (default: a temporary one)")
    parser.add_argument("--ready-file", type=Path, help="file that gets the addresses as JSON once all is ready")
    parser.add_argument("--now", type=_moment, metavar="ISO8601", help="stop the market's clock at this moment")
    parser.add_argument("--running", action="store_true", help="let the clock run on from --now")
    parser.add_argument("--replay", type=Path, metavar="FOLDER", help="give the recorded answers of a folder")
    parser.add_argument("--control-port", type=int, default=0, metavar="P", help="default: any free port")
    parser.add_argument("--proxy-port", type=int, default=0, metavar="P", help="default: any free port")
    parser.add_argument("--tws-port", type=int, default=0, metavar="P", help="default: any free port")
    _add_rules(parser)
    return parser


def _add_rules(parser: argparse.ArgumentParser) -> None:
    help_text = "The real ones by default. They hold for bars of 30 seconds or less and for head timestamps."
    group = parser.add_argument_group("pacing rules of the offline TWS", help_text)
    real = Rules()
    for name, kind, default, text in (
        ("--pacing-window", float, real.window_seconds, "seconds in which requests are counted"),
        ("--pacing-requests", int, real.window_requests, "requests allowed in the window, BID_ASK counting twice"),
        ("--identical-seconds", float, real.identical_seconds, "before the same request may come again"),
        ("--burst-seconds", float, real.burst_seconds, "in which five requests of one contract may come"),
        ("--max-open", int, real.max_open, "requests of history open at once, of any bar size"),
    ):
        group.add_argument(name, type=kind, default=default, metavar="N", help=f"{text} (default: {default:g})")
