"""All offline deeds on one ticket, done as far as they can be."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from walletpass import cards
from walletpass.coatcheck import checking_in, claims, hooks, judging, rooms, steps, telling, tickets
from walletpass.coatcheck.checking_in import Wanted
from walletpass.coatcheck.counter import Counter, at_the_counter
from walletpass.coatcheck.hand import Hand
from walletpass.coatcheck.kinds import HERE, STANDING, How, State
from walletpass.coatcheck.models import CoatItem, Hook, OfflineDeed, Ticket
from walletpass.errors import Malformed
from walletpass.events import Kind


def lock_cards(session: Session, program_id: str, ticket_id: str) -> None:
    """The cards that deeds on this ticket name, before everything else."""
    named = {deed.body["card"] for deed in judging.deeds_of(session, program_id, ticket_id)} - {""}
    for card_id in sorted(named):
        session.refresh(cards.get(session, program_id, card_id), with_for_update=True)


@dataclass
class Playing:
    """A ticket that was heard of: everything is looked at anew, and doing it again changes nothing."""

    session: Session
    ticket: Ticket
    hand: Hand

    def play(self) -> None:
        lock_cards(self.session, self.ticket.program_id, self.ticket.id)
        with at_the_counter(self.session, self.ticket, self.hand) as counter:
            self.counter = counter
            self.deeds = [
                deed
                for deed in judging.deeds_of(self.session, self.ticket.program_id, self.ticket.id)
                if deed.cloakroom_id == self.ticket.cloakroom_id
            ]
            self._name_the_ticket()
            for number, deed in sorted(judging.owners(self.deeds).items()):
                self._take_in(number, deed)
            counter.things = tickets.items(self.session, self.ticket)
            self._end("hand_back", HERE, State.RETURNED, Kind.COAT_RETURNED)
            self._end("keep", STANDING, State.KEPT, Kind.COAT_KEPT)
            self._date()

    def _name_the_ticket(self) -> None:
        """Whose it is says the first check-in; a ticket that was made at the server knows better."""
        first = next((deed for deed in self.deeds if deed.kind == "check_in"), None)
        if first is not None and self.ticket.offline and all(item.deed for item in self.counter.things):
            before = self.ticket.card_id
            self.ticket.card_id, self.ticket.code = first.body["card"] or None, first.body["code"]
            self.ticket.description, self.ticket.opened_at = first.body["description"], first.at
            self.session.add(self.ticket)
            self.session.flush()
            if before and before != self.ticket.card_id:
                telling.tell_card(self.session, cards.get(self.session, self.ticket.program_id, before))

    def _take_in(self, number: int, deed: OfflineDeed) -> None:
        """A thing as the first deed that gave it this number describes it."""
        said = next(one for one in deed.body["items"] if one["number"] == number)
        item = next((one for one in self.counter.things if one.number == number), None)
        if item is None:
            self._hang(number, deed, said)
        elif item.deed and item.deed != deed.key:
            self._correct(item, deed, said)

    def _hang(self, number: int, deed: OfflineDeed, said: dict[str, Any]) -> None:
        if self.ticket.state != "open":
            # A second open ticket of this card may stand beside it, as beside any that was made offline.
            self.ticket.state, self.ticket.closed_at, self.ticket.offline = "open", None, True
            self.session.add(self.ticket)
            self.session.flush()
        price = rooms.prices(self.session, deed.program_id).get(said["kind"], 0)
        wanted = Wanted(said["kind"], said["hook"], said["description"])
        item = CoatItem(
            program_id=deed.program_id,
            ticket_id=deed.ticket_id,
            number=number,
            cloakroom_id=deed.cloakroom_id,
            hung_at=deed.at,
            deed=deed.key,
            confirmed=False,
        )
        where = self._where(item, deed, said)
        item = checking_in.hang(
            self.session,
            self.ticket,
            number,
            wanted,
            None,
            price,
            self._by(deed),
            self.counter.shift,
            deed=deed.key,
            confirmed=False,
            **where,
        )
        telling.happened(self.session, Kind.COAT_HUNG, self.ticket, self._by(deed), [item])

    def _where(self, item: CoatItem, deed: OfflineDeed, said: dict[str, Any]) -> dict[str, str | None]:
        """What went home in the meantime takes nobody's hook."""
        hook = self._hook(said["hook"])
        gone = any(judging.taken_by(self.deeds, kind, item) for kind in ("hand_back", "keep"))
        if hook is None or gone:
            return {"hook_id": None, "claim_id": None}
        return claims.place(self.session, item, hook, self._by(deed), self.counter.shift)

    def _correct(self, item: CoatItem, deed: OfflineDeed, said: dict[str, Any]) -> None:
        freed = item.hook_id
        self._step(item, deed, kind=said["kind"], description=said["description"], hung_at=deed.at, hook_label=said["hook"], deed=deed.key)
        if item.state == State.HUNG and not item.confirmed:
            self._step(item, deed, hook_id=None, claim_id=None)
            if freed:
                hooks.let_go(self.session, item.program_id, [freed])
                claims.fill(self.session, item.program_id, [freed], self.hand, self.counter.shift)
            self._step(item, deed, **self._where(item, deed, said))

    def _step(self, item: CoatItem, by: OfflineDeed, /, **values: Any) -> None:
        if item.state == State.HUNG:
            steps.step(self.session, item, State.HUNG, self._by(by), self.counter.shift, **values)
        else:
            for name, value in values.items():
                setattr(item, name, value)
            self.session.add(item)
            self.session.flush()

    def _end(self, kind: str, states: Sequence[State], became: State, told: Kind) -> None:
        for item in self.counter.things:
            deed = judging.taken_by(self.deeds, kind, item)
            if deed is not None and item.state in states:
                self._at(deed).end([item], became, where=deed.body["where"])
                telling.happened(self.session, told, self.ticket, self._by(deed), [item])

    def _date(self) -> None:
        """When a thing went, and where it is kept, says the first deed that did it, also when that one was heard last."""
        for item in self.counter.things:
            kind = {State.RETURNED: "hand_back", State.KEPT: "keep"}.get(State(item.state), "")
            deed = judging.taken_by(self.deeds, kind, item) if kind else None
            if deed is not None and steps.last(self.session, item).how == How.REPLAY:
                item.ended_at, item.kept_where = deed.at, deed.body["where"]
                self.session.add(item)
        self.session.flush()

    def _hook(self, label: str) -> Hook | None:
        room = rooms.get(self.session, self.ticket.program_id, self.ticket.cloakroom_id)
        try:
            return rooms.hook(self.session, room, label) if label else None
        except Malformed:
            return None

    def _by(self, deed: OfflineDeed) -> Hand:
        return Hand(deed.staff_id, deed.till_id, self.hand.source, How.REPLAY, deed.at)

    def _at(self, deed: OfflineDeed) -> Counter:
        return Counter(self.session, self.ticket, self.counter.things, self._by(deed), self.counter.shift)
