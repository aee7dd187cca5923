"""Short lines for the person at the terminal."""

import sys
import time


def say(text: str) -> None:
    """Write a line to standard error, with the time of day."""
    sys.stderr.write(f"{time.strftime('%H:%M:%S')}  {text}\n")
    sys.stderr.flush()
