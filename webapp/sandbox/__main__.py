"""``python -m webapp.sandbox``."""

import sys

from webapp.sandbox.cli import main

if __name__ == "__main__":
    sys.exit(main())
