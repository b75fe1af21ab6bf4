"""`walletpass cards`: looking at cards, and rebuilding what they say."""

import click
from sqlmodel import col, select

from walletpass import cards as room
from walletpass import ledger, programs
from walletpass.cards import Card
from walletpass.cli.setup import ready
from walletpass.database import reading, transaction


@click.group()
def cards() -> None:
    """Guests' cards."""


@cards.command()
@click.argument("program_id")
@click.argument("code")
def show(program_id: str, code: str) -> None:
    """One card, by its number, code or id."""
    if room.rotation.is_changing_code(code):
        raise click.UsageError("A code that changes is used up by being read. Give the card's number, which stands under it.")
    ready()
    with reading() as session:
        card = room.find(session, program_id, code)
        balance = ledger.balance(session, program_id, card.id)
    click.echo(f"{card.number}  version {card.version}  shows {card.shown}  wallets {', '.join(card.wallets) or 'none'}")
    click.echo(f"points {balance.points}  pending {balance.pending}  held {balance.held}  debt {balance.debt}")


@cards.command()
@click.argument("program_id")
def rebuild(program_id: str) -> None:
    """Make every card say what the ledger says. What differed is listed and put on its way to the phones."""
    ready()
    with reading() as session:
        programs.get(session, program_id)
        in_use = col(Card.kind) == "card", col(Card.state) == "active"
        ids = session.exec(select(Card.id).where(col(Card.program_id) == program_id, *in_use)).all()
    changed = [card_id for card_id in ids if rebuild_card(program_id, card_id)]
    for card_id in changed:
        click.echo(f"corrected {card_id}")
    click.echo(f"{len(ids)} cards, {len(changed)} corrected.")


@cards.command()
@click.argument("program_id")
@click.argument("code")
@click.confirmation_option(prompt="The card stops working at every till and is greyed on the phone. Go on?")
def void(program_id: str, code: str) -> None:
    """End a card: its code is refused from now on, and its points stay in the books."""
    ready()
    with transaction() as session:
        card = room.find(session, program_id, code)
        room.void(session, card)
    click.echo(f"Card {card.number} is void.")


def rebuild_card(program_id: str, card_id: str) -> bool:
    """True when the card said something else."""
    with transaction() as session:
        card = room.get(session, program_id, card_id)
        return room.show(session, card, points=ledger.balance(session, program_id, card_id).points)
