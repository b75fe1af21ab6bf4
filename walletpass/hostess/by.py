from dataclasses import dataclass


@dataclass(frozen=True)
class By:
    """Who did it: a person at a till. Both are empty where a system says so."""

    staff_id: str = ""
    till_id: str = ""


NOBODY = By()
