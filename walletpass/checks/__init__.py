"""What was ordered and paid: visits, the average check, the last visit.

Verbs: `record`, `take_back`, `summary`.
"""

from walletpass.checks.models import Check
from walletpass.checks.visits import Summary, record, summary, take_back

__all__ = ["Check", "Summary", "record", "summary", "take_back"]
