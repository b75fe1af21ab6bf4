from sqlmodel import select

from tests.cast import make_app
from walletpass import cards, database
from walletpass.apple import DeviceDelivery, proofs
from walletpass.database import now

TYPE = "pass.example.luna"


class Phones:
    """Ana's card and whoever holds it."""

    def __init__(self, house):
        self.house = house
        self.client = make_app().test_client()
        self.api = {"Authorization": f"Bearer {house.api_key}"}

    @property
    def path(self):
        return f"/apple/v1/passes/{TYPE}/{self.house.ana.serial_number}"

    def card(self):
        with database.reading() as session:
            return cards.get(session, "luna", self.house.ana.id)

    def show(self, points):
        with database.transaction() as session:
            cards.show(session, cards.get(session, "luna", self.house.ana.id), points=points)

    def head(self):
        with database.reading():
            return {"Authorization": f"ApplePass {cards.authentication_token(self.house.ana)}"}

    def register(self, device, push="t1"):
        path = f"/apple/v1/devices/{device}/registrations/{TYPE}/{self.house.ana.serial_number}"
        assert self.client.post(path, json={"pushToken": push}, headers=self.head()).status_code in (200, 201)

    def leave(self, device):
        self.client.delete(f"/apple/v1/devices/{device}/registrations/{TYPE}/{self.house.ana.serial_number}", headers=self.head())

    def ask(self, device, tag=""):
        return self.client.get(f"/apple/v1/devices/{device}/registrations/{TYPE}", query_string={"passesUpdatedSince": tag} if tag else {})

    def fetch(self, method="GET", **headers):
        """Read to its end, as a phone does."""
        return self.client.open(self.path, method=method, headers={**self.head(), **headers}, buffered=True)

    def push(self, *devices):
        card = self.card()
        with database.transaction() as session:
            rows = [
                {"program_id": "luna", "card_id": card.id, "device_id": one, "sent_version": card.version, "sent_at": now(), "apns_id": "x"}
                for one in devices
            ]
            proofs.note_sent(session, rows)

    def told(self):
        return self.client.get(f"/api/v1/cards/{self.house.ana.id}/delivery", headers=self.api).get_json()

    def rows(self):
        with database.reading() as session:
            return {row.device_id: row for row in session.exec(select(DeviceDelivery)).all()}
