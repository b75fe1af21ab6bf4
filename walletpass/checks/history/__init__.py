"""Checks of the past, from a file that another system wrote.

A row is one line of a check; rows of one check stand together. What cannot be read is said by its line's number and left out, with the
whole of its check; everything else comes in. A check that is known already is left as it is.

Verbs: `count_rows`, `read` makes checks of a file, `is_known`, `take` brings one in.
"""

from walletpass.checks.history.reading import COLUMNS, MOST_ROWS, Broken, Past, count_rows, read
from walletpass.checks.history.taking import is_known, take

__all__ = ["COLUMNS", "MOST_ROWS", "Broken", "Past", "count_rows", "is_known", "read", "take"]
