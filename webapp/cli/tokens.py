"""``tokens``: who may use the JSON API."""

import click
from flask.cli import AppGroup
from flask_babel import gettext

from webapp.access import tokens as service
from webapp.access.queries_tokens import Scope, TokenRow
from webapp.cli.completion import token_number
from webapp.cli.speaking import SpokenCommand, answer, confirm, remark, table
from webapp.context import context
from webapp.jobs.records import moment


@click.group("tokens", cls=AppGroup)
def tokens() -> None:
    """Make, list and revoke the bearer tokens of the JSON API."""


@tokens.command("create", cls=SpokenCommand, with_appcontext=False)
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    type=click.Choice([scope.value for scope in Scope]),
    help="What it may do; may be given again.",
)
def create(name: str, scopes: tuple[str, ...]) -> None:
    """Make a token; NAME says who uses it. The token is printed once and cannot be shown again."""
    token = service.create(context(), name, [Scope(scope) for scope in scopes])
    remark(gettext("Token %(id)d. Keep it now: it cannot be shown again.", id=token.id))
    answer({"id": token.id, "name": name.strip(), "scopes": sorted(set(scopes)), "token": token.text}, token.text)


@tokens.command("list", cls=SpokenCommand, with_appcontext=False)
def list_() -> None:
    """List all tokens; of each, only the part that is no secret is known."""
    rows = service.every()
    answer([_record(row) for row in rows], lambda: _text(rows))


def _record(row: TokenRow) -> dict[str, object]:
    return {
        "id": row.id,
        "name": row.name,
        "prefix": row.prefix,
        "scopes": sorted(row.scopes),
        "created_at": moment(row.created_at),
        "last_used_at": moment(row.last_used_at),
        "revoked_at": moment(row.revoked_at),
    }


def _text(rows: list[TokenRow]) -> str:
    if not rows:
        return str(gettext("There are no tokens yet."))
    cells = [
        (
            row.id,
            row.name,
            row.prefix,
            ", ".join(sorted(row.scopes)),
            f"{row.created_at:%Y-%m-%d %H:%M}",
            f"{row.last_used_at:%Y-%m-%d %H:%M}" if row.last_used_at else gettext("never"),
            f"{row.revoked_at:%Y-%m-%d %H:%M}" if row.revoked_at else "",
        )
        for row in rows
    ]
    heads = ("id", gettext("name"), gettext("prefix"), gettext("scopes"), gettext("made (UTC)"))
    return table((*heads, gettext("last used"), gettext("revoked")), cells)


@tokens.command("revoke", cls=SpokenCommand, with_appcontext=False)
@click.argument("token_id", type=token_number())
def revoke(token_id: int) -> None:
    """Make a token good for nothing, at once and for good."""
    row = service.revoke(context(), token_id)
    confirm(_record(row), gettext("Token %(id)d (%(name)s) is revoked.", id=row.id, name=row.name))
