"""A source as an installed package brings it: deterministic bars around the clock, and nobody to ask.

A symbol may say what is wrong with its answers, see ``client.WRONG``.
"""
