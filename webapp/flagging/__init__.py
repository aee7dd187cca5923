"""Suspicious bars: the rules that find them, and the flags that are raised while bars are written."""
