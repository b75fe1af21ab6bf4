"""The guest base as a whole: who comes in, by which door, and who is forgotten.

Every door - the form on the web, the API, paper, a file - makes a guest and a card by the same verb. A file is looked at, rehearsed and then
let in a few lines at a time, by whoever finds the job; a killed import goes on behind its last line.

Verbs: `join`, `admit`, `card_of`, `cards_of`, `find`, `change`, `erase`, `csv_rows`, `ndjson_rows`, `invite`, `link`; of files: `look` and those of
`jobs`, `faults_of` a line; `Importer` works at them.
"""

from walletpass.guestbook import inviting, jobs
from walletpass.guestbook.changing import change
from walletpass.guestbook.columns import FIELDS, checked
from walletpass.guestbook.encodings import CHOICES
from walletpass.guestbook.erasing import erase
from walletpass.guestbook.faults import KNOWN, REASONS, Fault, faults_of
from walletpass.guestbook.importer import Importer, claim, work
from walletpass.guestbook.inviting import invite, link
from walletpass.guestbook.joining import Application, Member, admit, card_of, cards_of, find, join
from walletpass.guestbook.lines import DELIMITERS
from walletpass.guestbook.looking import LARGEST, Look, all_records, look, top
from walletpass.guestbook.models import ImportJob, ImportPiece, ImportRefusal, OldNumber, Stage
from walletpass.guestbook.sifting import Counts, Refusal, Seen, batches, sift
from walletpass.guestbook.telling import check_program, csv_rows, ndjson_rows
from walletpass.guestbook.values import MOST_POINTS, Plan

__all__ = [
    "CHOICES",
    "DELIMITERS",
    "FIELDS",
    "KNOWN",
    "LARGEST",
    "MOST_POINTS",
    "REASONS",
    "Application",
    "Counts",
    "Fault",
    "ImportJob",
    "ImportPiece",
    "ImportRefusal",
    "Importer",
    "Look",
    "Member",
    "OldNumber",
    "Plan",
    "Refusal",
    "Seen",
    "Stage",
    "admit",
    "all_records",
    "batches",
    "card_of",
    "cards_of",
    "change",
    "check_program",
    "checked",
    "claim",
    "csv_rows",
    "erase",
    "faults_of",
    "find",
    "invite",
    "inviting",
    "jobs",
    "join",
    "link",
    "look",
    "ndjson_rows",
    "sift",
    "top",
    "work",
]
