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
from webapp.sources.manifest import GatewaySettings, Manifest, Setting, SettingKind, SourceSettings
from webapp.sources.registry import MANIFESTS, gateway_settings

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
    sources: Mapping[str, SourceSettings]
    """Each source's own settings, by its name."""
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
    except OSError as err:
        message = sentence(
            "The folder %(folder)s cannot be used (%(words)s). Make room, or name another in MOISSON_FOLDER.",
            folder=str(err.filename or ""),
            words=err.strerror or type(err).__name__,
        )
        raise SettingsError(message) from err


def _settings(env: Env, folder: Path | None) -> Settings:
    home = env.path("MOISSON_FOLDER", folder or ROOT / "var")
    home.mkdir(parents=True, exist_ok=True)
    host = env.str("HOST", "127.0.0.1")
    gateway, places = _gateway(env, gateway_settings())
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
        sources={name: _source(env, home, manifest) for name, manifest in MANIFESTS.items()},
        gateway=gateway,
        gateway_places=places,
    )


def _gateway(env: Env, usual: GatewaySettings) -> tuple[Gateway, GatewayPlaces]:
    gateway = Gateway(
        DEFAULT_GATEWAY,
        env.str(usual.host_environment, usual.host),
        env.int(usual.port_environment, usual.port),
        env.int(usual.client_id_environment, usual.client_id),
    )
    hosts = env.list(usual.hosts_environment, list(usual.hosts))
    ports = env.list(usual.ports_environment, list(usual.ports), subcast=int)
    return gateway, GatewayPlaces(hosts=frozenset((*hosts, gateway.host)), ports=frozenset((*ports, gateway.port)))


def _source(env: Env, home: Path, manifest: Manifest) -> SourceSettings:
    """Read a source's settings as its manifest describes them."""
    folders = {name: str(home / folder) for name, folder in manifest.folders.items()}
    return {setting.name: _value(env, setting) for setting in manifest.settings} | folders


def _value(env: Env, setting: Setting) -> str | float | None:
    """Read a setting.

    :raises SettingsError: when the source cannot use it.
    """
    if setting.kind is SettingKind.NUMBER:
        number: float | None = env.float(setting.environment, None)
        return setting.default if number is None else number
    text: str | None = env.str(setting.environment, None)
    if text is None:
        return setting.default
    setting.check(text)
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
