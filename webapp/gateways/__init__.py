"""Gateways to TWS: those that a person saved, and what workers say of their connections."""
