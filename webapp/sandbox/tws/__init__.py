"""The offline TWS: the wire protocol of Interactive Brokers on the offline market."""
