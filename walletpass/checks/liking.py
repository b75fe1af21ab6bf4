"""How much a guest likes something: every order counts, and half as much after each `HALF_LIFE`.

The weighted count is kept as its binary logarithm in half-lives since 1970, so time alone changes nothing in it: an order that is one
half-life younger weighs twice as much, which adds one to its logarithm.
"""

import math
from datetime import datetime, timedelta

HALF_LIFE = timedelta(days=90)
# Ranks that differ by less say the same: a billionth of an order.
SAME = 1e-9


def rank(quantity: int, at: datetime) -> float:
    """Of ``quantity`` orders at one time."""
    return at.timestamp() / HALF_LIFE.total_seconds() + math.log2(quantity)


def more(before: float, quantity: int, at: datetime) -> float:
    """The rank after another order, which may lie before those that were counted."""
    high, low = sorted((before, rank(quantity, at)), reverse=True)
    return high + math.log1p(2 ** (low - high)) / math.log(2)
