"""How a check goes, from the quote to a dish that was sent back: what `/api/docs` shows, and a test plays."""

import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Step:
    """One request. Words in capitals stand for ids that an earlier answer has given."""

    title: str
    path: str
    body: dict[str, Any]
    answer: str

    @property
    def curl(self) -> str:
        headers = ["Authorization: Bearer $KEY", "Content-Type: application/json"]
        if self.path != "quote":
            headers.insert(1, "Idempotency-Key: $(uuidgen)")
        said = "".join(f'  -H "{header}" \\\n' for header in headers)
        return f"curl -X POST $BASE/api/v1/{self.path} \\\n{said}  -d '{json.dumps(self.body, ensure_ascii=False)}'"


LINES: list[dict[str, Any]] = [
    {"amount": 2600, "quantity": 2, "category": "pizza", "name": "Margherita"},
    {"amount": 1400, "category": "wine", "name": "Barolo"},
]

STEPS = (
    Step(
        "The guest shows the card while the check is open: what can be paid with points?",
        "quote", {"card": "CARD", "check_id": "T1-0042", "lines": LINES},
        "points, most of them on this check, what it would earn; why_not where nothing can be paid",
    ),
    Step(
        "The guest wants to pay with 500 of them: promise them, so that no other till spends them.",
        "hold", {"card": "CARD", "check_id": "T1-0042", "lines": LINES, "points": 500},
        "hold.id, and hold.expires_at: until then it has to be captured or released",
    ),
    Step(
        "The rest is paid in money: take what was held. A hold that has ended is answered 410: hold again, or take money.",
        "capture", {"hold": "HOLD", "lines": LINES},
        "the entry of -500, and the balance that the card now shows",
    ),
    Step(
        "The check is closed: it earns, but not for the part that points paid.",
        "earn", {"card": "CARD", "check_id": "T1-0042", "lines": LINES},
        "entry.id, which undo and move ask for",
    ),
    Step(
        "The wine is sent back: say what stays. Points go both ways, on every card that had a part in it.",
        "refund", {"check_id": "T1-0042", "lines_left": LINES[:1], "reason": "the wine was corked"},
        "money to pay out, points_back, points_taken, and the balance of each card",
    ),
)  # fmt: skip
