"""The fragments of a series that say what is there and what is missing."""
