"""The hostess's board: who is expected, who stands at the door, who sits inside, and one sentence to say.

Whatever sees a guest come sends a signal, and all signals of a visit are one arrival. Bookings and calls are matched to guests by
number or address. The sentence is the first of the owner's occasions that is there and was not said for the same reason before. Nothing here is
sent to the guest's phone.

Verbs: `arrived`, `seat`, `gone`, and for a wrong tap `not_here`, `not_seated`, `not_gone`; of bookings `book`, `change_booking`, `cancel_booking`, `seat_booking`, `get_booking`, `bookings` of a day, `usual`; `call`, `answer_call`; to look at
`board`, `table_view`, `people`, `sentence`; what is written down `done`, `note`, `drop_note`, `manner`; of kept tables `keep_tables`, `release_tables`,
`every_kept`, `tables_kept`, `give_table`, `given`; of the owner's occasions `occasions`, `set_occasions`; `venue_of`, `forget`, `age` (`Ageing` does it by
itself).
"""

from walletpass.hostess.arriving import Arrived, arrived, get, gone, seat
from walletpass.hostess.board import Board, Expected, Here, Ringing, board
from walletpass.hostess.booking import Wish, book, cancel_booking, change_booking, get_booking, seat_booking
from walletpass.hostess.by import By
from walletpass.hostess.calling import answer_call, call
from walletpass.hostess.day import bookings
from walletpass.hostess.forgetting import Ageing, age, forget
from walletpass.hostess.models import (
    VIAS,
    Arrival,
    Booking,
    GuestNote,
    IncomingCall,
    KeptTable,
    Manner,
    Said,
    SentenceRule,
    Signal,
    TableGiven,
)
from walletpass.hostess.noting import done, drop_note, manner, note
from walletpass.hostess.people import Note, People, Person, people
from walletpass.hostess.rules import KINDS, Occasion, occasions, set_occasions
from walletpass.hostess.sentences import Meeting, Sentence, sentence
from walletpass.hostess.signals import Sender
from walletpass.hostess.table_view import Dish, TableView, table_view
from walletpass.hostess.tables import Peak, every_kept, give_table, given, keep_tables, release_tables, tables_kept
from walletpass.hostess.taking_back import not_gone, not_here, not_seated
from walletpass.hostess.usual import Usual, usual
from walletpass.hostess.venues import venue_of

__all__ = [
    "KINDS",
    "VIAS",
    "Ageing",
    "Arrival",
    "Arrived",
    "Board",
    "Booking",
    "By",
    "Dish",
    "Expected",
    "GuestNote",
    "Here",
    "IncomingCall",
    "KeptTable",
    "Manner",
    "Meeting",
    "Note",
    "Occasion",
    "Peak",
    "People",
    "Person",
    "Ringing",
    "Said",
    "Sender",
    "Sentence",
    "SentenceRule",
    "Signal",
    "TableGiven",
    "TableView",
    "Usual",
    "Wish",
    "age",
    "answer_call",
    "arrived",
    "board",
    "book",
    "bookings",
    "call",
    "cancel_booking",
    "change_booking",
    "done",
    "drop_note",
    "every_kept",
    "forget",
    "get",
    "get_booking",
    "give_table",
    "given",
    "gone",
    "keep_tables",
    "manner",
    "not_gone",
    "not_here",
    "not_seated",
    "note",
    "occasions",
    "people",
    "release_tables",
    "seat",
    "seat_booking",
    "sentence",
    "set_occasions",
    "table_view",
    "tables_kept",
    "usual",
    "venue_of",
]
