"""What keeps the installation well: the clock, clean-up, doctor, status, statistics, metrics."""
