"""What may be chosen: the sources with what they serve, the intervals, the calendars."""
