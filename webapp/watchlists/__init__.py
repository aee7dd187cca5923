"""Named lists of instruments: kept, read from texts and files, and put in the place of ``@name`` in a request."""
