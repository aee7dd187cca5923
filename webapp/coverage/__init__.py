"""What is known of a series and what is missing: calendars, expected sessions, gaps, completeness, freshness."""
