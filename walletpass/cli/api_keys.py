"""`walletpass programs api-key ...`: who else may call the API, for what, and until when."""

from datetime import timedelta

import click

from walletpass import programs, staff
from walletpass.cli.setup import ready
from walletpass.database import now, reading, transaction
from walletpass.errors import Malformed
from walletpass.staff import EVERYDAY, SCOPES


@click.command("api-key")
@click.argument("program_id")
@click.option("--label", default="integration", show_default=True, help="What it is for, as the list says")
@click.option(
    "--scope", "scopes", multiple=True, type=click.Choice(SCOPES), help=f"May be given several times; without it: {', '.join(EVERYDAY)}"
)
@click.option("--venue", default="", help="The name of the venue whose deeds it sends; all of them when left out")
@click.option("--days", type=click.IntRange(1, 3650), default=None, help="How long it works; for ever when left out")
def api_key(program_id: str, label: str, scopes: tuple[str, ...], venue: str, days: int | None) -> None:
    """Make an API key. It is shown once."""
    ready()
    with transaction() as session:
        programs.get(session, program_id)
        places = {place.name: place.id for place in programs.venues(session, program_id)}
        if venue and venue not in places:
            raise Malformed(f"There is no venue {venue!r} here, but {', '.join(sorted(places)) or 'none at all'}.")
        key = staff.make_api_key(
            session,
            program_id,
            label,
            scopes=scopes or EVERYDAY,
            venue_id=places.get(venue, ""),
            expires_at=now() + timedelta(days=days) if days else None,
        )
    click.echo(key)


@click.command("api-keys")
@click.argument("program_id")
def api_keys(program_id: str) -> None:
    """Every API key that works, and when it was last used."""
    ready()
    with reading() as session:
        programs.get(session, program_id)
        places = {place.id: place.name for place in programs.venues(session, program_id)}
        for key in staff.api_keys(session, program_id):
            used = f"last used {key.last_used_at:%Y-%m-%d %H}h" if key.last_used_at else "never used"
            ends = f", until {key.expires_at:%Y-%m-%d}" if key.expires_at else ""
            click.echo(f"{key.id}  {key.label:30} {places.get(key.venue_id, 'all venues'):20} {','.join(key.scopes)}  {used}{ends}")


@click.command("api-key-revoke")
@click.argument("program_id")
@click.argument("key_id")
def api_key_revoke(program_id: str, key_id: str) -> None:
    """Take an API key away, by the name that `api-keys` gives it. It opens nothing from now on."""
    ready()
    with transaction() as session:
        programs.get(session, program_id)
        key = staff.revoke_api_key(session, program_id, key_id)
    click.echo(f"{key.label} ({key.id}) is revoked.")
