"""Every setting, read once from the environment and ``.env`` by ``create_app``; everyone else is handed values."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import quote

from environs import Env, EnvError

from webapp.database.engine import database_url
from webapp.errors import SettingsError, sentence
from webapp.kernel.gateways import DEFAULT_GATEWAY, Gateway, GatewayPlaces
from webapp.sources.ibkr.nightly import NightlyWindow

_GATEWAY_HOSTS = ["127.0.0.1", "localhost", "ib-gateway", "host.docker.internal"]
_GATEWAY_PORTS = [4001, 4002, 4003, 4004, 7496, 7497, 7498, 7499]
ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings, with their defaults resolved. Durations are in seconds."""

    folder: Path
    """Where this installation keeps its files: database, secret key, caches."""
    simulated: bool
    """Whether the sources are the offline market; the interface says so."""
    database_url: str
    redis_url: str
    secret_key: str
    host: str
    port: int
    trusted_hosts: tuple[str, ...]
    trust_proxy_hops: int
    log_level: str
    task_time_limit: int
    job_lease_seconds: int
    clock_tick_seconds: float
    max_attempts: int
    retention_days: int
    flower_url: str | None
    yahoo: Mapping[str, str | float | None]
    ibkr: Mapping[str, str | float | None]
    gateway: Gateway
    gateway_places: GatewayPlaces


def is_loopback(host: str) -> bool:
    """Tell whether an address to bind to can be reached from this machine only."""
    if host == "localhost":
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return address.version == 4 and address.is_loopback  # noqa: PLR2004 -- Host headers of IPv6 are not compared


def load_settings(folder: Path | None = None, *, read_dotenv: bool = True) -> Settings:
    """Read all settings.

    :param folder: where files are kept when ``MOISSON_FOLDER`` does not say; ``var/`` beside the code otherwise.
    :raises SettingsError: with a sentence that names the setting and says what it takes.
    """
    env = Env()
    if read_dotenv:
        env.read_env(str(ROOT / ".env"), recurse=False)
    try:
        return _settings(env, folder)
    except EnvError as err:
        message = sentence(
            "A setting is not understood: %(problem)s. Correct it in the environment or in .env.",
            problem=str(err).rstrip("."),
        )
        raise SettingsError(message) from err


def _settings(env: Env, folder: Path | None) -> Settings:
    home = env.path("MOISSON_FOLDER", folder or ROOT / "var")
    home.mkdir(parents=True, exist_ok=True)
    host = env.str("HOST", "127.0.0.1")
    gateway = Gateway(
        DEFAULT_GATEWAY, env.str("IB_HOST", "127.0.0.1"), env.int("IB_PORT", 7497), env.int("IB_CLIENT_ID", 11)
    )
    if not is_loopback(host):
        message = sentence(
            "HOST is %(host)s, but this version has no sign-in yet, so it serves this machine only: anyone who reaches "
            "the address could use it. Leave HOST out, or set it to 127.0.0.1; from elsewhere, use an SSH tunnel.",
            host=host,
        )
        raise SettingsError(message)
    return Settings(
        folder=home,
        simulated=env.bool("MOISSON_SIMULATED", default=False),
        database_url=database_url(env.str("DATABASE_URL", f"sqlite:///{home / 'moisson.db'}")),
        redis_url=_redis_url(env, home),
        secret_key=env.str("SECRET_KEY", "") or _own_secret(home / "secret_key"),
        host=host,
        port=env.int("PORT", 8000),
        trusted_hosts=tuple(env.list("TRUSTED_HOSTS", [])) or tuple(dict.fromkeys(("localhost", "127.0.0.1", host))),
        trust_proxy_hops=env.int("TRUST_PROXY_HOPS", 0),
        log_level=env.str("LOG_LEVEL", "INFO").upper(),
        task_time_limit=env.int("TASK_TIME_LIMIT", 3600),
        job_lease_seconds=env.int("JOB_LEASE_SECONDS", 60),
        clock_tick_seconds=env.float("CLOCK_TICK_SECONDS", 5.0),
        max_attempts=env.int("MAX_ATTEMPTS", 5),
        retention_days=env.int("RETENTION_DAYS", 90),
        flower_url=env.str("FLOWER_URL", None),
        yahoo={
            "proxy": env.str("YAHOO_PROXY", None),
            "ca_bundle": env.str("YAHOO_CA_BUNDLE", None),
            "requests_per_second": env.float("YAHOO_REQUESTS_PER_SECOND", 0.5),
            "cooldown_seconds": env.float("YAHOO_COOLDOWN_SECONDS", 60.0),
        },
        ibkr=_ibkr(env),
        gateway=gateway,
        gateway_places=GatewayPlaces(
            hosts=frozenset((*env.list("IB_ALLOWED_HOSTS", _GATEWAY_HOSTS), gateway.host)),
            ports=frozenset((*env.list("IB_ALLOWED_PORTS", _GATEWAY_PORTS, subcast=int), gateway.port)),
        ),
    )


def _ibkr(env: Env) -> dict[str, str | float | None]:
    """Read the pacing rules (IBKR Campus, TWS API, "Historical data limitations") and the nightly window."""
    soft = env.float("IB_SOFT_REQUESTS_PER_SECOND", 4.0)
    return {
        "window_seconds": env.float("IB_PACING_WINDOW_SECONDS", 600.0),
        "window_requests": env.float("IB_PACING_WINDOW_REQUESTS", 60.0),
        "identical_seconds": env.float("IB_PACING_IDENTICAL_SECONDS", 15.0),
        "burst_seconds": env.float("IB_PACING_BURST_SECONDS", 2.0),
        "max_open": env.float("IB_MAX_OPEN_REQUESTS", 20.0),
        "soft_per_second": soft,
        "requests_per_second": soft,
        "request_timeout": env.float("IB_REQUEST_TIMEOUT", 60.0),
        "nightly_window": _nightly_window(env),
    }


def _nightly_window(env: Env) -> str:
    """Return the window as it was written, once it is known that it can be read.

    :raises SettingsError: when it cannot.
    """
    text = env.str("IB_NIGHTLY_WINDOW", "00:15-01:45 America/New_York")
    NightlyWindow.parse(text)
    return text


def _redis_url(env: Env, home: Path) -> str:
    """Return the queue's address: as told, or where the server that ``make run`` started has said that it listens."""
    url = env.str("REDIS_URL", "")
    if url:
        return url
    embedded = home / "redis_url"
    if not env.str("REDIS_HOST", "") and embedded.exists():
        return embedded.read_text(encoding="ascii").strip()
    password = env.str("REDIS_PASSWORD", "")
    secret = f":{quote(password, safe='')}@" if password else ""
    return (
        f"redis://{secret}{env.str('REDIS_HOST', '127.0.0.1')}:{env.int('REDIS_PORT', 6379)}/{env.int('REDIS_DB', 0)}"
    )


def _own_secret(path: Path) -> str:
    """Return the key kept in ``path``, made on first use and readable by its owner only."""
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(48), encoding="ascii")
    return path.read_text(encoding="ascii").strip()
