"""What the doctor says of gateways: which one is asked, and how it stands.

Nothing is contacted; the workers' own words count. Accounts are not told.
"""

from collections.abc import Iterator

from webapp.context import Context
from webapp.errors import sentence
from webapp.gateways.connections import GatewayState, gateway_states
from webapp.sources.manifest import Finding


def gateway_findings(context: Context) -> Iterator[Finding]:
    """Say which gateway is asked by default and how it stands; needs the database and Redis."""
    for state in gateway_states(context) or []:
        if state.is_default or state.connection or state.failure:
            yield (
                True,
                sentence(
                    "The gateway “%(name)s” is at %(host)s:%(port)d.",
                    name=state.gateway.name,
                    host=state.gateway.host,
                    port=state.gateway.port,
                ),
            )
            yield from _standing(state)


def _standing(state: GatewayState) -> Iterator[Finding]:
    if state.connection is not None:
        message = sentence(
            "Workers are connected to it: %(count)d, server version %(version)d.",
            count=state.connection.workers,
            version=state.connection.server_version,
        )
        yield True, message
        if not state.connection.is_linked:
            yield False, sentence("It has lost its link to IBKR. Collections wait and go on by themselves.")
    elif state.failure is not None and state.failed_at is not None:
        at = state.failed_at.strftime("%Y-%m-%d %H:%M:%S")
        yield False, sentence("It was not reached at %(at)s (UTC).", at=at)
        yield False, state.failure
    else:
        yield True, sentence("No worker is connected to it now; one connects when a collection needs it.")
