"""Is everything there that a collection needs? In plain words, with what to do, and without any secret."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from webapp.context import Context
from webapp.database import queries_health, schema
from webapp.errors import Sentence, sentence
from webapp.sources.manifest import SourceSettings
from webapp.sources.registry import LEFT_OUT, MANIFESTS, capabilities_of
from webapp.upkeep.doctor_gateways import gateway_findings
from webapp.upkeep.doctor_paces import pace_findings
from webapp.upkeep.status import SystemStatus, system_status


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    is_good: bool
    text: Sentence


def examine(context: Context, sources: Mapping[str, SourceSettings]) -> list[Finding]:
    """Look at the database, its schema, Redis, the workers, the clock, the sources and their settings; ask no source.

    :param sources: each source's own settings, by name.
    """
    findings = [_database()]
    if findings[0].is_good:
        findings.append(_schema())
    is_redis_up = False
    if findings[-1].is_good:
        status = system_status(context)
        is_redis_up = status.queue_up
        findings += [_redis(is_up=status.queue_up), *_workers(status), _clock(status)]
    else:
        findings.append(_redis(is_up=context.queue.is_up()))
    findings += [_bad(problem) for problem in LEFT_OUT]
    for name, settings in sources.items():
        findings += _source(name, settings)
        rate = settings.get("requests_per_second")
        if is_redis_up and isinstance(rate, int | float) and rate > 0:
            findings += [_good(text) for text in pace_findings(context, name, rate)]
    if is_redis_up and any(capabilities_of(name).has_gateways for name in sources):
        findings += [Finding(*finding) for finding in gateway_findings(context)]
    if context.simulated:
        findings.append(_good(sentence("Prices are simulated: the sources are the offline market.")))
    return findings


def _good(text: Sentence) -> Finding:
    return Finding(is_good=True, text=text)


def _bad(text: Sentence) -> Finding:
    return Finding(is_good=False, text=text)


def _database() -> Finding:
    name = queries_health.name()
    if queries_health.answers():
        return _good(sentence("The database answers: %(name)s.", name=name))
    return _bad(sentence("The database does not answer: %(name)s. Check DATABASE_URL and that it runs.", name=name))


def _schema() -> Finding:
    if schema.is_current():
        return _good(sentence("The database's tables are up to date."))
    return _bad(sentence("The database's tables are missing or of another version. Run: flask --app wsgi init-db"))


def _redis(*, is_up: bool) -> Finding:
    if is_up:
        return _good(sentence("The queue (Redis) answers."))
    return _bad(
        sentence(
            "The queue (Redis) does not answer. Start it, or check REDIS_URL. Jobs are kept and start when it is back."
        ),
    )


def _workers(status: SystemStatus) -> list[Finding]:
    if status.workers is None:
        return []  # only Redis knows them, and that it is away is said already
    if status.workers:
        return [
            _good(sentence("Workers that are alive: %(names)s.", names=", ".join(status.workers))),
        ]
    return [
        _bad(sentence("No worker is alive. Start one: celery -A worker worker --loglevel=info")),
    ]


def _clock(status: SystemStatus) -> Finding:
    if not status.clock_is_late:
        return _good(sentence("The clock beats."))
    if status.clock_beat_at is None:
        return _bad(sentence("The clock has never run. Start it: flask --app wsgi clock"))
    last = status.clock_beat_at.strftime("%Y-%m-%d %H:%M:%S")
    return _bad(sentence("The clock last beat at %(last)s (UTC). Start it: flask --app wsgi clock", last=last))


def _source(name: str, settings: SourceSettings) -> list[Finding]:
    findings = []
    rate = settings.get("requests_per_second")
    if isinstance(rate, int | float):
        findings.append(_rate(name, float(rate)))
    if proxy := settings.get("proxy"):
        host = urlsplit(str(proxy)).hostname or "?"  # the rest of the address may hold a password
        findings.append(_good(sentence("%(source)s is asked through the proxy %(host)s.", source=name, host=host)))
    if bundle := settings.get("ca_bundle"):
        findings.append(_bundle(name, Path(str(bundle))))
    return findings + [Finding(*finding) for finding in MANIFESTS[name].examine(settings)]


def _rate(name: str, rate: float) -> Finding:
    if rate > 0:
        return _good(sentence("%(source)s is asked at most %(rate)g times a second.", source=name, rate=rate))
    return _bad(
        sentence("%(source)s would never be asked: its requests per second must be above 0.", source=name),
    )


def _bundle(name: str, path: Path) -> Finding:
    if path.is_file():
        return _good(sentence("%(source)s trusts the certificates in %(path)s.", source=name, path=str(path)))
    return _bad(
        sentence(
            "%(source)s is to trust the certificates in %(path)s, but there is no such file.",
            source=name,
            path=str(path),
        ),
    )
