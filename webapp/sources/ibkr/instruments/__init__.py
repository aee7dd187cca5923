"""Contracts as IBKR knows them: looked up, named, cached for a while, and the facts that their details tell."""
