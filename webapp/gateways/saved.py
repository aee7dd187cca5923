"""Gateways that a person saved, and which one a job asks."""

from collections.abc import Mapping

from webapp.context import Context
from webapp.database.transactions import reading, writing
from webapp.errors import ConflictError, InvalidRequestError, NotFoundError, Sentence, sentence
from webapp.gateways import queries_gateways
from webapp.gateways.queries_gateways import SavedRow
from webapp.kernel.gateways import Gateway, GatewayPlaces
from webapp.sources.registry import gateway_settings

LONGEST_NAME = 40
LARGEST_CLIENT_ID = 9999


def chosen(context: Context, options: Mapping[str, str]) -> Gateway:
    """Return the gateway that the options name, or else the default one: saved, or of the settings.

    :raises InvalidRequestError: with the field ``gateway`` when there is none of that name (any more).
    """
    name = options.get("gateway", "")
    with reading() as connection:
        gateway = queries_gateways.by_name(connection, name) if name else queries_gateways.default(connection)
    if gateway is not None:
        return gateway
    if name and name != context.gateway.name:
        message = sentence("There is no gateway “%(name)s”. Save it first, or choose another one.", name=name[:40])
        raise InvalidRequestError({"gateway": message})
    return context.gateway


def listed(context: Context) -> list[SavedRow]:
    """Return all gateways: that of the settings (with the id 0) first, then the saved ones by name."""
    with reading() as connection:
        saved = queries_gateways.every(connection)
    return [SavedRow(0, context.gateway, not any(row.is_default for row in saved)), *saved]


def validate_gateway(context: Context, fields: Mapping[str, str]) -> Gateway:
    """Return the gateway that texts (``name``, ``host``, ``port``, ``client_id``) describe; nothing is contacted.

    :raises InvalidRequestError: with a sentence for each field that is wrong.
    """
    places = context.gateway_places
    name, host = fields.get("name", "").strip(), fields.get("host", "").strip().lower()
    port, client_id = _number(fields.get("port", "")), _number(fields.get("client_id", ""))
    problems = {
        "name": _name_problem(name),
        "host": None if host in {each.lower() for each in places.hosts} else _host_problem(host, places),
        "port": None if port in places.ports else _port_problem(fields.get("port", "").strip(), places),
        "client_id": None if 1 <= client_id <= LARGEST_CLIENT_ID else _client_id_problem(),
    }
    wrong = {field: problem for field, problem in problems.items() if problem}
    if wrong:
        raise InvalidRequestError(wrong)
    return Gateway(name, host, port, client_id)


def save(context: Context, fields: Mapping[str, str], gateway_id: int = 0) -> int:
    """Save a gateway, or give a saved one (by its id) other values; return its id.

    :raises InvalidRequestError: with a sentence for each field that is wrong.
    :raises NotFoundError: when there is none of this id.
    """
    gateway = validate_gateway(context, fields)
    with writing() as connection:
        saved = queries_gateways.every(connection)
        names = {row.gateway.name for row in saved if row.id != gateway_id} | {context.gateway.name}
        if gateway.name in names:
            message = sentence("There is a gateway of this name already. Choose another one.")
            raise InvalidRequestError({"name": message})
        if not gateway_id:
            return queries_gateways.save(connection, gateway, context.now())
        before = _one(saved, gateway_id)
        if before.gateway.name != gateway.name and queries_gateways.named_by_active_jobs(
            connection, before.gateway.name
        ):
            raise ConflictError(_in_use(before.gateway.name))
        queries_gateways.change(connection, gateway_id, gateway, context.now())
    return gateway_id


def make_default(gateway_id: int) -> None:
    """Let jobs that name no gateway ask this one; 0 is that of the settings.

    :raises NotFoundError: when there is none of this id.
    """
    with writing() as connection:
        if gateway_id:
            _one(queries_gateways.every(connection), gateway_id)
        queries_gateways.make_default(connection, gateway_id or None)


def remove(gateway_id: int) -> None:
    """Forget a saved gateway.

    :raises NotFoundError: when there is none of this id.
    :raises ConflictError: while a job that is not over names it.
    """
    with writing() as connection:
        row = _one(queries_gateways.every(connection), gateway_id)
        if queries_gateways.named_by_active_jobs(connection, row.gateway.name):
            raise ConflictError(_in_use(row.gateway.name))
        queries_gateways.remove(connection, gateway_id)


def find(gateway_id: int) -> SavedRow:
    """Return a saved gateway.

    :raises NotFoundError: when there is none of this id.
    """
    with reading() as connection:
        return _one(queries_gateways.every(connection), gateway_id)


def _one(saved: list[SavedRow], gateway_id: int) -> SavedRow:
    for row in saved:
        if row.id == gateway_id:
            return row
    raise NotFoundError(sentence("There is no gateway %(id)d.", id=gateway_id))


def _number(text: str) -> int:
    """Return the number that a text is in plain digits, and -1 for anything else."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 5 else -1  # noqa: PLR2004 -- a port's digits


def _name_problem(name: str) -> Sentence | None:
    if name and len(name) <= LONGEST_NAME and name.isprintable():
        return None
    return sentence("Give a name of at most %(longest)d characters.", longest=LONGEST_NAME)


def _host_problem(host: str, places: GatewayPlaces) -> Sentence:
    return sentence(
        "“%(host)s” is not among the hosts that are allowed: %(hosts)s. %(setting)s adds others.",
        host=host[:60],
        hosts=", ".join(sorted(places.hosts)),
        setting=gateway_settings().hosts_environment,
    )


def _port_problem(port: str, places: GatewayPlaces) -> Sentence:
    return sentence(
        "“%(port)s” is not among the ports that are allowed: %(ports)s. %(setting)s adds others.",
        port=port[:20],
        ports=", ".join(map(str, sorted(places.ports))),
        setting=gateway_settings().ports_environment,
    )


def _client_id_problem() -> Sentence:
    return sentence("A client id is a whole number from 1 to %(largest)d.", largest=LARGEST_CLIENT_ID)


def _in_use(name: str) -> Sentence:
    return sentence(
        "Collections that are not over ask the gateway “%(name)s”. Cancel them or wait until they are over.", name=name
    )
