"""Template: days of shares and their dividends, from a CSV service over HTTP."""
