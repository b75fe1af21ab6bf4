from walletpass import cards
from walletpass.identification.way import Asked, Identified, Strength

LENGTH = 26


class CardId:
    """The card's id, as an earlier answer gave it. It says which card is meant, and that nobody showed it now."""

    name = "id"
    uses_up = False

    def reads(self, text: str) -> bool:
        return len(text) == LENGTH and text.isascii() and text.isalnum()

    def find(self, asked: Asked) -> Identified:
        return Identified(cards.find(asked.session, asked.program.id, asked.text), self.name, Strength.NAMED)
