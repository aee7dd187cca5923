"""What is collected again and again: schedules, their runs, and promises of how fresh series are to be."""
