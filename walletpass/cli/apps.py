"""`walletpass apps`: the restaurant's own apps, whose word for a signed-in guest is taken."""

from pathlib import Path

import click

from walletpass import identification, programs
from walletpass.cli.setup import ready
from walletpass.database import reading, transaction


@click.group()
def apps() -> None:
    """Keys of the restaurant's own apps, which sign for the guests who are signed in to them."""


@apps.command()
@click.argument("program_id")
@click.argument("key", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--issuer", required=True, help="The iss of its tokens, for example https://app.example.com")
@click.option("--audience", default="walletpass", show_default=True, help="The aud of its tokens")
@click.option("--label", default="", help="A name for it")
def add(program_id: str, key: Path, issuer: str, audience: str, label: str) -> None:
    """Take the word of an app by its public KEY, PEM or JWK: Ed25519, P-256, or RSA of 2048 bits.

    Its tokens (JWT) carry iss, aud, exp at most ten minutes ahead, and sub: a card id, or the name that was bound to the card (kind app). With
    a jti a token is good once, and lets points be spent as a guest's own proof does.
    """
    ready()
    with transaction() as session:
        programs.get(session, program_id)
        made = identification.add_app_key(
            session, program_id, label=label, issuer=issuer, audience=audience, key=key.read_text("utf-8", "replace")
        )
    click.echo(f"{made.id}  {made.algorithm}  {made.issuer}")


@apps.command("list")
@click.argument("program_id")
def show(program_id: str) -> None:
    """Whose word is taken."""
    ready()
    with reading() as session:
        programs.get(session, program_id)
        for key in identification.app_keys.every(session, program_id):
            click.echo(f"{key.id}  {key.algorithm:5}  {'revoked' if key.revoked_at else 'good':7}  {key.issuer}  {key.label}")


@apps.command()
@click.argument("program_id")
@click.argument("key_id")
def revoke(program_id: str, key_id: str) -> None:
    """Take an app's word no longer."""
    ready()
    with transaction() as session:
        key = identification.revoke_app_key(session, program_id, key_id)
    click.echo(f"Tokens of {key.issuer} that are signed with this key open nothing any more.")
