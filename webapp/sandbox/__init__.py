"""The offline market: one deterministic market, and servers that show it as the real sources would.

Everything listens on loopback only. Nothing here imports another part of ``webapp``: the sandbox is a
neighbour that the product talks to over sockets, never a part of it.
"""
