"""A Yahoo Finance on loopback: the market in Yahoo's own words, over HTTPS behind a proxy."""
