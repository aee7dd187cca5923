"""The façade for notebooks and scripts: collect, look, and get bars as frames.

It works in a plain Python session with the same ``.env`` as the site, without a word about application contexts::

    from webapp.job_manager import JobManager

    frame = JobManager.get("AAPL", interval="1d", period="5y", adjust="all")  # collects what is missing
    closes = JobManager.get(["AAPL", "MSFT"], period="5y", field="close")  # a column a symbol

    batch = JobManager.submit(["AAPL", "MSFT"], interval="1d", period="5y")
    JobManager.wait(batch.id)
    frame = JobManager.bars("AAPL", source="yahoo", interval="1d", adjust="all")

Jobs are plain dicts, in the form of ``GET /api/v1/jobs/<id>``. The verbs stand in ``webapp.notebook``, by their nouns;
docs/python.md lists them.
"""

from webapp.errors import SymbolsError
from webapp.jobs.records import JobRecord
from webapp.notebook.bar_verbs import BarVerbs
from webapp.notebook.batch import Batch, Outcome, Picked
from webapp.notebook.catalogue_verbs import CatalogueVerbs
from webapp.notebook.collect_verbs import CollectVerbs
from webapp.notebook.job_verbs import JobVerbs
from webapp.notebook.schedule_verbs import ScheduleVerbs

__all__ = ["Batch", "JobManager", "JobRecord", "Outcome", "Picked", "SymbolsError"]


class JobManager(CollectVerbs, BarVerbs, CatalogueVerbs, JobVerbs, ScheduleVerbs):
    """Everything a script may want of Moisson."""
