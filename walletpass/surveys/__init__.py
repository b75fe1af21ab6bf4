"""How it was, said by guests: privately to the manager after a visit, or publicly on a review site.

A survey is asked for once per check, on the card's own page, and nobody but the manager reads it. A public review is recorded
and thanked for; whether it is rewarded is a rule of the program, which Google and TripAdvisor forbid.

Verbs: `due`, `newest_visit`, `answered`, `answer`, `summary`, `latest`, `record_review`, `unthanked`, `unthanked_of`, `get_review`, `thank`, `forget`.
"""

from walletpass.surveys.answers import Summary, answer, answered, due, forget, latest, newest_visit, summary
from walletpass.surveys.models import Review, Survey
from walletpass.surveys.reviews import get_review, record_review, thank, unthanked, unthanked_of

__all__ = [
    "Review",
    "Summary",
    "Survey",
    "answer",
    "answered",
    "due",
    "forget",
    "get_review",
    "latest",
    "newest_visit",
    "record_review",
    "summary",
    "thank",
    "unthanked",
    "unthanked_of",
]
