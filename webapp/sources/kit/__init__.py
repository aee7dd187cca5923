"""What sources share: a paced HTTP session, labels of bars, an offer made of a few values, the usual settings."""
