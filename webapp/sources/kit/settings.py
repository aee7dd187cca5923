"""The settings that every source on the kit has, and a demonstration that asks nobody outside."""

from collections.abc import Callable
from urllib.parse import urlsplit

from webapp.sources.manifest import Environment, Setting, SettingKind

_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_NOBODY = "http://127.0.0.1:9"


def usual_settings(
    prefix: str, rate: float, cooldown: float = 60.0, base_url: str | None = None
) -> tuple[Setting, ...]:
    """Return rate (requests a second), first cool-down (seconds), proxy and certificates, and the service's address.

    There is a setting for the address when ``base_url`` is the usual one.
    """
    settings = (
        Setting("proxy", f"{prefix}_PROXY", None),
        Setting("ca_bundle", f"{prefix}_CA_BUNDLE", None),
        Setting("requests_per_second", f"{prefix}_REQUESTS_PER_SECOND", rate, SettingKind.NUMBER),
        Setting("cooldown_seconds", f"{prefix}_COOLDOWN_SECONDS", cooldown, SettingKind.NUMBER),
    )
    return settings if base_url is None else (Setting("base_url", f"{prefix}_BASE_URL", base_url), *settings)


def stay_on_loopback(environment: str, usual: str = "") -> Callable[[Environment, Environment], Environment]:
    """Return a manifest's ``demonstration``: the address in ``environment`` if it is this machine's, else nobody's.

    :param usual: the address where the environment names none.
    """

    def demonstrate(base: Environment, market: Environment) -> Environment:  # noqa: ARG001 -- the market has no such service
        address = base.get(environment) or usual
        return {environment: address if urlsplit(address).hostname in _LOOPBACK else _NOBODY}

    return demonstrate
