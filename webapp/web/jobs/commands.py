"""The form that asks something of jobs: of one, of those picked, or of a batch."""

from wtforms import StringField

from webapp.collecting.verbs import JobCommand, Verb
from webapp.kernel.collect_fields import priority_of
from webapp.kernel.job_states import Priority
from webapp.web.forms import RequestForm, picked_field


class CommandForm(RequestForm):
    """The jobs picked, what a person adds, and the page to go back to; ``confirmed`` is ``yes`` the second time."""

    id = picked_field()
    reason = StringField()
    priority = StringField()
    confirmed = StringField()
    next = StringField()

    def to_command(self, verb: Verb) -> JobCommand:
        """Return what the form asks for.

        :raises InvalidRequestError: for a reason that is too long, or a priority that there is none of.
        """
        priority = priority_of(self.priority.data or "") if verb is Verb.PRIORITY else Priority.NORMAL
        return JobCommand(verb, "web", self.reason.data or "", priority)
