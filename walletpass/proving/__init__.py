"""A guest proves a phone number, and gets back the card that was on it.

A join makes a new guest with an empty card, whether or not the number is known. Whoever then types the code that was sent to
the number has it: where they proved it before, the new card goes up in the one that they have. Where nobody did, the number is
theirs from now on, with the welcome points, which there are once for each number, and with what stood on it unproved: those
cards go up in theirs, and end. Nothing that is shown before the code depends on what is known.

Verbs: `ask`, `prove`, `standing`, `current`.
"""

from walletpass.proving.number import Standing, ask, current, prove, standing

__all__ = ["Standing", "ask", "current", "prove", "standing"]
