"""Moisson: market data collected in the background, from Yahoo Finance and Interactive Brokers into a database."""
