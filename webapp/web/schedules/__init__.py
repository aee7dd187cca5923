"""«Planifications»: schedules, their form, their runs."""
