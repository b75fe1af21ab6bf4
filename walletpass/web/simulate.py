"""What rules that are not saved would have cost on the checks of the last days, beside today's and beside the other kinds of card."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from flask import Blueprint, render_template, request
from flask_babel import gettext as _
from sqlmodel import Session
from werkzeug.wrappers import Response as BaseResponse

from walletpass import checks, ledger, programs
from walletpass.database import now, reading
from walletpass.ledger import Happened, Outcome, Scheme
from walletpass.programs import Program, Tier
from walletpass.programs.rules import BY_NAME
from walletpass.web import rule_choices, rule_form, rules
from walletpass.web.managing import manager, screen_for_manager
from walletpass.web.rule_form import Filled
from walletpass.web.rule_words import Words
from walletpass.web.till import Place

bp = Blueprint("simulate", __name__)

MONTH, LONGEST = 30, 366
# Of a hundred points guests spend so many, where the program's own books are too young to say.
USUAL_SHARE = 70


@bp.get("/t/<program_id>/rules/simulate")
def screen(program_id: str) -> str | BaseResponse:
    return screen_for_manager(program_id, lambda here: _page(here, None))


@bp.post("/t/<program_id>/rules/simulate")
def tried(program_id: str) -> str | tuple[str, int]:
    """The same with the rules of the form, which are not saved by it."""
    here = manager(program_id)
    with reading() as session:
        program = programs.get(session, program_id)
        filled = rule_form.typed_in(request.form, program, programs.tiers(session, program_id))
    if filled.wrong:
        return rules.page(here, filled), 422
    return _page(here, filled)


@dataclass(frozen=True)
class Asked:
    days: int
    share: int
    since: datetime


def _page(here: Place, filled: Filled | None) -> str:
    with reading() as session:
        program = programs.get(session, here.program.id)
        tiers = tuple(programs.tiers(session, program.id))
        own = ledger.spent_share(session, program.id)
        days = _number("days", MONTH, 1, LONGEST)
        asked = Asked(days, _number("share", USUAL_SHARE if own is None else own, 0, 100), now() - timedelta(days=days))
        tried, its_tiers = (program, tiers) if filled is None else rule_form.candidate(program, filled)
        outcomes = _outcomes(session, program, tiers, tried, its_tiers, asked)
        nobodys = checks.without_guest(session, program.id, asked.since)
        really = ledger.happened(session, program.id, asked.since)
    revenue = outcomes[0][1].revenue + nobodys[1]
    words = Words({name: getattr(program, name) for name in BY_NAME}, program.currency)
    return render_template(
        "simulate.html",
        program=program, venue=here.venue, may_save=here.actor is not None and here.actor.may("rules"), asked=asked, own_share=own,
        form=filled is not None and [(name, value) for name, value in request.form.items(multi=True) if name not in OURS],
        today=_card(program, outcomes[0][1], revenue, outcomes[0][1]),
        schemes=[_card(scheme.program, outcome, revenue, outcomes[0][1]) for scheme, outcome in outcomes[1:]], chosen=tried.kind,
        really=_really(really, words, revenue), guests=outcomes[0][1].checks, nobodys=nobodys[0], revenue=words.money(revenue), longest=LONGEST,
    )  # fmt: skip


# What this page asks for itself; the rest of its form are the rules, which travel along.
OURS = {"csrf_token", "action", "days", "share", "lang"}


def _number(name: str, usual: int, least: int, most: int) -> int:
    text = request.values.get(name, "")
    return min(most, max(least, int(text))) if text.isascii() and text.isdigit() and len(text) < 5 else usual


def _outcomes(
    session: Session, program: Program, tiers: tuple[Tier, ...], tried: Program, its_tiers: tuple[Tier, ...], asked: Asked
) -> list[tuple[Scheme, Outcome]]:
    """Today's rules first, then the tried ones as each kind of card."""
    kinds = [Program(**{**tried.model_dump(), "kind": kind}) for kind in BY_NAME["kind"].choices]
    schemes = [Scheme(program, tiers, asked.share), *(Scheme(one, its_tiers, asked.share) for one in kinds)]
    counted = [scheme.program.tier_days for scheme in schemes if scheme.program.tier_by != "none" and scheme.tiers]
    begins = asked.since - timedelta(days=min(LONGEST, max(counted))) if counted else asked.since
    named = {word for one in (program, tried) for word in (*one.no_earn_categories, *one.no_redeem_categories, *one.stamp_categories)}
    history = checks.past(session, program.id, begins, program.point_value, named)
    return list(zip(schemes, ledger.simulate(schemes, history, asked.since), strict=True))


def _card(program: Program, outcome: Outcome, revenue: int, today: Outcome) -> dict[str, Any]:
    """One scheme as the page draws it."""
    words = Words({name: getattr(program, name) for name in BY_NAME}, program.currency)
    rows = []
    if program.kind == "stamps":
        rows = [(_("Stamps given"), words.number(outcome.issued)), (_("Full cards"), words.number(outcome.rewards))]
    elif program.kind != "discount":
        issued = words.points(outcome.issued) if program.kind == "cashback" else words.number(outcome.issued)
        rows = [(_("Cashback given") if program.kind == "cashback" else _("Points given"), issued)]
    if program.kind == "discount":
        rows.append((_("Taken off checks"), words.money(outcome.discount)))
    else:
        rows += [(_("Worth of all of it"), words.money(outcome.worth)), (_("Guests would take"), words.money(outcome.spent))]
    rows.append((_("Beside today’s rules"), _signed(words, outcome.cost - today.cost)))
    return {
        "kind": program.kind,
        "title": rule_choices.choices()["kind"][program.kind][0],
        "cost": words.money(outcome.cost),
        "share": _percent(words, outcome.cost, revenue),
        "rows": rows,
        "empty": program.kind == "discount" and not outcome.discount,
    }


def _signed(words: Words, minor: int) -> str:
    return f"+{words.money(minor)}" if minor > 0 else words.money(minor) if minor else str(_("the same"))


def _percent(words: Words, part: int, whole: int) -> str:
    """Of the revenue, with one decimal, rounded half up."""
    return words.number(Decimal((2000 * part + whole) // (2 * whole)) / 10) if whole else "0"


def _really(really: Happened, words: Words, revenue: int) -> dict[str, Any]:
    value = words.values["point_value"] if words.values["kind"] == "points" else 1
    spent = 0 if words.values["kind"] == "stamps" else really.spent * value
    return {
        "cost": words.money(spent),
        "share": _percent(words, spent, revenue),
        "rows": [
            (_("Given for checks"), words.points(really.earned)),
            (_("Spent by guests"), words.points(really.spent)),
        ],
    }
