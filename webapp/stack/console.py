"""Short lines for the person at the terminal."""

import contextlib
import sys
import time


def say(text: str) -> None:
    """Write a line to standard error, with the time of day; a terminal that was closed is no reason to fail."""
    with contextlib.suppress(OSError, ValueError):
        sys.stderr.write(f"{time.strftime('%H:%M:%S')}  {text}\n")
        sys.stderr.flush()
