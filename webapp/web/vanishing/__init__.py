"""The board of what sources will delete soon."""
