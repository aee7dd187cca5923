"""File names for exports, that every system takes and that can be read back."""

import re
from urllib.parse import quote

_RESERVED = re.compile(r"(CON|PRN|AUX|NUL|COM[0-9]|LPT[0-9])(?=\.|$)", re.IGNORECASE)


def safe_symbol(symbol: str) -> str:
    """Return a symbol as part of a file name; ``urllib.parse.unquote`` gives the symbol back.

    Everything but letters, digits and ``. - _`` is percent-quoted, and so is the first letter of a name that Windows
    keeps for a device (``CON``, ``CON.L``), and a dot at the end, which Windows drops.
    """
    quoted = quote(symbol, safe=".-_").replace("~", "%7E")
    if _RESERVED.match(quoted):
        quoted = f"%{ord(quoted[0]):02X}{quoted[1:]}"
    return f"{quoted[:-1]}%2E" if quoted.endswith(".") else quoted


def file_name(source: str, symbol: str, interval: str, variant: str, adjust: str, extension: str) -> str:
    """Return a name that says all that tells one export from another; what is usual is not said."""
    parts = [safe_symbol(symbol), interval, source, variant, "" if adjust == "splits" else adjust]
    return "_".join(part for part in parts if part) + f".{extension}"
