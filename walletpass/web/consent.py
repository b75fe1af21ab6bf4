"""The text a guest agrees to. A changed text is a new version: the proof of consent names it."""

from flask_babel import gettext as _

from walletpass.guests import ConsentGiven
from walletpass.programs import Program

VERSION = "2026-11"
PURPOSE = "loyalty card"


def text(program: Program) -> str:
    sentence: str = _(
        "I agree that %(program)s keeps my name, phone number and visits for this loyalty card, and may change the card on my phone. "
        "I can withdraw at any time by asking the staff.",
        program=program.name,
    )
    return sentence


def given(program: Program, language: str) -> ConsentGiven:
    return ConsentGiven(PURPOSE, VERSION, language, text(program))
