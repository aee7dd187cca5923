"""What stands until somebody changes it: watchlists, and schedules that collect again and again."""
