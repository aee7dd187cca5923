"""Schedules, as scripts see them."""

from webapp.notebook.database_errors import opened
from webapp.scheduling.schedule_records import Record, schedule_records


class ScheduleVerbs:
    """What a script may want of schedules."""

    @staticmethod
    def schedules() -> list[Record]:
        """Return all schedules by their names: what each asks for and when, its next runs and its last one."""
        with opened() as context:
            return schedule_records(context)
