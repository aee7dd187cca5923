"""The pages that compare two series."""
