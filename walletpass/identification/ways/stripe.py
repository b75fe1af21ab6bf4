from walletpass import cards
from walletpass.identification import carriers
from walletpass.identification.reading import stripe
from walletpass.identification.way import Asked, Identified, Strength


class Stripe:
    """The second track of a plastic card: the number on it was bound to a guest, or is the number of one of our cards."""

    name = "stripe"
    uses_up = False

    def reads(self, text: str) -> bool:
        return bool(stripe(text))

    def find(self, asked: Asked) -> Identified:
        number = stripe(asked.text)
        if cards.is_card_number(number) or cards.is_card_code(number):
            return Identified(cards.find_by_code(asked.session, asked.program.id, number), self.name, Strength.SHOWN)
        return Identified(carriers.opened(asked.session, asked.program.id, "carrier", number), self.name, Strength.SHOWN)
