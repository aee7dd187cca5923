"""Collecting: plan, submission, what a person may ask of jobs, the work itself, rescue of what was lost."""
