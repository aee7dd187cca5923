"""Schedules, their runs, and series that are late."""
