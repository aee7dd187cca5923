"""What the remote control can do to the simulated Yahoo and its market."""

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from webapp.sandbox.actions import ActionKind
from webapp.sandbox.calendars import DAY, day_number
from webapp.sandbox.clock import Clock, parse_moment
from webapp.sandbox.control_server import Commands
from webapp.sandbox.yahoo.distortions import KINDS, Distortion
from webapp.sandbox.yahoo.faults import Rule
from webapp.sandbox.yahoo.silences import Silence
from webapp.sandbox.yahoo.site import Site
from webapp.sandbox.yahoo.spoiling import ACTIONS

_DATE_LENGTH = len("2026-03-02")


class YahooControl:
    """The commands; each takes the query and the JSON of a call."""

    def __init__(self, site: Site, clock: Clock) -> None:
        self._site = site
        self._clock = clock

    def commands(self) -> Commands:
        """Return all commands by method and path."""
        site = self._site
        return {
            ("GET", "/control/log"): lambda query, _: site.log.since(int(query.get("since", 0))),
            ("DELETE", "/control/log"): lambda *_: site.log.clear(),
            ("GET", "/control/faults"): lambda *_: site.faults.described(),
            ("POST", "/control/faults"): self._add_faults,
            ("DELETE", "/control/faults"): lambda *_: site.faults.clear(),
            ("POST", "/control/actions"): self._inject,
            ("DELETE", "/control/actions"): lambda query, _: site.market.withdraw(query.get("symbol")),
            ("GET", "/control/distortions"): lambda *_: site.distortions.described(),
            ("POST", "/control/distortions"): self._distort,
            ("DELETE", "/control/distortions"): lambda *_: site.distortions.clear(),
            ("GET", "/control/silences"): lambda *_: site.silences.described(),
            ("POST", "/control/silences"): self._silence,
            ("DELETE", "/control/silences"): lambda *_: site.silences.clear(),
            ("GET", "/control/now"): lambda *_: self._clock.state(),
            ("POST", "/control/now"): self._set_now,
        }

    def _add_faults(self, _query: Mapping[str, str], body: Any) -> list[dict[str, Any]]:  # noqa: ANN401 (JSON)
        rules = [_rule(fields) for fields in (body if isinstance(body, list) else [body])]
        self._site.faults.add(rules)
        return self._site.faults.described()

    def _inject(self, _query: Mapping[str, str], body: Any) -> dict[str, Any]:  # noqa: ANN401 (JSON)
        ratio = Fraction(str(body["value"]).replace(":", "/")).limit_denominator(10**6)
        day = date.fromisoformat(body["date"])
        ex_date = self._site.market.inject(body["symbol"], day, ActionKind(body["kind"]), ratio)
        return {
            "symbol": body["symbol"],
            "date": ex_date.isoformat(),
            "kind": body["kind"],
            "value": float(ratio),
        }

    def _distort(self, _query: Mapping[str, str], body: Any) -> list[dict[str, Any]]:  # noqa: ANN401 (JSON)
        if body["kind"] not in KINDS:
            message = f"A bar is distorted by one of {', '.join(KINDS)}, not by {body['kind']}."
            raise ValueError(message)
        symbol, interval = body["symbol"], body.get("interval", "1d")
        self._site.distortions.add(Distortion(symbol, interval, _bar_time(body["time"]), body["kind"]))
        return self._site.distortions.described()

    def _silence(self, _query: Mapping[str, str], body: Any) -> list[dict[str, Any]]:  # noqa: ANN401 (JSON)
        self._site.silences.add(Silence(body["symbol"], body["start"], body["end"], body.get("interval", "")))
        return self._site.silences.described()

    def _set_now(self, _query: Mapping[str, str], body: Any) -> dict[str, object]:  # noqa: ANN401 (JSON)
        start = None if body["now"] is None else parse_moment(body["now"])
        self._clock.set(start, running=bool(body.get("running", False)))
        return self._clock.state()


def _rule(fields: Mapping[str, Any]) -> Rule:
    """Read a rule.

    :raises ValueError: it says something that would have no effect.
    """
    rule = Rule(fields.get("match") or {}, fields["action"], fields.get("times"), fields.get("per") or "rule")
    unknown = {
        *(fields.keys() - {"match", "action", "times", "per"}),
        *(rule.match.keys() - {"path", "symbol", "interval", "host"}),
        *(rule.action.keys() - {*ACTIONS, "retry_after"}),
        *({rule.per} - {"rule", "request"}),
    }
    if unknown or not rule.action.keys() & set(ACTIONS):
        message = f"A rule cannot say {sorted(unknown)}; its action is one of {', '.join(ACTIONS)}."
        raise ValueError(message)
    return rule


def _bar_time(time: str | int) -> int:
    """Read a date, an instant in ISO 8601, or epoch seconds."""
    if isinstance(time, int):
        return time
    if len(time) == _DATE_LENGTH:
        return day_number(date.fromisoformat(time)) * DAY
    return int(parse_moment(time))
