"""Tonight at the demo's Luna: who has booked, who stands at the door, and what is known of them."""

from collections.abc import Sequence
from datetime import timedelta

from sqlmodel import Session, col, select

from walletpass import hostess, programs, staff, surveys
from walletpass.cards import Card, get
from walletpass.checks import Habit
from walletpass.database import now
from walletpass.guests import Guest
from walletpass.hostess import Wish
from walletpass.ledger import Origin
from walletpass.programs import Program

WORD = "An allergy to nuts. Likes it quiet."


def begin(session: Session, program: Program) -> None:
    """Once a day: a start on the same evening finds it as it was left."""
    day = programs.day_of(program)
    venue = programs.venues(session, program.id)[0]
    regulars = _regulars(session, program.id)
    if session.get(hostess.Booking, (program.id, f"demo-{day}-1")) is not None or len(regulars) < 6:
        return
    if not hostess.every_kept(session, program.id):
        hostess.keep_tables(session, program.id, venue.id, weekdays=range(7), begins=17 * 60, ends=25 * 60, tables=2)
        _known(session, program, regulars)
    moment = now().replace(second=0, microsecond=0)
    for number, (card, minutes, party, place, notes) in enumerate(
        (
            (regulars[0], 20, 2, "4", "By the window, please"),
            (regulars[1], 45, 4, "7", ""),
            (regulars[2], -20, 2, "", ""),
            (None, 75, 3, "", "One of us comes in a wheelchair"),
            (regulars[3], 120, 6, "9", "A birthday"),
        ),
        1,
    ):
        guest = session.get_one(Guest, (program.id, card.guest_id)) if card else None
        name, phone = (guest.name, guest.phone) if guest else ("Iryna Moroz", "+49 151 99000001")
        wish = Wish(moment + timedelta(minutes=minutes), party, name, phone, "", place, notes)
        hostess.book(session, program, venue.id, f"demo-{day}-{number}", wish)
    hostess.arrived(session, program, venue.id, regulars[4], "nfc")
    inside = hostess.arrived(session, program, venue.id, regulars[5], "door", at=moment - timedelta(minutes=40)).arrival
    hostess.seat(session, program, inside.id, "2", _waiter(session, program.id))


def _known(session: Session, program: Program, regulars: Sequence[Card]) -> None:
    hostess.manner(session, regulars[0], vip=True, place="4", say_name="Stress on the second syllable")
    hostess.note(session, regulars[0], WORD)
    hostess.note(session, regulars[4], "The dog comes along: a bowl of water.")
    surveys.record_review(
        session, program, regulars[4], "tripadvisor", "https://tripadvisor.example/luna/1", now() - timedelta(days=12), Origin("system")
    )  # fmt: skip


def _regulars(session: Session, program_id: str) -> Sequence[Card]:
    """The six who come most; of equals always the same ones."""
    most = select(Habit.card_id).where(col(Habit.program_id) == program_id)
    ids = session.exec(most.order_by(col(Habit.visits).desc(), col(Habit.card_id)).limit(6)).all()
    return [get(session, program_id, card_id) for card_id in ids]


def _waiter(session: Session, program_id: str) -> str:
    return next((person.name for person in staff.team(session, program_id) if person.role == "cashier"), "")
