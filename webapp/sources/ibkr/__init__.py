"""Interactive Brokers: contracts and historical bars through TWS or IB Gateway, inside its pacing rules."""
