"""Many series read at once: named, opened and packed by few statements, however many there are."""
