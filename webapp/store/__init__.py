"""The tables and their queries: the only package that knows SQL.

Every function takes the connection of a transaction that its caller opened with ``transactions.reading`` or
``transactions.writing``, so that a service decides what is committed together.
"""
