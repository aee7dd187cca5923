"""Bars as they are read: adjusted, made of smaller ones, as candles for charts, in packed columns."""
