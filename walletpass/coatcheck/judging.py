"""Which of the deeds that were done offline are not as they say: worked out anew from all of them, so that it does not matter in which order they came."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlmodel import Session, col, select

from walletpass import events
from walletpass.coatcheck import tickets
from walletpass.coatcheck.kinds import HERE, How, State
from walletpass.coatcheck.models import Cloakroom, CoatItem, Conflict, OfflineDeed, Step, Ticket
from walletpass.database import now
from walletpass.events import Kind

ITSELF = "by itself"
SENTENCES = {
    "ticket_unknown": "This was given back or kept, and nobody has said yet that it was taken in.",
    "item_unknown": "This ticket has no such thing, as far as we know.",
    "ticket_taken": "This ticket is another guest's, or of another cloakroom.",
    "number_taken": "Two devices gave this number on the ticket to two things.",
    "not_our_code": "The card that was scanned is not one of ours. The thing hangs here without it.",
    "code_taken": "Another open ticket has the same four digits. Ask for what was left before you give it back.",
    "hook_unknown": "There is no such hook. Say where it hangs.",
    "hook_taken": "Something else hangs on this hook, as far as we know. Say where each of them hangs.",
    "already_returned": "This was given back before.",
    "already_ended": "This was lost or disposed of before.",
    "lost_offline": "A device says that this was lost. Look for it once more, then say so here.",
}
Found = set[tuple[str, str, int]]


def rank(deed: OfflineDeed) -> tuple[str, str]:
    """By the time on the devices."""
    return deed.at.isoformat(), deed.key


def deeds_of(session: Session, program_id: str, ticket_id: str) -> list[OfflineDeed]:
    ours = col(OfflineDeed.program_id) == program_id, col(OfflineDeed.ticket_id) == ticket_id
    return sorted(session.exec(select(OfflineDeed).where(*ours)).all(), key=rank)


def covers(deed: OfflineDeed, item: CoatItem) -> bool:
    """A deed on all things of a ticket speaks of those that had been hung by then."""
    numbers = deed.body["items"]
    return item.hung_at <= deed.at if numbers is None else item.number in numbers


def taken_by(deeds: Sequence[OfflineDeed], kind: str, item: CoatItem) -> OfflineDeed | None:
    """The first deed of a kind that speaks of the thing."""
    return next((deed for deed in deeds if deed.kind == kind and covers(deed, item)), None)


def owners(deeds: Sequence[OfflineDeed]) -> dict[int, OfflineDeed]:
    """Which check-in each number of a ticket belongs to: the first that gave it."""
    found: dict[int, OfflineDeed] = {}
    for deed in deeds:
        if deed.kind == "check_in":
            for one in deed.body["items"]:
                found.setdefault(one["number"], deed)
    return found


def judge(session: Session, program_id: str, ticket_id: str) -> None:
    """List what is wrong with the offline deeds on a ticket, and take off the list what is not wrong any more."""
    deeds = deeds_of(session, program_id, ticket_id)
    if not deeds:
        return
    ticket = session.get(Ticket, (program_id, ticket_id))
    found = _Judge(session, deeds, ticket).verdict() if ticket else {(deed.key, "ticket_unknown", 0) for deed in deeds}
    _write(session, deeds, found)


def judge_code(session: Session, ticket: Ticket) -> None:
    """A ticket with four digits was opened or closed: others that have the same ones may be right or wrong by it."""
    if ticket.code:
        room = session.get_one(Cloakroom, (ticket.program_id, ticket.cloakroom_id))
        for other in tickets.open_of_code(session, room, ticket.code):
            if other.id != ticket.id and other.offline:
                judge(session, other.program_id, other.id)


@dataclass
class _Judge:
    session: Session
    deeds: Sequence[OfflineDeed]
    ticket: Ticket
    found: Found = field(default_factory=set)

    def verdict(self) -> Found:
        self.items = {item.number: item for item in tickets.items(self.session, self.ticket)}
        self.at_the_server = self._returned_at_the_server()
        self.numbers = owners(self.deeds)
        for deed in self.deeds:
            if deed.cloakroom_id != self.ticket.cloakroom_id:
                self._list(deed, "ticket_taken")
            elif deed.kind == "check_in":
                self._check_in(deed)
            else:
                self._end(deed)
        return self.found

    def _check_in(self, deed: OfflineDeed) -> None:
        if deed.body["fault"]:
            self._list(deed, deed.body["fault"])
        elif deed.body["card"] != (self.ticket.card_id or "") or deed.body["code"] != self.ticket.code:
            self._list(deed, "ticket_taken")
        if self._code_is_double() and self.ticket.offline:
            self._list(deed, "code_taken")
        for number in (one["number"] for one in deed.body["items"]):
            item = self.items.get(number)
            if item is None:
                # Heard a moment ago, and hung in a moment: then it is judged again.
                continue
            if item.deed != deed.key:
                self._list(deed, "number_taken", number)
            elif item.claim_id:
                self._list(deed, "hook_taken", number)
            elif item.state == State.HUNG and not item.hook_id:
                self._list(deed, "hook_unknown", number)

    def _end(self, deed: OfflineDeed) -> None:
        for number in sorted(set(deed.body["items"] or ()) - self.items.keys()):
            self._list(deed, "item_unknown", number)
        for item in self.items.values():
            if covers(deed, item) and (code := self._wrong(deed, item)):
                self._list(deed, code, item.number)

    def _wrong(self, deed: OfflineDeed, item: CoatItem) -> str:
        if deed.kind == "lose":
            return "lost_offline" if item.state in HERE else ("already_returned" if item.state == State.RETURNED else "")
        if item.state in (State.LOST, State.DISPOSED):
            return "already_ended"
        if item.state == State.RETURNED:
            first = taken_by(self.deeds, "hand_back", item)
            before = first is not None and (rank(first) < rank(deed))
            return "already_returned" if item.number in self.at_the_server or before else ""
        return ""

    def _code_is_double(self) -> bool:
        if not self.ticket.code or self.ticket.state != "open":
            return False
        room = self.session.get_one(Cloakroom, (self.ticket.program_id, self.ticket.cloakroom_id))
        return tickets.open_of_code(self.session, room, self.ticket.code)[0].id != self.ticket.id

    def _returned_at_the_server(self) -> set[int]:
        ours = col(Step.program_id) == self.ticket.program_id, col(Step.ticket_id) == self.ticket.id
        given = select(Step.number).where(*ours, col(Step.became) == State.RETURNED, col(Step.how) != How.REPLAY)
        return set(self.session.exec(given).all())

    def _list(self, deed: OfflineDeed, code: str, number: int = 0) -> None:
        self.found.add((deed.key, code, number))


def _write(session: Session, deeds: Sequence[OfflineDeed], found: Found) -> None:
    by_key = {deed.key: deed for deed in deeds}
    program_id, ticket_id = deeds[0].program_id, deeds[0].ticket_id
    ours = col(Conflict.program_id) == program_id, col(Conflict.ticket_id) == ticket_id
    listed = {(one.key, one.code, one.number): one for one in session.exec(select(Conflict).where(*ours)).all()}
    for place in listed.keys() - found:
        if listed[place].settled_at is None:
            listed[place].settled_at, listed[place].settled_how = now(), ITSELF
    for place in found & listed.keys():
        # What a person has settled stays settled.
        if listed[place].settled_how == ITSELF:
            listed[place].settled_at, listed[place].settled_how = None, ""
    session.add_all(listed.values())
    for key, code, number in sorted(found - listed.keys()):
        deed = by_key[key]
        session.add(
            Conflict(
                program_id=program_id, key=key, code=code, number=number, cloakroom_id=deed.cloakroom_id, ticket_id=deed.ticket_id
            )
        )  # fmt: skip
        events.happened(session, program_id, Kind.COAT_CONFLICT, staff_id=deed.staff_id, data={"ticket": deed.ticket_id, "code": code})
    session.flush()
