"""`walletpass programs rules` and `tiers`: what a restaurant's rules are, and the steps of its tiers."""

from collections.abc import Iterable
from typing import Any

import click

from walletpass import programs as room
from walletpass.cli.setup import ready
from walletpass.database import reading, transaction
from walletpass.errors import Malformed
from walletpass.programs import Step, money, typed
from walletpass.programs.rules import BY_NAME, GROUPS

TITLES = {
    "kind": "Kind of card", "earns": "What earns", "pays": "What points pay", "time": "When they can be spent, and how long",
    "back": "What goes back", "tiers": "Tiers", "else": "Points for something else", "limits": "Limits", "known": "Who is known", "coats": "Coats",
}  # fmt: skip


def given(rules: Iterable[str], currency: str) -> dict[str, Any]:
    """The values of ``name=value`` words. Raises Malformed for a rule or a value that is none."""
    values = {}
    for word in rules:
        name, sign, text = word.partition("=")
        rule = BY_NAME.get(name.strip())
        if rule is None or not sign:
            raise Malformed(f"There is no rule {name.strip()!r}. `walletpass programs rules` lists them; write one as name=value.")
        values[rule.name] = typed.read(rule, text, currency)
    return values


@click.command()
@click.argument("id")
@click.option("--changes", is_flag=True, help="Who changed them, the newest first")
def rules(id: str, changes: bool) -> None:
    """Every rule of a restaurant: its name, its value, what it is without being set, and what it means."""
    ready()
    with reading() as session:
        program = room.get(session, id)
        steps = room.tiers(session, id)
        told = room.changes(session, id, 100) if changes else []
    for change in told:
        click.echo(f"{change.at:%Y-%m-%d %H:%M} {change.name}: {change.old!r} -> {change.new!r} ({change.staff_id or 'command'})")
    if changes:
        return
    for group in GROUPS:
        click.secho(TITLES[group], bold=True)
        for rule in (rule for rule in room.RULES if rule.group == group):
            value = typed.write(rule, getattr(program, rule.name), program.currency)
            usual = typed.write(rule, rule.default, program.currency)
            said, aside = f"  {rule.name}={value}", "" if value == usual else f" (usually {usual or 'none'})"
            click.echo(f"{said:40} {rule.says}{aside}")
        if group == "tiers":
            for step in steps:
                click.echo(
                    f"    {_said(step.position, room.Step(step.name, step.threshold, step.earn_bps, step.discount_percent), program)}"
                )


def _said(place: int, step: Step, program: room.Program) -> str:
    from_ = money.write(step.threshold, money.decimals(program.currency) if program.tier_by == "spend" else 0)
    return f"{place}. {step.name}:{from_}:{money.write(step.earn_bps, 2, short=True)}:{step.discount_percent}"


@click.command()
@click.argument("id")
@click.argument("steps", nargs=-1, metavar="[NAME:FROM:RATE:DISCOUNT]...")
def tiers(id: str, steps: tuple[str, ...]) -> None:
    """The steps of a restaurant's tiers, from the lowest up: a name, the spend or visits it begins at, the rate of points and the
    discount in percent. Without steps there are none."""
    ready()
    with transaction() as session:
        program = room.lock(session, id)
        places = money.decimals(program.currency) if program.tier_by == "spend" else 0
        new = room.set_tiers(session, program, [_step(text, places) for text in steps])
    click.echo(f"{program.name}: {len(steps)} {'step' if len(steps) == 1 else 'steps'}, {'changed' if new else 'as before'}.")


def _step(text: str, places: int) -> Step:
    name, *rest = text.split(":")
    read = [money.read(part, decimals) for part, decimals in zip(rest, (places, 2, 0), strict=False)]
    if len(rest) != 3 or None in read:
        raise Malformed(f"A step is written name:from:rate:discount, like Gold:500.00:15:5, not {text!r}.")
    from_, rate, discount = (number or 0 for number in read)
    return Step(name.strip(), from_, rate, discount)
