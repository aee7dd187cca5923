"""Names and texts in exports: file names that every system takes and gives back, and cells that are no formula."""

import re
from urllib.parse import quote

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What makes a spreadsheet read a cell as a formula. https://owasp.org/www-community/attacks/CSV_Injection"""
_RESERVED = re.compile(r"(CON|PRN|AUX|NUL|COM[0-9]|LPT[0-9])(?=\.|$)", re.IGNORECASE)


def safe_symbol(symbol: str) -> str:
    """Return a symbol as part of a file name; ``urllib.parse.unquote`` gives the symbol back.

    Everything but letters, digits and ``. - _`` is percent-quoted, and so is the first letter of a name that Windows
    keeps for a device (``CON``, ``CON.L``), a dot at the end, which Windows drops, and a hyphen at the beginning, which
    commands take for an option.
    """
    quoted = quote(symbol, safe=".-_").replace("~", "%7E")
    if _RESERVED.match(quoted) or quoted.startswith("-"):
        quoted = f"%{ord(quoted[0]):02X}{quoted[1:]}"
    return f"{quoted[:-1]}%2E" if quoted.endswith(".") else quoted


def file_name(source: str, symbol: str, interval: str, variant: str, adjust: str, extension: str) -> str:
    """Return a name that says all that tells one export from another; what is usual is not said."""
    parts = [safe_symbol(symbol), interval, source, variant, "" if adjust == "splits" else adjust]
    return "_".join(part for part in parts if part) + f".{extension}"


def safe_text(text: str) -> str:
    """Return a text of somebody else's for a cell of a CSV file: an apostrophe stands before what begins a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text
