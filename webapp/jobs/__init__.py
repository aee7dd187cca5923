"""The job's row, which is the truth: states and guarded moves, claim, lease, release, retry, events."""
