"""How commands end: the exit statuses, each with one meaning, as docs/cli.md lists them."""

from collections.abc import Mapping
from types import MappingProxyType

DONE = 0
FAILED = 1
BAD_INPUT = 2
NOT_FOUND = 3
INTERRUPTED = 130
PIPE_CLOSED = 141

MEANINGS: Mapping[int, str] = MappingProxyType(
    {
        DONE: "done",
        FAILED: "it could not be done: what it needs is away, full or locked, a job failed, or a state forbids it",
        BAD_INPUT: "asked wrongly: an option, a value, or two of them that do not go together",
        NOT_FOUND: "what was named is not there: a job, a batch, a token, or stored bars of a symbol",
        INTERRUPTED: "stopped with Ctrl-C, 128 + SIGINT as a shell counts; jobs go on",
        PIPE_CLOSED: "whoever read the output stopped reading (`| head`), 128 + SIGPIPE; nothing is said",
    }
)
"""What each status means; a command ends with no other."""
