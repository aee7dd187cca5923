"""Bars laid out as frames: of one symbol, of several, wide or long; as columns of numbers, without pandas."""
