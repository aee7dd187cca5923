"""What the remote control can do to the offline TWS."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from webapp.sandbox.control_server import Commands
from webapp.sandbox.tws.dates import DateStyle
from webapp.sandbox.tws.state import RESTORED, Tws


class TwsControl:
    """The commands; each takes the query and the JSON of a call."""

    def __init__(self, tws: Tws) -> None:
        self._tws = tws

    def commands(self) -> Commands:
        """Return all commands by method and path."""
        tws = self._tws
        return {
            ("GET", "/control/tws/log"): lambda query, _: tws.journal.since(int(query.get("since", 0))),
            ("GET", "/control/tws/orders"): lambda *_: tws.journal.orders(),
            ("GET", "/control/tws/violations"): lambda *_: tws.pacing.violations(),
            ("GET", "/control/tws/clients"): lambda *_: tws.client_ids(),
            ("GET", "/control/tws/faults"): lambda *_: tws.faults.described(),
            ("POST", "/control/tws/faults"): self._add_fault,
            ("DELETE", "/control/tws/faults"): lambda *_: tws.faults.clear(),
            ("GET", "/control/tws/settings"): lambda *_: self._settings(),
            ("POST", "/control/tws/settings"): self._set,
            ("POST", "/control/tws/occupied"): lambda _, body: tws.occupy(
                [int(client_id) for client_id in body["ids"]]
            ),
            ("POST", "/control/tws/outage"): self._outage,
            ("DELETE", "/control/tws/outage"): lambda *_: tws.restore(),
            ("POST", "/control/tws/restart"): lambda _, body: tws.restart(float(body["seconds"])),
            ("DELETE", "/control/tws"): lambda *_: tws.clear(),
        }

    def _add_fault(self, _query: Mapping[str, str], body: Any) -> list[dict[str, Any]]:  # noqa: ANN401 (JSON)
        self._tws.faults.add(body)
        return self._tws.faults.described()

    def _settings(self) -> dict[str, Any]:
        pacing = {**asdict(self._tws.pacing.rules), "is_enforced": self._tws.pacing.is_enforced}
        return {**asdict(self._tws.settings), "pacing": pacing}

    def _set(self, _query: Mapping[str, str], body: Any) -> dict[str, Any]:  # noqa: ANN401 (JSON)
        """Change settings by name; ``pacing`` holds those of the rules."""
        unknown = body.keys() - {"pacing", *asdict(self._tws.settings)}
        if unknown:
            message = f"there is no setting {', '.join(sorted(unknown))}"
            raise ValueError(message)
        settings = self._tws.settings
        settings.account = str(body.get("account", settings.account))
        settings.date_style = DateStyle(body.get("date_style", settings.date_style))
        settings.server_version = int(body.get("server_version", settings.server_version))
        settings.rejects_messages = bool(body.get("rejects_messages", settings.rejects_messages))
        settings.held_seconds = float(body.get("held_seconds", settings.held_seconds))
        rules = dict(body.get("pacing", {}))
        self._tws.pacing.is_enforced = bool(rules.pop("is_enforced", self._tws.pacing.is_enforced))
        self._tws.pacing.rules = replace(self._tws.pacing.rules, **rules)
        return self._settings()

    def _outage(self, _query: Mapping[str, str], body: Any) -> None:  # noqa: ANN401 (JSON)
        code = int(body.get("code", 1102))
        if code not in RESTORED:
            message = f"{code} does not say that the link is there again"
            raise ValueError(message)
        self._tws.outage(float(body["seconds"]), code)
