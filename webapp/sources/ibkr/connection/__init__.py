"""Connections to TWS: the pool of a process, one connection, client ids, the loop's thread, and what arrives."""
