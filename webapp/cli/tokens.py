"""``tokens``: who may use the JSON API."""

import click
from flask.cli import AppGroup
from flask_babel import gettext

from webapp.access import tokens as service
from webapp.access.queries_tokens import Scope
from webapp.cli.speaking import SpokenCommand, complain, table
from webapp.context import context


@click.group("tokens", cls=AppGroup)
def tokens() -> None:
    """Make, list and revoke the bearer tokens of the JSON API."""


@tokens.command("create", cls=SpokenCommand, with_appcontext=False)
@click.argument("name")
@click.option("--scope", "scopes", multiple=True, required=True, type=click.Choice([scope.value for scope in Scope]))
def create(name: str, scopes: tuple[str, ...]) -> None:
    """Make a token; NAME says who uses it. The token is printed once and cannot be shown again."""
    token = service.create(context(), name, [Scope(scope) for scope in scopes])
    complain(gettext("Token %(id)d. Keep it now: it cannot be shown again.", id=token.id))
    click.echo(token.text)


@tokens.command("list", cls=SpokenCommand, with_appcontext=False)
def list_() -> None:
    """List all tokens; of each, only the part that is no secret is known."""
    rows = [
        (
            row.id,
            row.name,
            row.prefix,
            ", ".join(sorted(row.scopes)),
            f"{row.created_at:%Y-%m-%d %H:%M}",
            f"{row.last_used_at:%Y-%m-%d %H:%M}" if row.last_used_at else gettext("never"),
            f"{row.revoked_at:%Y-%m-%d %H:%M}" if row.revoked_at else "",
        )
        for row in service.every()
    ]
    if not rows:
        click.echo(gettext("There are no tokens yet."))
        return
    heads = ("id", gettext("name"), gettext("prefix"), gettext("scopes"), gettext("made (UTC)"))
    click.echo(table((*heads, gettext("last used"), gettext("revoked")), rows))


@tokens.command("revoke", cls=SpokenCommand, with_appcontext=False)
@click.argument("token_id", type=click.IntRange(1, 2**31 - 1))
def revoke(token_id: int) -> None:
    """Make a token good for nothing, at once and for good."""
    row = service.revoke(context(), token_id)
    click.echo(gettext("Token %(id)d (%(name)s) is revoked.", id=row.id, name=row.name))
